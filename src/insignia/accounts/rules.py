"""Ages, from plain dates."""

from __future__ import annotations

from datetime import date

ADULT_YEARS = 18
OLDEST_YEARS = 125


def age_on(born_on: date, on: date) -> int:
    """Count full years; someone born on 29 February has their birthday on 1 March in other years."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def is_minor(born_on: date | None, on: date) -> bool:
    """Say whether the person counts as a minor on that day; an unknown age does."""
    return born_on is None or age_on(born_on, on) < ADULT_YEARS


def is_birth_date(born_on: date, on: date) -> bool:
    """Say whether somebody who acts on that day can have been born then."""
    return born_on <= on and age_on(born_on, on) <= OLDEST_YEARS
