"""From a badge's data file to the content that authors write, with ids that stay the same at every start."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from insignia.achievements.rules import (
    AchievementContent,
    Assessment,
    AssessmentType,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Field,
    Level,
    Outcome,
    Participation,
    Rubric,
    Supervision,
)

IDS = uuid.UUID("5b9e4c6e-7a1f-5d2c-9a64-3f0d0c3a7e11")
SCALES = {
    3: (("Beginning", "Inicial"), ("Proficient", "Competente"), ("Advanced", "Avanzado")),
    4: (
        ("Beginning", "Inicial"),
        ("Developing", "En desarrollo"),
        ("Proficient", "Competente"),
        ("Advanced", "Avanzado"),
    ),
}
TYPES = {"recognition": None, "knowledge": AssessmentType.EXAM, "application": AssessmentType.ARTIFACT}
PASS_RULE = {
    "en": "Every criterion at its bar or above. A critical criterion cannot be made up for.",
    "es": "Cada criterio en su nivel requerido o por encima. Un criterio crítico no se compensa.",
}
QA_STATEMENT = {
    "en": "The district reviews criteria and rubric every two years and samples one work in ten.",
    "es": "El distrito revisa criterios y rúbrica cada dos años y vuelve a evaluar un trabajo de cada diez.",
}
QUALIFICATION = {
    "en": "Teaches or practises the skill, and has judged five sample works as the district does.",
    "es": "Enseña o ejerce la habilidad y ha evaluado cinco trabajos de muestra como lo hace el distrito.",
}
MODERATION = {
    "en": "One work in ten is judged again by somebody else; differences are talked through.",
    "es": "Otra persona vuelve a evaluar un trabajo de cada diez; las diferencias se hablan.",
}


@dataclass(frozen=True)
class Sheet:
    """One badge of the demo: what the author wrote, whose it is, how it looks, what it aligns to."""

    slug: str
    organization: str
    credential_class: str
    content: AchievementContent
    art: dict[str, str]
    alignment: tuple[str, ...]


@cache
def sheets() -> dict[str, Sheet]:
    """Read every badge of the demo, by slug."""
    folder = files("insignia.demo") / "data" / "badges"
    found = sorted((path for path in folder.iterdir() if path.name.endswith(".json")), key=lambda path: path.name)
    read = (_sheet(path.name.removesuffix(".json"), json.loads(path.read_text("utf-8"))) for path in found)
    return {sheet.slug: sheet for sheet in read}


def alignments(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Pair each framework code with the outcome it belongs to; without outcomes it belongs to the whole badge."""
    outcomes = sheet.content.outcomes
    for place, code in enumerate(sheet.alignment):
        yield code, outcomes[min(place, len(outcomes) - 1)].id if outcomes else ""


def _sheet(slug: str, raw: dict[str, Any]) -> Sheet:
    return Sheet(
        slug=slug,
        organization=raw["organization"],
        credential_class=raw["credential_class"],
        content=_content(slug, raw),
        art=raw["art"],
        alignment=tuple(raw["alignment"]),
    )


def _id(slug: str, *parts: object) -> str:
    return uuid.uuid5(IDS, "/".join([slug, *map(str, parts)])).hex[:12]


def _content(slug: str, raw: dict[str, Any]) -> AchievementContent:
    outcomes = tuple(Outcome(_id(slug, "outcome", n), text) for n, text in enumerate(raw["outcomes"], 1))
    criteria = tuple(_criterion(slug, n, row, outcomes) for n, row in enumerate(raw["rubric"], 1))
    return AchievementContent(
        language="en",
        name=raw["name"],
        description=raw["description"],
        criteria=raw["criteria"],
        achievement_type="MicroCredential" if raw["outcomes"] else "Badge",
        field=Field(raw["field"]),
        tags=tuple(raw["tags"]),
        level=raw["level"],
        outcomes=outcomes,
        rubric=Rubric(raw["name"], criteria) if criteria else Rubric(),
        requirements=tuple(_requirement(slug, n, row) for n, row in enumerate(raw["requirements"], 1)),
        validity_months=raw["validity_months"],
        notional_hours=raw["notional_hours"],
        participation=Participation(raw["participation"]),
        assessment=_assessment(raw["credential_class"]),
        image_alt=raw["image_alt"],
    )


def _criterion(slug: str, number: int, row: dict[str, Any], outcomes: tuple[Outcome, ...]) -> Criterion:
    scale = SCALES[len(row["levels"])]
    levels = tuple(
        Level(_id(slug, "level", number, place), {"en": title[0], "es": title[1]}, text, points=place)
        for place, (title, text) in enumerate(zip(scale, row["levels"], strict=True))
    )
    return Criterion(
        id=_id(slug, "criterion", number),
        outcome_id=outcomes[row["outcome"] - 1].id,
        title=row["title"],
        description=row["description"],
        critical=row["critical"],
        weight=1,
        levels=levels,
        required_level_id=levels[row["required"] - 1].id,
    )


def _requirement(slug: str, number: int, row: dict[str, Any]) -> EvidenceRequirement:
    return EvidenceRequirement(
        id=_id(slug, "requirement", number),
        name=row["name"],
        description=row["description"],
        genre=row["genre"],
        kinds=tuple(EvidenceKind(kind) for kind in row["kinds"]),
        required=row["required"],
    )


def _assessment(credential_class: str) -> Assessment:
    if credential_class == "recognition":
        return Assessment()
    supervised = credential_class == "knowledge"
    return Assessment(
        type=TYPES[credential_class],
        supervision=Supervision.SUPERVISED_IDENTIFIED if supervised else Supervision.UNSUPERVISED,
        pass_rule=PASS_RULE,
        qa_statement=QA_STATEMENT,
        assessor_qualification=QUALIFICATION,
        moderation=MODERATION,
    )
