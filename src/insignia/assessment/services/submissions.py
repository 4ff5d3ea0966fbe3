"""A learner starts, hands in, takes back and revises."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction

from insignia.achievements.rules import content_from_json
from insignia.assessment.errors import AlreadyMet, NothingToHandIn, NotOpen, SubmissionIncomplete
from insignia.assessment.models import Assignment, Attempt, Decision, EvidenceItem, Submission
from insignia.assessment.pieces import Piece, snapshot_hash, submission_gaps
from insignia.assessment.rules import (
    Move,
    State,
    carried_from_criteria,
    carried_from_json,
    carried_to_json,
    pseudonym,
    takes_work,
)
from insignia.assessment.selectors.evidence import authorship_of, snapshot_pieces
from insignia.assessment.services.moves import (
    attempt_latest,
    audit_submission,
    draft_locked,
    own_locked,
    submission_move,
)
from insignia.assessment.services.notices import notify_waiting
from insignia.audit.actor import Actor
from insignia.foundation.localized import localized_pick

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.achievements.models import AchievementVersion

CODE_TRIES = 20
GAP_SENTENCES = {
    "evidence-missing": "Add a file, a link or a few sentences for this.",
    "authorship-missing": "Say who made this work.",
}

GAP_NAMES = {"evidence-missing": "a piece of evidence", "authorship-missing": "who made this work"}
"""What a gap is called that is no requirement of the badge's own."""


@transaction.atomic
def submission_start(*, version: AchievementVersion, learner: Person, at: datetime) -> Submission:
    """Open a draft towards a published badge version; the learner's live one is given back if there is one.

    Raises:
        NotOpen: the version is a draft or retired.
        NothingToHandIn: it is given without work, or there is nothing that work could be judged by.
        AlreadyMet: the learner has met this version.
    """
    if (live := _live(version, learner)) is not None:
        return live
    if version.state != "published":
        raise NotOpen("This version takes no new work. Look in the catalogue for the current one.")
    _require_takes_work(version)
    try:
        with transaction.atomic():
            submission = Submission.objects.create(
                organization_id=version.organization_id,
                version=version,
                learner=learner,
                code=_free_code(version.organization_id),
                started_at=at,
                updated_at=at,
            )
    except IntegrityError:
        if (live := _live(version, learner)) is None:
            raise
        return live  # the same button, pressed twice at once
    Attempt.objects.create(submission=submission, number=1, opened_at=at)
    audit_submission(submission, "submission.started", actor=Actor.person(learner), at=at)
    return submission


@transaction.atomic
def submission_submit(*, submission_id: UUID, learner: Person, at: datetime) -> Attempt:
    """Hand the draft in: from now on this attempt is a snapshot that its hash covers.

    Raises:
        SubmissionNotFound: no such work of theirs.
        IllegalMove: it is no draft (so the second press of the button says so).
        NothingToHandIn: it was begun when such badges still took work.
        SubmissionIncomplete: `fields` names what is missing, by requirement id.
    """
    submission, attempt = draft_locked(submission_id, learner)
    _require_takes_work(submission.version)
    _require_complete(submission, attempt)
    attempt.content_hash = submission.version.content_hash
    attempt.submitted_at = at
    attempt.snapshot_sha256 = snapshot_hash(
        attempt_id=str(attempt.public_id),
        content_hash=attempt.content_hash,
        authorship_sha256=attempt.authorship_sha256,
        carried=carried_from_json(attempt.carried),
        pieces=snapshot_pieces(attempt),
    )
    attempt.save(update_fields=["content_hash", "submitted_at", "snapshot_sha256"])
    facts = {"attempt": attempt.number, "snapshot": attempt.snapshot_sha256}
    submission_move(submission, Move.SUBMIT, actor=Actor.person(learner), at=at, new=facts)
    notify_waiting(submission, at)
    return attempt


@transaction.atomic
def submission_withdraw(*, submission_id: UUID, learner: Person, at: datetime) -> Submission:
    """Take undecided work back for good; an assessor who holds it loses it.

    Raises:
        SubmissionNotFound: no such work of theirs.
        IllegalMove: it was decided or withdrawn before.
    """
    submission = own_locked(submission_id, learner)
    submission_move(submission, Move.WITHDRAW, actor=Actor.person(learner), at=at)
    Assignment.objects.filter(
        attempt__submission=submission, released_at__isnull=True, locked_at__isnull=True
    ).update(released_at=at)
    return submission


@transaction.atomic
def revision_open(*, submission_id: UUID, learner: Person, at: datetime) -> Attempt:
    """Open the next attempt: evidence comes along, criteria that were met stay met and are not judged again.

    Raises:
        SubmissionNotFound: no such work of theirs.
        IllegalMove: only work that was returned, almost or not yet is revised.
    """
    submission = own_locked(submission_id, learner)
    submission_move(submission, Move.REVISE, actor=Actor.person(learner), at=at)
    before = attempt_latest(submission)
    attempt = Attempt.objects.create(
        submission=submission,
        number=before.number + 1,
        opened_at=at,
        carried=_carried_after(before),
        sealed_authorship=before.sealed_authorship,
        authorship_sha256=before.authorship_sha256,
        authorship_version=before.authorship_version,
    )
    EvidenceItem.objects.bulk_create([_again(item, attempt) for item in before.evidence.order_by("id")])
    return attempt


def _live(version: AchievementVersion, learner: Person) -> Submission | None:
    live = Submission.objects.filter(version=version, learner=learner).exclude(state=State.WITHDRAWN).first()
    if live is not None and live.state == State.MET:
        raise AlreadyMet("You have met this badge already. It is under My badges.", submission=str(live.public_id))
    return live


def _require_takes_work(version: AchievementVersion) -> None:
    if not takes_work(content_from_json(version.content), version.credential_class):
        raise NothingToHandIn("Nothing is handed in for this badge: the organization gives it by itself.")


def _free_code(organization_id: int) -> str:
    for _ in range(CODE_TRIES):
        code = pseudonym(secrets.token_bytes(5))
        if not Submission.objects.filter(organization_id=organization_id, code=code).exists():
            return code
    return secrets.token_hex(6)  # millions of works later: longer, still nobody's name


def _require_complete(submission: Submission, attempt: Attempt) -> None:
    pieces = [Piece(item.requirement_id, item.kind, item.byte_size) for item in attempt.evidence.all()]
    requirements = content_from_json(submission.version.content).requirements
    gaps = submission_gaps(requirements, pieces, authorship_of(attempt, submission.learner.data_key))
    if not gaps:
        return
    names = [
        localized_pick(gap.name, submission.learner.language) if gap.name else GAP_NAMES[gap.code] for gap in gaps
    ]
    raise SubmissionIncomplete(
        f"Still missing: {', '.join(names)}.",
        fields={gap.requirement_id: GAP_SENTENCES[gap.code] for gap in gaps},
        gaps=gaps,
    )


def _carried_after(before: Attempt) -> dict[str, dict[str, object]]:
    decision = Decision.objects.filter(attempt=before).first()
    if decision is None:  # returned unjudged
        return dict(before.carried)
    return carried_to_json(carried_from_criteria(decision.criteria))


def _again(item: EvidenceItem, attempt: Attempt) -> EvidenceItem:
    kept = (
        "requirement_id position kind sealed_body sealed_name file_digest media_type byte_size sha256 "
        "shared_digest shared_sha256 shared_size copy_problem added_at updated_at"
    )
    return EvidenceItem(attempt=attempt, **{name: getattr(item, name) for name in kept.split()})
