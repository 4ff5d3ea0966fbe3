"""The permanent addresses and the order of slots."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from insignia.issuing.models import LIST_LENGTH, LONGEST_LIST
from insignia.issuing.rules import (
    IssuerAddresses,
    Mark,
    list_is_due,
    mark_gaps,
    marks_missing,
    set_length,
    slot_index,
    slot_indexes,
)
from tests.platform.factories import AT

ISSUER = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
KEY = bytes(range(32))
FROZEN = [14910, 82342, 22530]


class TestSlotOrder:
    def test_gives_every_counter_an_index_of_its_own(self) -> None:
        indexes = {slot_index(counter, key=KEY, length=LIST_LENGTH) for counter in range(LIST_LENGTH)}
        assert indexes == set(range(LIST_LENGTH))

    @given(length=st.integers(1, 700), key=st.binary(min_size=32, max_size=32))
    def test_is_a_permutation_of_any_length(self, length: int, key: bytes) -> None:
        assert sorted(slot_index(number, key=key, length=length) for number in range(length)) == list(
            range(length)
        )

    def test_gives_no_hint_of_the_order(self) -> None:
        neighbours = [slot_index(counter, key=KEY, length=LIST_LENGTH) for counter in range(2000)]
        rising = sum(one < other for one, other in pairwise(neighbours))
        assert 900 < rising < 1100
        assert 0.45 < sum(neighbours) / len(neighbours) / LIST_LENGTH < 0.55

    def test_never_changes_its_answer(self) -> None:
        # frozen: documents signed yesterday hold these
        assert [slot_index(counter, key=KEY, length=LIST_LENGTH) for counter in (0, 1, 131_071)] == FROZEN

    @given(start=st.integers(0, 130_000), count=st.integers(0, 300))
    def test_gives_a_range_as_it_gives_each(self, start: int, count: int) -> None:
        counters = range(start, start + count)
        each = [slot_index(counter, key=KEY, length=LIST_LENGTH) for counter in counters]
        assert slot_indexes(counters, key=KEY, length=LIST_LENGTH) == each

    def test_is_another_order_under_another_key(self) -> None:
        others = [slot_index(number, key=bytes(32), length=LIST_LENGTH) for number in range(100)]
        assert others != [slot_index(number, key=KEY, length=LIST_LENGTH) for number in range(100)]


class TestSetLength:
    @given(room=st.integers(1, 200_000_000))
    def test_has_the_room_within_the_bounds(self, room: int) -> None:
        length = set_length(room, shortest=LIST_LENGTH, longest=LONGEST_LIST)
        assert LIST_LENGTH <= length <= LONGEST_LIST
        assert length >= min(room, LONGEST_LIST)
        assert length % 8 == 0


class TestIssuerAddresses:
    def test_spells_the_did_path_style_with_the_port_escaped(self) -> None:
        plain = IssuerAddresses("https://badges.example.org", ISSUER)
        assert plain.did == f"did:web:badges.example.org:issuers:{ISSUER}"
        assert IssuerAddresses("http://localhost:8000", ISSUER).did == f"did:web:localhost%3A8000:issuers:{ISSUER}"

    def test_puts_profile_key_and_list_under_the_origin(self) -> None:
        addresses = IssuerAddresses("https://badges.example.org", ISSUER)
        assert addresses.profile == f"https://badges.example.org/issuers/{ISSUER}"
        assert addresses.key(ISSUER) == f"https://badges.example.org/issuers/{ISSUER}/keys/{ISSUER}"
        assert addresses.method(ISSUER) == f"{addresses.did}#{ISSUER}"
        assert addresses.status_list(ISSUER) == f"https://badges.example.org/status/{ISSUER}"


class TestListIsDue:
    def test_until_it_was_published_and_from_half_of_its_life_on(self) -> None:
        until = AT + timedelta(days=90)
        assert list_is_due(published_at=None, valid_until=None, at=AT)
        assert not list_is_due(published_at=AT, valid_until=until, at=AT + timedelta(days=44))
        assert list_is_due(published_at=AT, valid_until=until, at=AT + timedelta(days=45))

    def test_is_due_when_a_clock_ran_ahead_and_not_when_clocks_differ_a_little(self) -> None:
        until = AT + timedelta(days=90)
        assert not list_is_due(published_at=AT, valid_until=until, at=AT - timedelta(minutes=5))
        assert list_is_due(published_at=AT, valid_until=until, at=AT - timedelta(minutes=6))


class TestMarkComparison:
    def test_names_only_counters_that_fell(self) -> None:
        mark = Mark({"a": 5, "b": 2}, {"list": 3})
        assert mark_gaps(mark, Mark({"a": 5, "b": 9}, {"list": 3})) == ()
        assert mark_gaps(mark, Mark({"a": 4, "b": 9}, {"list": 3})) == ("slots reserved in set a: 4, once 5",)
        assert mark_gaps(mark, Mark({"a": 5, "b": 2}, {"list": 2})) == ("publications of list list: 2, once 3",)

    def test_names_counters_the_mark_never_heard_of(self) -> None:
        assert marks_missing(Mark({"a": 5}), Mark({"a": 5, "new": 0})) == ("new",)
        assert marks_missing(Mark({"a": 5}, {"list": 1}), Mark({"a": 5})) == ()

    @given(
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
    )
    def test_merging_never_lowers(self, one: dict[str, int], other: dict[str, int]) -> None:
        merged = Mark(one).merged(Mark(other))
        assert mark_gaps(Mark(one), merged) == mark_gaps(Mark(other), merged) == ()
