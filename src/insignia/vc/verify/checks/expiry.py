"""Is the credential valid at this moment: begun, and not yet over?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.verify.checks.dates import moment_of
from insignia.vc.verify.reading import objects
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("expiry", "VC Data Model 2.0, 4.9")


def check(subject: Subject) -> CheckResult:
    """Compare the moment of the verification with the credential's validity and the proof's."""
    start = moment_of(subject.document.get("validFrom"), "validFrom")
    end = moment_of(subject.document.get("validUntil"), "validUntil")
    if start is not None and subject.at < start:
        return CHECK.failed(
            "not-yet-valid", f"It is valid from {start:%Y-%m-%d %H:%M %Z}.", moment=start.isoformat()
        )
    if end is not None and subject.at > end:
        return CHECK.failed("expired", f"It was valid until {end:%Y-%m-%d %H:%M %Z}.", moment=end.isoformat())
    for proof in objects(subject.document.get("proof")):
        expires = moment_of(proof.get("expires"), "proof.expires")
        if expires is not None and subject.at > expires:
            return CHECK.failed("proof-expired", f"Its proof counted until {expires:%Y-%m-%d %H:%M %Z}.")
    if end is None:
        return CHECK.passed("It does not expire.")
    return CHECK.passed(f"It is valid until {end:%Y-%m-%d %H:%M %Z}.", moment=end.isoformat())
