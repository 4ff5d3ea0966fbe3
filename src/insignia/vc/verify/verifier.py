"""The verifier: bytes, a moment, sources and a policy in; a report out. It never raises for a bad badge.

1. readable: the bytes are one JSON object, or one compact token, within the limits
2. context: the JSON-LD contexts are known and in order; older standards end here, by name
3. terms: every word is defined by a context, so that a signature can cover it
4. types, dates: the shape and the moments that the data model asks for
5. proof: how it is secured, in a form that we know
6. key, controller: the key is found, belongs to the issuer and is listed for signing credentials
7. signature: it fits document and key; each one, when there are several
8. expiry: the moment lies within the validity
9. status: only now are lists fetched, verified as credentials themselves, and read
10. issuer trust, schema, evidence, image, endorsements: informative
11. the policy adds the required checks up to the verdict
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.errors import VcError
from insignia.vc.limits import parse_object
from insignia.vc.proofs import vc_jwt
from insignia.vc.verify.checks import endorsements, evidence, image, issuer_trust, readable, schema, status
from insignia.vc.verify.core import CORE, Step, run_core, run_steps
from insignia.vc.verify.policy import Policy
from insignia.vc.verify.reading import summary
from insignia.vc.verify.report import CheckResult, CredentialSummary, Outcome, Report
from insignia.vc.verify.subject import Subject

if TYPE_CHECKING:
    from insignia.vc.verify.sources import Sources

READABLE = readable.CHECK
INFORMATIVE = (
    Step(issuer_trust.CHECK, issuer_trust.check, needs=("controller", "signature")),
    Step(schema.CHECK, schema.check, needs=("context",)),
    Step(evidence.CHECK, evidence.check),
    Step(image.CHECK, image.check),
    Step(endorsements.CHECK, endorsements.check),
)
STATUS_NEEDS = ("controller", "signature")
CHECK_IDS = (
    READABLE.check_id,
    *(step.check.check_id for step in CORE),
    *(f"status.{purpose}" for purpose in status.SHOWN),
    *(step.check.check_id for step in INFORMATIVE),
)
"""Every check that each report has, in order; a foreign status purpose may add one more."""
NOBODY = CredentialSummary(id=None, name=None, issuer=None)


def verify(document_bytes: bytes, *, at: datetime, sources: Sources, policy: Policy | None = None) -> Report:
    """Verify a JSON credential with embedded proofs. Every finding is in the report; nothing is raised."""
    policy = policy or Policy.default()
    try:
        document = parse_object(document_bytes, limits=policy.limits)
    except VcError as error:
        return _not_readable(READABLE.of_error(error), policy)
    return _judged(Subject(document, None, at, sources, policy, document_bytes))


def verify_jwt(token: str, *, at: datetime, sources: Sources, policy: Policy | None = None) -> Report:
    """Verify a credential secured as compact token (VC-JWT). Every finding is in the report; nothing is raised."""
    policy = policy or Policy.default()
    try:
        parsed = vc_jwt.parse(token, policy.limits)
    except VcError as error:
        return _not_readable(READABLE.of_error(error), policy)
    return _judged(Subject(parsed.document, parsed, at, sources, policy))


def unreadable(code: str, message: str, *, policy: Policy | None = None) -> Report:
    """Report input that is no credential in any form we read: INVALID by `readable`."""
    return _not_readable(READABLE.failed(code, message), policy or Policy.default())


def unjudged(code: str, message: str, *, policy: Policy | None = None) -> Report:
    """Report input that we do not judge, because it is too large or of another standard: UNDETERMINED."""
    return _not_readable(READABLE.undetermined(code, message), policy or Policy.default())


def _not_readable(result: CheckResult, policy: Policy) -> Report:
    steps = (*(step.check for step in CORE), *(status.CHECKS[name] for name in status.SHOWN))
    others = (*steps, *(step.check for step in INFORMATIVE))
    skipped = tuple(
        check.skipped("Not checked, because the input cannot be read.", "not-reached") for check in others
    )
    checks = (result, *skipped)
    return Report(policy.verdict(checks), checks, NOBODY)


def _judged(subject: Subject) -> Report:
    read = readable.check(subject.document, subject.policy.limits)
    if read.outcome is not Outcome.PASSED:
        return _not_readable(read, subject.policy)
    core = run_core(subject)
    found: Mapping[str, CheckResult] = core | _status(subject, core)
    results = run_steps(INFORMATIVE, subject, found)
    checks = (read, *results.values())
    return Report(subject.policy.verdict(checks), checks, summary(subject.document), subject.document)


def _status(subject: Subject, core: Mapping[str, CheckResult]) -> dict[str, CheckResult]:
    for name in STATUS_NEEDS:
        if core[name].outcome is not Outcome.PASSED:
            return status.not_reached(subject, name)
    return status.check_all(subject)
