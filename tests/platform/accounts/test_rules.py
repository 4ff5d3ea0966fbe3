from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.accounts.rules import age_on, is_minor


class TestIsMinor:
    def test_counts_an_unknown_age_as_minor(self) -> None:
        assert is_minor(None, date(2026, 1, 1))

    @pytest.mark.parametrize(
        ("born_on", "on", "expected"),
        [
            (date(2008, 5, 14), date(2026, 5, 13), True),
            (date(2008, 5, 14), date(2026, 5, 14), False),
            (date(2008, 2, 29), date(2026, 2, 28), True),
            (date(2008, 2, 29), date(2026, 3, 1), False),
        ],
    )
    def test_changes_on_the_eighteenth_birthday(self, born_on: date, on: date, expected: bool) -> None:
        assert is_minor(born_on, on) is expected

    @given(st.dates(max_value=date(2100, 1, 1)), st.integers(0, 40000))
    def test_age_never_falls_and_adulthood_is_never_lost(self, born_on: date, days: int) -> None:
        later = min(born_on + timedelta(days=days), date(2199, 12, 31))
        assert age_on(born_on, later) <= age_on(born_on, later + timedelta(days=1))
        if not is_minor(born_on, later):
            assert not is_minor(born_on, later + timedelta(days=1))
