"""What is certified: achievements with criteria, alignment and rubric (Open Badges 3.0, B.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from insignia.vc.model.json import Json
from insignia.vc.model.profile import IdentifierEntry, Image, Profile


@dataclass(frozen=True)
class Criteria:
    """What has to be shown (B.1.9); the narrative is Markdown."""

    id: str | None = None
    narrative: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Alignment:
    """A link to an item of a competency framework (B.1.5)."""

    type: tuple[str, ...]
    target_name: str
    target_url: str
    target_code: str | None = None
    target_description: str | None = None
    target_framework: str | None = None
    target_type: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class RubricCriterionLevel:
    """One level of a rubric's criterion (B.1.24)."""

    id: str
    type: tuple[str, ...]
    name: str
    description: str | None = None
    level: str | None = None
    points: str | None = None
    alignment: tuple[Alignment, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class ResultDescription:
    """A result that an award can have, with the levels it can reach (B.1.23)."""

    id: str
    type: tuple[str, ...]
    name: str
    result_type: str
    required_level: str | None = None
    required_value: str | None = None
    allowed_value: tuple[str, ...] = ()
    rubric_criterion_level: tuple[RubricCriterionLevel, ...] = ()
    value_max: str | None = None
    value_min: str | None = None
    alignment: tuple[Alignment, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Related:
    """Another achievement that belongs to this one (B.1.22)."""

    id: str
    type: tuple[str, ...] = ("Related",)
    in_language: str | None = None
    version: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Achievement:
    """What an award certifies (B.1.1)."""

    id: str
    type: tuple[str, ...]
    name: str
    description: str
    criteria: Criteria
    achievement_type: str | None = None
    image: Image | str | None = None
    creator: Profile | None = None
    alignment: tuple[Alignment, ...] = ()
    result_description: tuple[ResultDescription, ...] = ()
    tag: tuple[str, ...] = ()
    version: str | None = None
    related: tuple[Related, ...] = ()
    in_language: str | None = None
    credits_available: float | None = None
    field_of_study: str | None = None
    human_code: str | None = None
    specialization: str | None = None
    other_identifier: tuple[IdentifierEntry, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)
