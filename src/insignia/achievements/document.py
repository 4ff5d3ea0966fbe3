"""What a version says in Open Badges 3.0: an Achievement whose ids never change (OB 3.0, section B.1.3 and after).

The rubric becomes one result description per criterion, of type RubricCriterionLevel, with the required level;
criteria and levels are fragments of the achievement's own address, so that an award can point at what was reached.
Texts are in the language of the version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from insignia.achievements.models import AchievementAlignment
from insignia.achievements.rules import AchievementContent, Criterion, Level
from insignia.foundation.localized import Localized, localized_pick
from insignia.vc.model import (
    Achievement,
    Alignment,
    Criteria,
    Image,
    Profile,
    Related,
    ResultDescription,
    RubricCriterionLevel,
)

RESULT_TYPE = "RubricCriterionLevel"
TARGET_TYPE = "CFItem"


@dataclass(frozen=True)
class VersionAddress:
    """Where a version lives for ever, and what hangs off it."""

    origin: str
    lineage: UUID
    number: int

    @property
    def id(self) -> str:
        """Spell the achievement's id."""
        return f"{self.origin}/achievements/{self.lineage}/v{self.number}"

    @property
    def image(self) -> str:
        """Spell the address of the version's PNG."""
        return f"{self.id}/image.png"

    def criterion(self, criterion_id: str) -> str:
        """Spell the id of a result description."""
        return f"{self.id}#criterion-{criterion_id}"

    def level(self, level_id: str) -> str:
        """Spell the id of a level."""
        return f"{self.id}#level-{level_id}"

    @property
    def previous(self) -> VersionAddress | None:
        """Name the version before this one, if there is one."""
        return VersionAddress(self.origin, self.lineage, self.number - 1) if self.number > 1 else None


def achievement_document(
    content: AchievementContent,
    *,
    address: VersionAddress,
    alignments: Iterable[AchievementAlignment],
    creator: str,
) -> Achievement:
    """Write the Achievement of one version.

    Args:
        content: what the version says.
        address: where it lives.
        alignments: its alignments with item and framework loaded.
        creator: the issuer's id (a DID); "" leaves the creator out.
    """
    aligned = tuple(alignments)
    return Achievement(
        id=address.id,
        type=("Achievement",),
        name=_said(content.name, content),
        description=_said(content.description, content),
        criteria=Criteria(id=f"{address.id}#criteria", narrative=_said(content.criteria, content)),
        achievement_type=content.achievement_type,
        image=Image(id=address.image, type="Image", caption=_said(content.image_alt, content) or None),
        creator=Profile(id=creator, type=("Profile",)) if creator else None,
        tag=content.tags,
        alignment=_unique(_alignment(row, address) for row in aligned),
        result_description=tuple(_result(row, content, address, aligned) for row in content.rubric.criteria),
        version=str(address.number),
        in_language=content.language,
        related=_related(address, content),
    )


def _said(text: Localized, content: AchievementContent) -> str:
    return localized_pick(text, content.language)


def _related(address: VersionAddress, content: AchievementContent) -> tuple[Related, ...]:
    before = address.previous
    if before is None:
        return ()
    return (Related(id=before.id, type=("Related",), in_language=content.language, version=str(before.number)),)


def _result(
    row: Criterion, content: AchievementContent, address: VersionAddress, aligned: tuple[AchievementAlignment, ...]
) -> ResultDescription:
    own = (alignment for alignment in aligned if alignment.outcome_id and alignment.outcome_id == row.outcome_id)
    return ResultDescription(
        id=address.criterion(row.id),
        type=("ResultDescription",),
        name=_said(row.title, content),
        result_type=RESULT_TYPE,
        alignment=_unique(_alignment(alignment, address) for alignment in own),
        required_level=address.level(row.required_level_id),
        rubric_criterion_level=tuple(_level(level, content, address) for level in row.levels),
    )


def _level(level: Level, content: AchievementContent, address: VersionAddress) -> RubricCriterionLevel:
    return RubricCriterionLevel(
        id=address.level(level.id),
        type=("RubricCriterionLevel",),
        name=_said(level.title, content),
        description=_said(level.description, content) or None,
        points=str(level.points),
    )


def target_facts(row: AchievementAlignment) -> dict[str, str]:
    """Say what an alignment points at: as it was frozen at publication, or as the framework says it now."""
    if row.target is not None:
        frozen: dict[str, str] = row.target
        return frozen
    item = row.item
    return {
        "name": item.abbreviated_statement or item.full_statement,
        "description": item.full_statement if item.abbreviated_statement else "",
        "uri": item.uri if _is_web_address(item.uri) else "",
        "code": item.human_code,
        "framework": item.framework.title,
        "path": f"/frameworks/{item.framework.public_id}/items/{item.public_id}",
    }


def _alignment(row: AchievementAlignment, address: VersionAddress) -> Alignment:
    facts = target_facts(row)
    return Alignment(
        type=("Alignment",),
        target_name=facts["name"],
        target_url=facts["uri"] or address.origin + facts["path"],
        target_code=facts["code"] or None,
        target_description=facts["description"] or None,
        target_framework=facts["framework"],
        target_type=TARGET_TYPE,
    )


def _is_web_address(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _unique(alignments: Iterable[Alignment]) -> tuple[Alignment, ...]:
    """Say each item once, whichever outcomes it is aligned to."""
    return tuple({alignment.target_url: alignment for alignment in alignments}.values())
