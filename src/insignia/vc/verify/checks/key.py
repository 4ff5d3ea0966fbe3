"""Can the key be found, is it of an accepted kind, and was it still good?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.errors import VcError
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.keys import FoundKey
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("key", "Controlled Identifiers 1.0, 3.3")


def check(subject: Subject) -> CheckResult:
    """Check the key of every proof."""
    return CHECK.worst((_one(subject, key) for key in subject.keys), none="No known proof names a key.")


def _one(subject: Subject, key: FoundKey | VcError) -> CheckResult:
    if isinstance(key, VcError):
        return CHECK.of_error(key)
    if key.key.algorithm not in subject.policy.key_algorithms:
        return CHECK.failed("key-refused", f"Keys of kind {key.key.algorithm} are not accepted.")
    try:
        revoked, expires = key.moment("revoked"), key.moment("expires")
    except VcError as error:
        return CHECK.of_error(error)
    # Who holds a stolen key can write any date into a proof, so a revoked key vouches for nothing any more.
    if revoked is not None and revoked <= subject.at:
        return CHECK.failed("key-revoked", f"The issuer revoked the key on {revoked:%Y-%m-%d}.")
    if expires is not None and expires <= subject.at:
        return CHECK.failed("key-expired", f"The key expired on {expires:%Y-%m-%d}.")
    return CHECK.passed(f"The key was found: {key.key.algorithm}.", key=key.method.id)
