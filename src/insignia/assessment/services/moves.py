"""What every service here does: load under a lock, move by the table, leave an audit row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F

from insignia.assessment.errors import IllegalMove, SubmissionNotFound
from insignia.assessment.models import Attempt, Submission
from insignia.assessment.rules import STATE_WORDS, Move, State, moved
from insignia.audit.actor import Actor
from insignia.audit.services import audit_record

if TYPE_CHECKING:
    from insignia.accounts.models import Person


def own_locked(submission_id: UUID, learner: Person) -> Submission:
    """Load the learner's submission and keep it locked until the transaction ends.

    Raises:
        SubmissionNotFound: there is none of theirs with this id.
    """
    submission = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("organization", "version", "learner__data_key")
        .filter(public_id=submission_id, learner=learner)
        .first()
    )
    if submission is None:
        raise SubmissionNotFound("There is no such work of yours.")
    return submission


def draft_locked(submission_id: UUID, learner: Person) -> tuple[Submission, Attempt]:
    """Load the learner's draft with its open attempt, locked.

    Raises:
        SubmissionNotFound: there is none of theirs with this id.
        IllegalMove: it is no draft now.
    """
    submission = own_locked(submission_id, learner)
    if submission.state != State.DRAFT:
        words = STATE_WORDS[State(submission.state)]
        raise IllegalMove(f"This work is {words}, so it cannot be changed now.", state=submission.state)
    return submission, submission.attempts.get(submitted_at__isnull=True)


def attempt_latest(submission: Submission) -> Attempt:
    """Give the newest attempt."""
    return submission.attempts.order_by("-number")[0]


def submission_move(
    submission: Submission, move: Move, *, actor: Actor, at: datetime, new: Mapping[str, Any] | None = None
) -> None:
    """Move by the table, by compare and swap, and write the audit row.

    Raises:
        IllegalMove: no such step, or somebody else moved it first.
    """
    old, target = submission.state, moved(submission.state, move)
    unchanged = Submission.objects.filter(pk=submission.pk, state=old, lock_version=submission.lock_version)
    if not unchanged.update(state=target, lock_version=F("lock_version") + 1, updated_at=at):
        raise IllegalMove("This work moved on meanwhile. Load the page again.", state=old, move=str(move))
    submission.state, submission.lock_version, submission.updated_at = target, submission.lock_version + 1, at
    audit_submission(submission, f"submission.{move}", actor=actor, at=at, old={"state": old}, new=new)


def audit_submission(
    submission: Submission,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row about a submission; its state stands in `new`."""
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=("submission", submission.public_id),
        organization_id=submission.organization.public_id,
        old=dict(old or {}),
        new={"state": str(submission.state), **(new or {})},
    )
