"""Does the key belong to the issuer, and does the issuer list it for signing credentials?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.keys import FoundKey
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("controller", "Open Badges 3.0, 8.3; Controlled Identifiers 1.0, 2.3.2")


def check(subject: Subject) -> CheckResult:
    """Check the owner of every proof's key."""
    return CHECK.worst((_one(key) for key in subject.found_keys), none="No key was found.")


def _one(key: FoundKey) -> CheckResult:
    if key.unlisted is None:
        return CHECK.passed("The issuer lists the key for signing credentials.", key=key.method.id)
    if key.unsure:
        return CHECK.undetermined("key-not-vouched", key.unlisted)
    return CHECK.failed("key-not-issuers", key.unlisted)
