"""Verifying: a pure function of bytes, moment, sources and policy to a report of named checks."""

from insignia.vc.verify.known import KnownShapes
from insignia.vc.verify.policy import REQUIRED, Policy
from insignia.vc.verify.report import CheckResult, CredentialSummary, Outcome, Report, Verdict
from insignia.vc.verify.sources import NoStatusLists, Sources, StatusSource
from insignia.vc.verify.verifier import CHECK_IDS, unjudged, unreadable, verify, verify_jwt

__all__ = [
    "CHECK_IDS",
    "REQUIRED",
    "CheckResult",
    "CredentialSummary",
    "KnownShapes",
    "NoStatusLists",
    "Outcome",
    "Policy",
    "Report",
    "Sources",
    "StatusSource",
    "Verdict",
    "unjudged",
    "unreadable",
    "verify",
    "verify_jwt",
]
