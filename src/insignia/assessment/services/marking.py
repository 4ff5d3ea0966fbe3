"""An assessor takes the next work, puts it back, or returns it unjudged. Two who ask at once get two works."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from insignia.achievements.rules import content_from_json
from insignia.assessment.errors import (
    EvidenceUnusable,
    IllegalMove,
    LeaseLost,
    LeaseTaken,
    OwnWork,
    QueueEmpty,
    RatingLocked,
    SubmissionNotFound,
)
from insignia.assessment.models import Assignment, Attempt, Rating, Submission
from insignia.assessment.pieces import text_checked
from insignia.assessment.rules import ASSESSOR, Move
from insignia.assessment.selectors.decisions import FEEDBACK_PURPOSE
from insignia.assessment.selectors.learning import RETURN_PURPOSE
from insignia.assessment.selectors.marking import (
    assessing_organizations,
    assignment_held,
    assignment_of,
    waiting_attempts,
)
from insignia.assessment.services.moves import audit_submission, submission_move
from insignia.assessment.services.notices import notify_returned
from insignia.audit.actor import Actor
from insignia.foundation.sealing import seal
from insignia.organizations.errors import RoleMissing
from insignia.organizations.selectors import permission_require

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.foundation.models import DataKey
    from insignia.organizations.models import Organization

LEASE = timedelta(minutes=30)
CANDIDATES = 20


@transaction.atomic
def queue_lease_next(*, assessor: Person, at: datetime, organization: Organization | None = None) -> Assignment:
    """Take the oldest work that waits, for 30 minutes; who holds one already gets that one again.

    Raises:
        QueueEmpty: nothing waits that this person may judge.
        RoleMissing, OrganizationNotFound: no assessor (there).
    """
    allowed = assessing_organizations(assessor, organization)
    if not allowed:
        raise RoleMissing("Only an assessor can do this. Ask an owner for the role.", role=ASSESSOR)
    # One press of the button at a time: two windows of one person get the same work, not two.
    get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=assessor.pk)
    held = assignment_held(assessor=assessor, at=at)
    if held is not None and held.attempt.submission.organization_id in allowed:
        return held
    for attempt in waiting_attempts(assessor, allowed, at).select_related("submission")[:CANDIDATES]:
        try:
            return _lease(attempt.submission.public_id, assessor, at)
        except (LeaseTaken, IllegalMove):
            continue  # somebody was quicker with this one; the next is as good
    raise QueueEmpty("Nothing is waiting for you now.")


def queue_lease(*, submission_id: UUID, assessor: Person, at: datetime) -> Assignment:
    """Take one work of the queue by name, for 30 minutes.

    Raises:
        SubmissionNotFound: no such work where this person judges.
        OwnWork: it is their own.
        LeaseTaken: somebody else holds it. IllegalMove: it does not wait any more.
    """
    return _lease(submission_id, assessor, at)


@transaction.atomic
def assignment_release(*, assignment_id: UUID, assessor: Person, at: datetime) -> Submission:
    """Put a work back into the queue; what was rated so far is kept for its assessor.

    Raises:
        AssignmentNotFound, LeaseLost, RatingLocked: not in their hands.
    """
    assignment = held_locked(assignment_id, assessor)
    submission = assignment.attempt.submission
    Assignment.objects.filter(pk=assignment.pk).update(released_at=at)
    submission_move(submission, Move.RELEASE, actor=Actor.person(assessor), at=at)
    return submission


@transaction.atomic
def submission_return(*, assignment_id: UUID, assessor: Person, note: str, at: datetime) -> Submission:
    """Return a work unjudged, with words for the learner (a link that does not open, a file that cannot be read).

    Raises:
        EvidenceUnusable: no words. TextTooLong: over 64 KiB.
        AssignmentNotFound, LeaseLost, RatingLocked: not in their hands.
    """
    words = text_checked(note, field_name="note")
    if not words:
        raise EvidenceUnusable("Say what the learner should mend.", fields={"note": "Say what to mend."})
    assignment = held_locked(assignment_id, assessor)
    attempt, submission = assignment.attempt, assignment.attempt.submission
    attempt.returned_at = at
    attempt.sealed_return_note = seal(words.encode(), key=submission.learner.data_key, purpose=RETURN_PURPOSE)
    attempt.save(update_fields=["returned_at", "sealed_return_note"])
    Assignment.objects.filter(pk=assignment.pk).update(released_at=at)
    facts = {"attempt": attempt.number}
    submission_move(submission, Move.RETURN, actor=Actor.person(assessor), at=at, new=facts)
    notify_returned(attempt, content_from_json(submission.version.content), at)
    return submission


def held_locked(assignment_id: UUID, assessor: Person) -> Assignment:
    """Load an assessor's assignment with its submission locked, refusing one they no longer hold.

    A lapsed lease that nobody took is still theirs.

    Raises:
        AssignmentNotFound: none of theirs. RatingLocked: decided. LeaseLost: released, withdrawn or taken over.
        OrganizationNotFound, RoleMissing: no assessor there any more.
    """
    submission_id = assignment_of(assessor, assignment_id).attempt.submission_id
    Submission.objects.select_for_update(of=("self",)).get(pk=submission_id)
    assignment = assignment_of(assessor, assignment_id)  # afresh: it may have changed while we waited
    if assignment.locked_at is not None:
        raise RatingLocked("This rating was locked; the decision stands.")
    if assignment.released_at is not None:
        raise LeaseLost("You no longer hold this work: it was withdrawn or went back to the queue.")
    return assignment


@transaction.atomic
def _lease(submission_id: UUID, assessor: Person, at: datetime) -> Assignment:
    submission = _waiting_locked(submission_id, assessor)
    attempt: Attempt = submission.attempts.order_by("-number")[0]
    current = Assignment.objects.filter(attempt=attempt, released_at__isnull=True).first()
    if current is not None and current.assessor_id == assessor.pk and current.locked_at is None:
        Assignment.objects.filter(pk=current.pk).update(leased_until=at + LEASE)
        current.leased_until = at + LEASE
        audit_submission(
            submission, "submission.lease", actor=Actor.person(assessor), at=at, new={"renewed": True}
        )
        return current
    if current is not None and (current.locked_at is not None or current.leased_until > at):
        raise LeaseTaken("Another assessor has this work now. Take the next one.")
    told = {"attempt": attempt.number, "until": (at + LEASE).isoformat()}
    submission_move(submission, Move.LEASE, actor=Actor.person(assessor), at=at, new=told)
    if current is not None:
        Assignment.objects.filter(pk=current.pk).update(released_at=at)
    assignment = Assignment.objects.create(
        attempt=attempt,
        learner_id=submission.learner_id,
        assessor=assessor,
        leased_at=at,
        leased_until=at + LEASE,
    )
    _rating_begin(assignment, submission.learner.data_key, at)
    return assignment


def _waiting_locked(submission_id: UUID, assessor: Person) -> Submission:
    submission = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("organization", "learner__data_key")
        .filter(public_id=submission_id)
        .first()
    )
    if submission is None:
        raise SubmissionNotFound("There is no such work here.")
    permission_require(person=assessor, organization=submission.organization, role=ASSESSOR)
    if submission.learner_id == assessor.pk:
        raise OwnWork("This is your own work, so someone else judges it.")
    return submission


def _rating_begin(assignment: Assignment, key: DataKey, at: datetime) -> None:
    """Start an empty rating, or from what the same assessor had rated before the lease lapsed."""
    before = (
        Rating.objects.filter(assignment__attempt=assignment.attempt, assignment__assessor=assignment.assessor)
        .order_by("-saved_at")
        .first()
    )
    Rating.objects.create(
        assignment=assignment,
        levels=before.levels if before else {},
        sealed_feedback=before.sealed_feedback if before else seal(b"{}", key=key, purpose=FEEDBACK_PURPOSE),
        saved_at=at,
    )
