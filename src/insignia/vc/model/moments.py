"""Moments as documents write them: XML Schema 1.1 dateTimeStamp (VC Data Model 2.0, 4.9), to and from values."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from insignia.vc.errors import MalformedCredential

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)", re.ASCII)
FRACTION = re.compile(r"\.(\d+)", re.ASCII)


def moment_write(at: datetime) -> str:
    """Write an aware moment in UTC and whole seconds, with Z."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def moment_read(text: str) -> datetime:
    """Read a dateTimeStamp; digits beyond microseconds are cut off.

    Raises:
        MalformedCredential: not a date and time with a time zone, or a day that does not exist.
    """
    if not MOMENT.fullmatch(text):
        raise MalformedCredential(f"{text[:40]!r} is not a date and time with a time zone.")
    try:
        moment = datetime.fromisoformat(FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text))
        moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedCredential(f"{text[:40]!r} is not a moment in the calendar.") from error
    return moment
