"""The story of an award, from frozen rows: what was asked, what was shown, how it was judged, what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from insignia.achievements.rules import AchievementContent, content_from_json
from insignia.assessment.selectors import decision_by_id, evidence_of_decision
from insignia.awards.models import AwardChange
from insignia.awards.rules import EvidencePiece, Sight, evidence_listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from insignia.awards.selectors import AwardView
    from insignia.foundation.localized import Localized

ASSESSOR = "assessor"


@dataclass(frozen=True)
class ShownItem:
    """One item of a piece of evidence: what it is, never what it says. Sizes in bytes, hash over the content."""

    public_id: UUID
    kind: str
    media_type: str
    byte_size: int
    sha256: str


@dataclass(frozen=True)
class ShownEvidence:
    """One piece of evidence. `items` is empty unless the viewer may see it."""

    number: int
    name: Localized
    genre: str
    is_shared: bool
    items: tuple[ShownItem, ...]


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
    shown: tuple[ShownEvidence, ...]
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
    award, decision = view.award, decision_by_id(view.award.origin_id)
    content = content_from_json(award.version.content)
    return AwardStory(
        asked=content,
        shown=_shown(view, content, evidence_of_decision(decision)),
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


def _shown(view: AwardView, content: AchievementContent, items: Iterable[Any]) -> tuple[ShownEvidence, ...]:
    held = list(items)
    answered = frozenset(item.requirement_id for item in held)
    pieces = evidence_listed(content, answered=answered, language=content.language)
    return tuple(_piece(view, content, piece, held) for piece in pieces)


def _piece(view: AwardView, content: AchievementContent, piece: EvidencePiece, held: list[Any]) -> ShownEvidence:
    shared = bool(view.award.evidence_visibility.get(str(piece.number)))
    open_to_viewer = shared or view.sight in {Sight.LEARNER, Sight.ISSUER}
    items = [_item(item) for item in held if item.requirement_id == piece.requirement_id] if open_to_viewer else []
    name = content.requirement(piece.requirement_id).name
    return ShownEvidence(piece.number, name, piece.genre, shared, tuple(items))


def _item(item: Any) -> ShownItem:  # noqa: ANN401  - a row of another domain, read by its columns
    return ShownItem(item.public_id, item.kind, item.media_type, item.byte_size, item.sha256)


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
