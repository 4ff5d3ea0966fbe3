"""Issuing: lint, rehearse, sign. Only what `prepare` rehearsed can be signed."""

from insignia.vc.errors import ShapeUncompilable
from insignia.vc.issue.lint import Finding, lint
from insignia.vc.issue.prepare import prepare
from insignia.vc.issue.prepared import PreparedCredential
from insignia.vc.issue.shape import CredentialShape
from insignia.vc.issue.sign import SignedCredential, assemble, check_signed, sign, sign_status_list

__all__ = [
    "CredentialShape",
    "Finding",
    "PreparedCredential",
    "ShapeUncompilable",
    "SignedCredential",
    "assemble",
    "check_signed",
    "lint",
    "prepare",
    "sign",
    "sign_status_list",
]
