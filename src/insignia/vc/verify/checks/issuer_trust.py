"""Is the issuer one that the verifier trusts?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("issuer-trust", "The verifier's policy")


def check(subject: Subject) -> CheckResult:
    """Look the issuer up among the trusted ones. A stranger is no forger: unknown is undetermined."""
    trusted = subject.policy.trusted_issuers
    if trusted is None:
        return CHECK.skipped("No list of trusted issuers was given.")
    if subject.issuer_id in trusted:
        return CHECK.passed("The issuer is on the list of trusted issuers.")
    return CHECK.undetermined("issuer-unknown", "The issuer is not on the list of trusted issuers.")
