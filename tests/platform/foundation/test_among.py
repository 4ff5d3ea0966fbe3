"""One of many values, as the database compares them."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey, Lease
from tests.examples import examples
from tests.platform.factories import AT

pytestmark = pytest.mark.django_db

STORABLE = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=80)


@pytest.mark.hypothesis
@examples(40)
@given(names=st.lists(STORABLE, min_size=1, max_size=6, unique=True), others=st.lists(STORABLE, max_size=6))
def test_texts_match_letter_by_letter(names: list[str], others: list[str]) -> None:
    """Quotes, braces, commas, backslashes, the word NULL: nothing in a text is taken for a sign of an array."""
    Lease.objects.all().delete()
    Lease.objects.bulk_create(Lease(name=name, holder="somebody", until=AT) for name in names)
    assert found(others) == set(names) & set(others)
    assert found([*names, *others]) == set(names)


@pytest.mark.parametrize("name", ["NULL", "{a,b}", '"', "\\", '\\"', "a,b", "", " ", "'", "%s", "\n"])
def test_signs_of_an_array_are_letters(name: str) -> None:
    Lease.objects.create(name=name, holder="somebody", until=AT)
    Lease.objects.create(name="another", holder="somebody", until=AT)
    assert found([name, "nobody"]) == {name}


def test_a_longer_text_is_another_one() -> None:
    Lease.objects.create(name="x" * 80, holder="somebody", until=AT)
    assert found(["x" * 81]) == set()


def test_numbers_and_ids_match_and_nothing_matches_nothing() -> None:
    keys = [DataKey.objects.create(sealed=b"-", created_at=AT) for _ in range(3)]
    wanted = [keys[0].pk, keys[2].pk, 2**62]
    assert set(DataKey.objects.filter(pk__among=wanted)) == {keys[0], keys[2]}
    ids: list[UUID | None] = [keys[1].public_id, new_id(), None]
    assert list(DataKey.objects.filter(public_id__among=ids)) == [keys[1]]
    assert not DataKey.objects.filter(pk__among=[]).exists()


def found(names: list[str]) -> set[str]:
    return set(Lease.objects.filter(name__among=names).values_list("name", flat=True))
