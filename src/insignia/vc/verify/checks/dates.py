"""Are the dates moments with a time zone, and in order?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.errors import MalformedCredential
from insignia.vc.model.moments import moment_read
from insignia.vc.verify.reading import objects, single
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from datetime import datetime

    from insignia.vc.model.json import Json
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("dates", "VC Data Model 2.0, 4.9")
MEMBERS = ("validFrom", "validUntil", "awardedDate")
PROOF_MEMBERS = ("created", "expires")


def check(subject: Subject) -> CheckResult:
    """Check that every date can be read and that the validity does not end before it begins."""
    document = subject.document
    try:
        start, end, _ = (moment_of(document.get(name), name) for name in MEMBERS)
        for proof in objects(document.get("proof")):
            for name in PROOF_MEMBERS:
                moment_of(proof.get(name), f"proof.{name}")
    except MalformedCredential as error:
        return CHECK.failed("date-malformed", error.message)
    if start is not None and end is not None and end < start:
        return CHECK.failed("dates-reversed", "The credential's validity ends before it begins.")
    return CHECK.passed("Every date is a moment with a time zone.")


def moment_of(value: Json, name: str) -> datetime | None:
    """Read one date, or None when it is absent.

    Raises:
        MalformedCredential: it is there, and no moment with a time zone.
    """
    found = single(value)
    if found is None:
        return None
    if not isinstance(found, str):
        raise MalformedCredential(f"{name} is not text.")
    try:
        return moment_read(found)
    except MalformedCredential as error:
        raise MalformedCredential(f"{name}: {error.message}") from error
