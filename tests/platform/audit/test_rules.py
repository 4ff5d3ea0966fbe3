"""The canonical bytes of an entry, against the library that writes RFC 8785."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from insignia.audit.rules import Facts, entry_bytes
from insignia.foundation.ids import new_id
from tests.platform.factories import AT, SETUP

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
FACTS = st.builds(
    Facts,
    public_id=st.uuids(),
    at=st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  - hypothesis adds the zone
    actor_kind=TEXT,
    actor_id=st.none() | st.uuids(),
    actor_name=TEXT,
    action=TEXT,
    subject_kind=TEXT,
    subject_id=st.uuids(),
    organization_id=st.none() | st.uuids(),
    old=st.dictionaries(TEXT, VALUES, max_size=4),
    new=st.dictionaries(TEXT, VALUES, max_size=4),
    sealed_personal=st.none() | st.binary(),
)


def by_the_library(facts: Facts) -> bytes:
    """Write the facts as the chain has done since its first row."""
    sealed = facts.sealed_personal
    named: dict[str, Any] = {
        "id": str(facts.public_id),
        "at": facts.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "actor": [facts.actor_kind, str(facts.actor_id or ""), facts.actor_name],
        "action": facts.action,
        "subject": [facts.subject_kind, str(facts.subject_id)],
        "organization": str(facts.organization_id or ""),
        "old": facts.old,
        "new": facts.new,
        "personal": "" if sealed is None else hashlib.sha256(sealed).hexdigest(),
    }
    return rfc8785.dumps(named)


class TestEntryBytes:
    @given(FACTS)
    def test_are_what_the_library_writes(self, facts: Facts) -> None:
        assert entry_bytes(facts) == by_the_library(facts)

    @pytest.mark.parametrize("number", [2**53, -(2**53), 10**40])
    def test_refuse_numbers_that_are_not_exact_everywhere(self, number: int) -> None:
        facts = Facts(*by_hand(new={"n": number}))
        with pytest.raises(rfc8785.IntegerDomainError):
            entry_bytes(facts)

    def test_sort_names_as_utf_16_does(self) -> None:
        facts = Facts(*by_hand(new={"\ufb33": 1, "\U0001f600": 2}))
        assert entry_bytes(facts) == by_the_library(facts)


def by_hand(*, new: dict[str, Any]) -> tuple[Any, ...]:
    return (new_id(), AT, SETUP.kind, None, "", "a", "thing", new_id(), None, {}, new, None)
