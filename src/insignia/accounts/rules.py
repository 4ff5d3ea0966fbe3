"""Ages, from plain dates."""

from __future__ import annotations

from datetime import date

ADULT_YEARS = 18


def age_on(born_on: date, on: date) -> int:
    """Count full years; someone born on 29 February has their birthday on 1 March in other years."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def is_minor(born_on: date | None, on: date) -> bool:
    """Say whether the person counts as a minor on that day; an unknown age does."""
    return born_on is None or age_on(born_on, on) < ADULT_YEARS
