"""The story of an award, from frozen rows: what was asked, what was shown, how it was judged, what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from insignia.achievements.rules import AchievementContent, content_from_json
from insignia.assessment.selectors import EvidencePiece, decision_get, evidence_items, evidence_shared
from insignia.awards.decisions import DECISION
from insignia.awards.errors import EvidenceUnknown
from insignia.awards.models import AwardChange
from insignia.awards.rules import EvidenceEntry, Sight, evidence_listed

if TYPE_CHECKING:
    from insignia.assessment.selectors import OpenEvidence
    from insignia.awards.selectors import AwardView
    from insignia.foundation.localized import Localized

RECOGNITION = "recognition"
ASSESSOR = "assessor"
"""Who judged, where a decision stands behind the award. Else it is the kind of origin that says on whose word."""


@dataclass(frozen=True)
class ShownEvidence:
    """One entry of evidence. `pieces` is empty unless the viewer may see it; each knows facts, never words."""

    number: int
    name: Localized
    genre: str
    is_shared: bool
    pieces: tuple[EvidencePiece, ...]


@dataclass(frozen=True)
class JudgedCriterion:
    """The level one criterion reached and the one it needed. Places count from 1, the lowest."""

    title: Localized
    critical: bool
    level_title: Localized
    level_place: int
    required_title: Localized
    required_place: int
    level_count: int
    is_met: bool
    is_carried: bool


@dataclass(frozen=True)
class StoryChange:
    """One change after signing, with the reason its readers are given."""

    kind: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class AwardStory:
    """Everything the page tells, in its order."""

    asked: AchievementContent
    is_recognition: bool
    shown: tuple[ShownEvidence, ...]
    handed_in_at: datetime | None
    judged: tuple[JudgedCriterion, ...]
    judged_by: str
    judged_role: str
    judged_at: datetime
    attempts: int
    signed_at: datetime
    document_number: int
    key_id: UUID
    changes: tuple[StoryChange, ...]


def award_story(view: AwardView) -> AwardStory:
    """Tell the story of an award as this viewer may hear it."""
    content = content_from_json(view.award.version.content)
    return _decided(view, content) if view.award.origin_kind == DECISION else _given(view, content)


def _given(view: AwardView, content: AchievementContent) -> AwardStory:
    """Tell of an award that no assessor's decision made: nothing was handed in here, nobody judged here."""
    return AwardStory(
        asked=content,
        is_recognition=view.award.version.credential_class == RECOGNITION,
        shown=(),
        handed_in_at=None,
        judged=(),
        judged_by="",
        judged_role=view.award.origin_kind,
        judged_at=view.award.awarded_at,
        attempts=0,
        signed_at=view.document.signed_at,
        document_number=view.document.number,
        key_id=view.document.reservation.ed25519_key.public_id,
        changes=_changes(view),
    )


def _decided(view: AwardView, content: AchievementContent) -> AwardStory:
    decision = decision_get(view.award.origin_id)
    return AwardStory(
        asked=content,
        is_recognition=view.award.version.credential_class == RECOGNITION,
        shown=_shown(view, content, evidence_items(decision)),
        handed_in_at=decision.attempt.submitted_at,
        judged=tuple(_judged(content, row) for row in decision.criteria),
        judged_by=decision.decided_by.display_name,
        judged_role=ASSESSOR,
        judged_at=decision.decided_at,
        attempts=decision.attempt.number,
        signed_at=view.document.signed_at,
        document_number=view.document.number,
        key_id=view.document.reservation.ed25519_key.public_id,
        changes=_changes(view),
    )


def _shown(
    view: AwardView, content: AchievementContent, pieces: tuple[EvidencePiece, ...]
) -> tuple[ShownEvidence, ...]:
    answered = frozenset(piece.requirement_id for piece in pieces)
    entries = evidence_listed(content, answered=answered, language=content.language)
    return tuple(_entry(view, content, entry, pieces) for entry in entries)


def _entry(
    view: AwardView, content: AchievementContent, entry: EvidenceEntry, pieces: tuple[EvidencePiece, ...]
) -> ShownEvidence:
    shared = evidence_is_shared(view, entry.number)
    visible = shared or view.sight in {Sight.LEARNER, Sight.ISSUER}
    mine = tuple(piece for piece in pieces if piece.requirement_id == entry.requirement_id) if visible else ()
    name = content.requirement(entry.requirement_id).name
    return ShownEvidence(entry.number, name, entry.genre, shared, mine)


def evidence_is_shared(view: AwardView, number: int) -> bool:
    """Say whether the learner shows this piece to whoever may see the award."""
    return bool(view.award.evidence_visibility.get(str(number)))


def evidence_piece_open(*, view: AwardView, number: int, place: int) -> OpenEvidence:
    """Open one piece of shared evidence: the `place`-th (from 1) of the entry with this number.

    Raises:
        EvidenceUnknown: no such piece, or the learner does not show it.
    """
    if view.award.origin_kind != DECISION:
        raise EvidenceUnknown("Nothing was handed in here for this badge.")
    decision = decision_get(view.award.origin_id)
    content = content_from_json(decision.version.content)
    for piece in evidence_items(decision):
        if piece.number == place and _number(content, piece) == number and evidence_is_shared(view, number):
            return evidence_shared(decision=decision, item_id=piece.public_id, language=content.language)
    raise EvidenceUnknown("There is no such piece of evidence here, or its owner keeps it private.")


def _number(content: AchievementContent, piece: EvidencePiece) -> int:
    return [wanted.id for wanted in content.requirements].index(piece.requirement_id) + 1


def _judged(content: AchievementContent, row: dict[str, Any]) -> JudgedCriterion:
    criterion = content.criterion(row["criterion_id"])
    reached, needed = criterion.position(row["level_id"]), criterion.position(row["required_level_id"])
    return JudgedCriterion(
        title=criterion.title,
        critical=criterion.critical,
        level_title=criterion.levels[reached].title,
        level_place=reached + 1,
        required_title=criterion.levels[needed].title,
        required_place=needed + 1,
        level_count=len(criterion.levels),
        is_met=bool(row["met"]),
        is_carried=bool(row.get("carried")),
    )


def _changes(view: AwardView) -> tuple[StoryChange, ...]:
    rows = AwardChange.objects.filter(award=view.award).order_by("id")
    return tuple(StoryChange(row.kind, row.at, row.reason) for row in rows)
