"""What people write into cells: addresses, dates, yes and no."""

from __future__ import annotations

import re
from datetime import date

EMAIL = re.compile(r"[^@\s,;<>\"()\[\]\\\x00-\x20\x7f]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,63}", re.UNICODE)
EMAIL_LONGEST = 254
ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}.*)?")
OTHER_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
WORDS_YES = frozenset(
    {"yes", "y", "true", "1", "x", "pass", "passed", "si", "s", "aprobado", "aprobada", "verdadero"}
)
WORDS_NO = frozenset(
    {"no", "n", "false", "0", "fail", "failed", "not passed", "suspenso", "reprobado", "reprobada", "falso"}
)
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Controls, and what turns the direction of text around: in a name they only mislead."""
LOST = "\ufffd"
"""What stands where a letter could not be read."""


def date_read(cell: str, *, day_first: bool) -> date | None:
    """Read a day as people write one: 2026-05-14, 14/05/2026, 14.5.2026; None when it is none."""
    if found := ISO_DATE.fullmatch(cell):
        year, month, day = (int(part) for part in found.groups())
    elif parts := date_parts(cell):
        day, month = parts if day_first else parts[::-1]
        year = int(cell[-4:])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def date_parts(cell: str) -> tuple[int, int] | None:
    """Give the first two numbers of a date like 03/04/2026, which may be day or month."""
    found = OTHER_DATE.fullmatch(cell)
    return (int(found[1]), int(found[2])) if found else None


def looks_like_date(cell: str) -> bool:
    """Say whether a cell is written like a date."""
    return bool(ISO_DATE.fullmatch(cell) or OTHER_DATE.fullmatch(cell))


def is_address(cell: str) -> bool:
    """Say whether a text can be an e-mail address."""
    return len(cell) <= EMAIL_LONGEST and EMAIL.fullmatch(cell) is not None and ".." not in cell
