"""What assessors see: never a learner's name, address or file names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from insignia.achievements.rules import content_from_json
from insignia.assessment.errors import AssignmentNotFound, LeaseLost
from insignia.assessment.models import Assignment, Attempt, Decision, EvidenceItem, Rating, Submission
from insignia.assessment.pieces import Authorship
from insignia.assessment.rules import (
    ASSESSOR,
    Carried,
    DecisionFacts,
    State,
    carried_from_json,
    decide,
    due_on,
    feedback_missing,
    unrated_criteria,
)
from insignia.assessment.selectors.decisions import feedback_of
from insignia.assessment.selectors.evidence import authorship_of, body_of, opens_for_assessors
from insignia.organizations.errors import RoleMissing
from insignia.organizations.selectors import memberships_of, permission_require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from insignia.accounts.models import Person
    from insignia.achievements.rules import AchievementContent
    from insignia.organizations.models import Organization


@dataclass(frozen=True)
class QueueRow:
    """One work that waits, by its pseudonym. `held` is True for the one the viewer has already."""

    submission_id: UUID
    code: str
    badge: dict[str, str]
    organization: dict[str, str]
    attempt_number: int
    submitted_at: datetime
    due_on: date
    age_days: int
    overdue: bool
    held: bool
    assignment_id: UUID | None


@dataclass(frozen=True)
class MarkingPiece:
    """One piece as an assessor sees it: numbered, named after its requirement; `text` of a text or link.

    `opens` is false for a file that only its learner can open; `copy_problem` is why.
    """

    public_id: UUID
    number: int
    requirement_id: str
    requirement_name: dict[str, str]
    kind: str
    text: str
    media_type: str
    byte_size: int
    copy_problem: str = ""
    opens: bool = True


@dataclass(frozen=True)
class EarlierFeedback:
    """What was said about the attempt before."""

    attempt_number: int
    outcome: str
    texts: dict[str, str]


@dataclass(frozen=True)
class MarkingView:
    """One screen: evidence and rubric side by side. Holds nothing that says whose work it is.

    `to_rate` names the criteria to judge now; those in `carried` stay met.
    """

    assignment_id: UUID
    submission_id: UUID
    code: str
    attempt_number: int
    submitted_at: datetime
    due_on: date
    leased_until: datetime
    content: AchievementContent
    pieces: tuple[MarkingPiece, ...]
    authorship: Authorship | None
    carried: Carried
    to_rate: tuple[str, ...]
    levels: dict[str, str]
    feedback: dict[str, str]
    version: int
    saved_at: datetime
    earlier: EarlierFeedback | None
    organization: dict[str, str]
    time_zone: str
    badge_number: int
    badge_newer: bool


@dataclass(frozen=True)
class RatingPreview:
    """What a rating would amount to if it were locked now; `facts` is None while criteria in `unrated` wait,
    and for a badge without a rubric.

    `silent` names missed criteria that still need a word of feedback.
    """

    marking: MarkingView
    facts: DecisionFacts | None
    unrated: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Say whether it can be locked."""
        return self.facts is not None and not self.silent


def queue_for(*, assessor: Person, at: datetime, organization: Organization | None = None) -> tuple[QueueRow, ...]:
    """List what waits for this assessor, oldest first: nobody's own work, nothing that somebody else holds.

    Raises:
        OrganizationNotFound, RoleMissing: the organization is given and the viewer is no assessor there.
    """
    allowed = assessing_organizations(assessor, organization)
    rows = waiting_attempts(assessor, allowed, at).select_related(
        "submission__version", "submission__organization"
    )
    held = {
        assignment.attempt_id: assignment.public_id
        for assignment in assignments_held(assessor).filter(attempt__submission__organization__in=allowed)
    }
    return tuple(_row(attempt, held.get(attempt.pk), at) for attempt in rows)


def assignment_held(*, assessor: Person, at: datetime) -> Assignment | None:
    """Give the work the assessor holds now (the lease may have lapsed while nobody else took it), if any."""
    held: Assignment | None = assignments_held(assessor).filter(leased_until__gt=at).order_by("leased_at").first()
    return held


def marking_view(*, assessor: Person, assignment_id: UUID) -> MarkingView:
    """Show the leased work with its rubric and what was rated so far.

    Raises:
        AssignmentNotFound: none of the viewer's.
        LeaseLost: the work went back to the queue, was withdrawn, or was decided.
        OrganizationNotFound, RoleMissing: the viewer is no assessor there any more.
    """
    assignment = assignment_of(assessor, assignment_id)
    if assignment.released_at is not None or assignment.locked_at is not None:
        raise LeaseLost("You no longer hold this work. Take the next one from the queue.")
    attempt, submission = assignment.attempt, assignment.attempt.submission
    key = submission.learner.data_key
    content = content_from_json(submission.version.content)
    rating = Rating.objects.get(assignment=assignment)
    carried = carried_from_json(attempt.carried)
    return MarkingView(
        assignment_id=assignment.public_id,
        submission_id=submission.public_id,
        code=submission.code,
        attempt_number=attempt.number,
        submitted_at=_handed_in(attempt),
        due_on=due_on(_handed_in(attempt), submission.organization.time_zone),
        leased_until=assignment.leased_until,
        content=content,
        pieces=_pieces(attempt, content),
        authorship=authorship_of(attempt, key),
        carried=carried,
        to_rate=tuple(c.id for c in content.rubric.criteria if c.id not in carried),
        levels=dict(rating.levels),
        feedback=feedback_of(rating.sealed_feedback, key),
        version=rating.lock_version,
        saved_at=rating.saved_at,
        earlier=_earlier(attempt),
        organization=dict(submission.organization.name),
        time_zone=submission.organization.time_zone,
        badge_number=submission.version.number,
        badge_newer=_is_outdated(submission),
    )


def rating_preview(*, assessor: Person, assignment_id: UUID) -> RatingPreview:
    """Say what the saved rating amounts to, before it is locked.

    Raises:
        AssignmentNotFound, LeaseLost, OrganizationNotFound, RoleMissing: as `marking_view`.
    """
    view = marking_view(assessor=assessor, assignment_id=assignment_id)
    rubric = view.content.rubric
    unrated = unrated_criteria(rubric, view.levels, view.carried)
    facts = None if unrated or not rubric.criteria else decide(rubric, view.levels, view.carried)
    return RatingPreview(view, facts, unrated, feedback_missing(facts, view.feedback) if facts else ())


def assessor_require(person: Person) -> None:
    """Check that somebody judges somewhere.

    Raises:
        RoleMissing: in no organization.
    """
    if not assessing_organizations(person, None):
        raise RoleMissing("Only an assessor can do this. Ask an owner for the role.", role=ASSESSOR)


def assignment_of(assessor: Person, assignment_id: UUID) -> Assignment:
    """Load an assessor's own assignment, checking that they may judge there still.

    Raises:
        AssignmentNotFound: none of theirs.
        OrganizationNotFound, RoleMissing: no assessor there any more.
    """
    assignment = (
        Assignment.objects.select_related(
            "attempt__submission__organization",
            "attempt__submission__version",
            "attempt__submission__learner__data_key",
        )
        .filter(public_id=assignment_id, assessor=assessor)
        .first()
    )
    if assignment is None:
        raise AssignmentNotFound("There is no such work in your hands.")
    organization = assignment.attempt.submission.organization
    permission_require(person=assessor, organization=organization, role=ASSESSOR)
    return assignment


def assessing_organizations(assessor: Person, organization: Organization | None) -> list[int]:
    """Give the ids of the organizations where this person judges (of the one given, after checking it).

    Raises:
        OrganizationNotFound, RoleMissing: the organization is given and the person is no assessor there.
    """
    if organization is not None:
        permission_require(person=assessor, organization=organization, role=ASSESSOR)
        return [organization.pk]
    return [
        membership.organization_id
        for membership in memberships_of(assessor)
        if any(held.role == ASSESSOR for held in membership.roles.all())
    ]


def assignments_held(assessor: Person) -> QuerySet[Assignment]:
    """Give the assessor's assignments that are neither released nor locked."""
    return Assignment.objects.filter(assessor=assessor, released_at__isnull=True, locked_at__isnull=True)


def waiting_attempts(assessor: Person, organizations: Sequence[int], at: datetime) -> QuerySet[Attempt]:
    """Give what this assessor could take now, oldest first: free, lapsed, or theirs already."""
    lapsed = Q(lease_until__lte=at) | Q(lease_until__isnull=True) | Q(lease_by=assessor.pk)
    lease = Assignment.objects.filter(attempt=OuterRef("pk"), released_at__isnull=True)
    free = Q(submission__state=State.SUBMITTED)
    return (
        Attempt.objects.alias(
            lease_until=Subquery(lease.values("leased_until")[:1]),
            lease_by=Subquery(lease.values("assessor")[:1]),
        )
        .filter(
            free | (Q(submission__state=State.IN_REVIEW) & lapsed),
            submission__organization__in=organizations,
            submitted_at__isnull=False,
            returned_at__isnull=True,
            decision__isnull=True,
        )
        .exclude(submission__learner=assessor)
        .order_by("submitted_at", "id")
    )


def _row(attempt: Attempt, assignment_id: UUID | None, at: datetime) -> QueueRow:
    submission: Submission = attempt.submission
    due = due_on(_handed_in(attempt), submission.organization.time_zone)
    return QueueRow(
        submission_id=submission.public_id,
        code=submission.code,
        badge=dict(submission.version.content["name"]),
        organization=dict(submission.organization.name),
        attempt_number=attempt.number,
        submitted_at=_handed_in(attempt),
        due_on=due,
        age_days=(at - _handed_in(attempt)).days,
        overdue=due < due_on(at, submission.organization.time_zone, days=0),
        held=assignment_id is not None,
        assignment_id=assignment_id,
    )


def _is_outdated(submission: Submission) -> bool:
    version = submission.version
    later = type(version).objects.filter(
        achievement=version.achievement_id, state="published", number__gt=version.number
    )
    return later.exists()


def _handed_in(attempt: Attempt) -> datetime:
    if attempt.submitted_at is None:
        raise LeaseLost("This work was not handed in.")
    return attempt.submitted_at


def _pieces(attempt: Attempt, content: AchievementContent) -> tuple[MarkingPiece, ...]:
    order = {requirement.id: place for place, requirement in enumerate(content.requirements)}
    names = {requirement.id: dict(requirement.name) for requirement in content.requirements}
    items = sorted(
        attempt.evidence.filter(byte_size__gt=0),
        key=lambda item: (order.get(item.requirement_id, len(order)), item.position, item.pk),
    )
    key = attempt.submission.learner.data_key
    return tuple(
        MarkingPiece(
            public_id=item.public_id,
            number=number,
            requirement_id=item.requirement_id,
            requirement_name=names.get(item.requirement_id, {}),
            kind=str(item.kind),
            text="" if item.kind == EvidenceItem.Kind.FILE else body_of(item, key),
            media_type=item.media_type,
            byte_size=item.shared_size or item.byte_size,
            copy_problem=item.copy_problem,
            opens=opens_for_assessors(item),
        )
        for number, item in enumerate(items, start=1)
    )


def _earlier(attempt: Attempt) -> EarlierFeedback | None:
    decision = (
        Decision.objects.filter(attempt__submission=attempt.submission, attempt__number__lt=attempt.number)
        .select_related("attempt")
        .order_by("-attempt__number")
        .first()
    )
    if decision is None:
        return None
    key = attempt.submission.learner.data_key
    texts = feedback_of(decision.sealed_feedback, key)
    return EarlierFeedback(decision.attempt.number, str(decision.outcome), texts)
