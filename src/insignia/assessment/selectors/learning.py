"""A learner's own work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.achievements.rules import content_from_json
from insignia.assessment.errors import SubmissionNotFound
from insignia.assessment.models import Attempt, EvidenceItem, Submission
from insignia.assessment.pieces import Authorship, Piece, SubmissionGap, submission_gaps
from insignia.assessment.rules import Carried, State, carried_from_json, due_on
from insignia.assessment.selectors.evidence import authorship_of, body_of, name_of
from insignia.foundation.sealing import unseal

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.achievements.rules import AchievementContent, EvidenceRequirement
    from insignia.foundation.models import DataKey

RETURN_PURPOSE = "return-note"


@dataclass(frozen=True)
class PieceView:
    """A piece as its learner sees it: `text` of a text or link, `name` of a file, its hash for the receipt.

    `copy_problem` says why a file has no copy without metadata; `pieces.COPY_SENTENCES` has the words.
    """

    public_id: UUID
    kind: str
    text: str
    name: str
    media_type: str
    byte_size: int
    sha256: str
    version: int
    copy_problem: str = ""


@dataclass(frozen=True)
class RequirementView:
    """One thing asked for, with what is there; `text_version` goes back with the next autosave (0: none yet)."""

    requirement: EvidenceRequirement
    pieces: tuple[PieceView, ...]
    text: str
    text_version: int


@dataclass(frozen=True)
class SubmissionView:
    """Everything the page of one's own work shows."""

    submission: Submission
    attempt: Attempt
    content: AchievementContent
    requirements: tuple[RequirementView, ...]
    authorship: Authorship | None
    authorship_version: int
    gaps: tuple[SubmissionGap, ...]
    carried: Carried
    return_note: str
    editable: bool


@dataclass(frozen=True)
class WorkRow:
    """One work in the list of one's own: where it stands, and by when it is judged once handed in."""

    submission: Submission
    name: dict[str, str]
    state: str
    attempt_number: int
    submitted_at: datetime | None
    due_on: date | None


@dataclass(frozen=True)
class Receipt:
    """What one attempt handed in, piece by piece, with the hashes that cover it."""

    submission: Submission
    attempt: Attempt
    content: AchievementContent
    requirements: tuple[RequirementView, ...]


def submission_get(*, submission_id: UUID, viewer: Person) -> Submission:
    """Find one's own submission.

    Raises:
        SubmissionNotFound: none of the viewer's.
    """
    submission = (
        Submission.objects.select_related("organization", "version__achievement", "learner__data_key")
        .filter(public_id=submission_id, learner=viewer)
        .first()
    )
    if submission is None:
        raise SubmissionNotFound("There is no such work of yours.")
    return submission


def my_submissions(*, viewer: Person) -> list[Submission]:
    """List one's own work, the newest change first; withdrawn work is left out."""
    return list(
        Submission.objects.select_related("organization", "version__achievement")
        .filter(learner=viewer)
        .exclude(state=State.WITHDRAWN)
        .order_by("-updated_at", "-id")
    )


def my_work(*, viewer: Person) -> tuple[WorkRow, ...]:
    """List one's own work as a page shows it, the newest change first; withdrawn work is left out."""
    rows = my_submissions(viewer=viewer)
    newest: dict[int, Attempt] = {}
    for attempt in Attempt.objects.filter(submission__in=rows).order_by("number"):
        newest[attempt.submission_id] = attempt
    return tuple(_work_row(submission, newest[submission.pk]) for submission in rows)


def submission_receipt(*, submission_id: UUID, number: int, viewer: Person) -> Receipt:
    """Show what one of the viewer's attempts handed in, with the hashes that cover it.

    Raises:
        SubmissionNotFound: none of the viewer's, or this attempt was never handed in.
        Erased: the learner's key was destroyed.
    """
    submission = submission_get(submission_id=submission_id, viewer=viewer)
    attempt = submission.attempts.filter(number=number, submitted_at__isnull=False).first()
    if attempt is None:
        raise SubmissionNotFound("There is no receipt of yours here.")
    content, key = content_from_json(submission.version.content), submission.learner.data_key
    items = list(attempt.evidence.order_by("position", "id"))
    return Receipt(
        submission=submission,
        attempt=attempt,
        content=content,
        requirements=tuple(_requirement(wanted, items, key) for wanted in content.requirements),
    )


def submission_view(*, submission_id: UUID, viewer: Person) -> SubmissionView:
    """Show one's own work with its newest attempt: pieces by requirement, what is missing, what stays met.

    Raises:
        SubmissionNotFound: none of the viewer's.
        Erased: the learner's key was destroyed.
    """
    submission = submission_get(submission_id=submission_id, viewer=viewer)
    attempt = submission.attempts.order_by("-number")[0]
    content = content_from_json(submission.version.content)
    key = submission.learner.data_key
    items = list(attempt.evidence.order_by("position", "id"))
    authorship = authorship_of(attempt, key)
    pieces = [Piece(item.requirement_id, str(item.kind), item.byte_size) for item in items]
    return SubmissionView(
        submission=submission,
        attempt=attempt,
        content=content,
        requirements=tuple(_requirement(wanted, items, key) for wanted in content.requirements),
        authorship=authorship,
        authorship_version=attempt.authorship_version,
        gaps=submission_gaps(content.requirements, pieces, authorship),
        carried=carried_from_json(attempt.carried),
        return_note=return_note_of(attempt, key),
        editable=submission.state == State.DRAFT,
    )


def return_note_of(attempt: Attempt, key: DataKey) -> str:
    """Give the words with which an assessor returned this attempt unjudged, or the one before it."""
    returned = attempt
    if attempt.sealed_return_note is None and attempt.submitted_at is None and attempt.number > 1:
        returned = Attempt.objects.get(submission_id=attempt.submission_id, number=attempt.number - 1)
    if returned.sealed_return_note is None:
        return ""
    return unseal(bytes(returned.sealed_return_note), key=key, purpose=RETURN_PURPOSE).decode()


def _work_row(submission: Submission, attempt: Attempt) -> WorkRow:
    zone = submission.organization.time_zone
    return WorkRow(
        submission=submission,
        name=dict(submission.version.content["name"]),
        state=str(submission.state),
        attempt_number=attempt.number,
        submitted_at=attempt.submitted_at,
        due_on=due_on(attempt.submitted_at, zone) if attempt.submitted_at else None,
    )


def _requirement(wanted: EvidenceRequirement, items: list[EvidenceItem], key: DataKey) -> RequirementView:
    own = [item for item in items if item.requirement_id == wanted.id]
    text = next((item for item in own if item.kind == EvidenceItem.Kind.TEXT), None)
    return RequirementView(
        requirement=wanted,
        pieces=tuple(_piece(item, key) for item in own),
        text=body_of(text, key) if text else "",
        text_version=text.lock_version if text else 0,
    )


def _piece(item: EvidenceItem, key: DataKey) -> PieceView:
    return PieceView(
        public_id=item.public_id,
        kind=str(item.kind),
        text="" if item.kind == EvidenceItem.Kind.FILE else body_of(item, key),
        name=name_of(item, key),
        media_type=item.media_type,
        byte_size=item.byte_size,
        sha256=item.sha256,
        version=item.lock_version,
        copy_problem=item.copy_problem,
    )
