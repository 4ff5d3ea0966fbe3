"""Issuing: lint, rehearse, sign. Only what `prepare` rehearsed can be signed."""

from insignia.vc.issue.lint import Finding, lint
from insignia.vc.issue.prepare import PreparedCredential, prepare
from insignia.vc.issue.sign import SignedCredential, check_signed, sign, sign_status_list

__all__ = [
    "Finding",
    "PreparedCredential",
    "SignedCredential",
    "check_signed",
    "lint",
    "prepare",
    "sign",
    "sign_status_list",
]
