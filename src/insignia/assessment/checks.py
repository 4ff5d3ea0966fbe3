"""The invariants of assessment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from django.db.models import F, Q

from insignia.assessment.models import Assignment, Attempt, Decision, EvidenceItem
from insignia.assessment.pieces import snapshot_hash
from insignia.assessment.rules import State, carried_from_json
from insignia.assessment.selectors.evidence import authorship_digest, body_digest, snapshot_pieces
from insignia.foundation.checks import Check, Finding
from insignia.foundation.files import file_exists, file_is_intact
from insignia.foundation.sealing import Erased, SealBroken

DECIDED = (State.MET, State.ALMOST, State.NOT_YET)


def _own_work(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - the shape of every check
    for assignment in Assignment.objects.filter(assessor=F("attempt__submission__learner")):
        yield Finding("I15", f"assignment {assignment.public_id}", "the assessor is the learner")
    for decision in Decision.objects.filter(decided_by=F("attempt__submission__learner")):
        yield Finding("I15", f"decision {decision.public_id}", "the learner decided about their own work")


def _files(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - as above
    kept = EvidenceItem.objects.filter(attempt__submission__learner__data_key__destroyed_at__isnull=True)
    rows = kept.exclude(file_digest="").values_list("public_id", "file_digest", "shared_digest")
    judged: dict[str, str] = {"": ""}
    for public_id, *digests in rows.iterator():
        for digest in digests:
            if digest not in judged:
                judged[digest] = _file_problem(digest)
            if judged[digest]:
                yield Finding("I18", f"evidence {public_id}", f"file {digest[:12]} {judged[digest]}")


def _file_problem(digest: str) -> str:
    if not file_exists(digest):
        return "is not on the disk"
    return "" if file_is_intact(digest) else "is not the one that was written"


def _snapshots(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - as above
    rows = Attempt.objects.filter(submitted_at__isnull=False).select_related("submission__learner__data_key")
    for attempt in rows.prefetch_related("evidence").iterator(chunk_size=200):
        for message in chain(_snapshot_problem(attempt), _text_problems(attempt)):
            yield Finding("I18", f"attempt {attempt.public_id}", message)


def _snapshot_problem(attempt: Attempt) -> Iterator[str]:
    now = snapshot_hash(
        attempt_id=str(attempt.public_id),
        content_hash=attempt.content_hash,
        authorship_sha256=attempt.authorship_sha256,
        carried=carried_from_json(attempt.carried),
        pieces=snapshot_pieces(attempt),
    )
    if now != attempt.snapshot_sha256:
        yield "what was handed in is not what its hash covers"


def _text_problems(attempt: Attempt) -> Iterator[str]:
    key = attempt.submission.learner.data_key
    try:
        if authorship_digest(attempt, key) != attempt.authorship_sha256:
            yield "the authorship statement changed after it was handed in"
        for item in attempt.evidence.all():
            if item.sealed_body is not None and body_digest(item, key) != item.sha256:
                yield f"the {item.kind} {item.public_id} changed after it was handed in"
    except Erased:
        return  # erased at the person's request: nothing to compare, as it should be
    except SealBroken as error:
        yield f"sealed bytes do not open: {error.message}"


def _states(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - as above
    decisions = Decision.objects.select_related("attempt__submission")
    for decision in decisions.filter(~Q(outcome=F("attempt__submission__state"))):
        newest = decision.attempt.submission.attempts.order_by("-number")[0]
        if newest.pk == decision.attempt_id:
            state = decision.attempt.submission.state
            yield Finding("I8", f"decision {decision.public_id}", f"says {decision.outcome}, its work is {state}")
    undecided = Attempt.objects.filter(
        submission__state__in=DECIDED, decision__isnull=True, returned_at__isnull=True
    )
    for attempt in undecided.select_related("submission"):
        yield Finding("I8", f"attempt {attempt.public_id}", f"is {attempt.submission.state} without a decision")


CHECKS = (
    Check("I15", "nobody judges their own work", _own_work),
    Check("I18", "every file of evidence is on the disk with its hash", _files),
    Check("I18", "everything handed in is what its hash covers", _snapshots),
    Check("I8", "decisions and states agree", _states),
)
