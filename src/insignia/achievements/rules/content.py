"""What an achievement version says: frozen values, one per part of the template.

Text that a learner reads is `Localized` ({language: text}). Ids inside the content are short and stable:
they become fragments of the achievement's permanent address (`#criterion-<id>`, `#level-<id>`).
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as value
from enum import StrEnum

from insignia.foundation.ids import new_id
from insignia.foundation.localized import Localized


class CredentialClass(StrEnum):
    """What an award of this achievement proves, which decides what the template must contain."""

    RECOGNITION = "recognition"
    KNOWLEDGE = "knowledge"
    APPLICATION = "application"


class Field(StrEnum):
    """The part of life it belongs to."""

    ACADEMIC = "academic"
    CAREER = "career"
    CIVIC = "civic"


class AssessmentType(StrEnum):
    """How somebody shows it."""

    EXAM = "exam"
    PERFORMANCE = "performance"
    ARTIFACT = "artifact"


class Supervision(StrEnum):
    """Whether somebody watches, and whether they know who they watch."""

    UNSUPERVISED = "unsupervised"
    SUPERVISED = "supervised"
    SUPERVISED_IDENTIFIED = "supervised_identified"


class Participation(StrEnum):
    """Where and how one takes part."""

    ONSITE = "onsite"
    ONLINE = "online"
    BLENDED = "blended"
    WORKPLACE = "workplace"
    VOLUNTEERING = "volunteering"


class Renewal(StrEnum):
    """How a badge that ends is renewed: judged anew, or confirmed by the organization that gave it."""

    REASSESSMENT = "reassessment"
    ATTESTATION = "attestation"


class EvidenceKind(StrEnum):
    """What may be handed in for a requirement."""

    FILE = "file"
    LINK = "link"
    TEXT = "text"


@dataclass(frozen=True)
class Outcome:
    """One thing the earner can do: observable verb, object, condition, standard."""

    id: str
    statement: Localized


@dataclass(frozen=True)
class Level:
    """One level of a criterion. Levels are ordered from low to high."""

    id: str
    title: Localized
    description: Localized
    points: int = 0


@dataclass(frozen=True)
class Criterion:
    """One row of the rubric. A critical one is never "almost" met."""

    id: str
    outcome_id: str
    title: Localized
    description: Localized
    critical: bool
    weight: int
    levels: tuple[Level, ...]
    required_level_id: str

    def position(self, level_id: str) -> int:
        """Give the place of a level, 0 the lowest.

        Raises:
            KeyError: this criterion has no such level.
        """
        for place, level in enumerate(self.levels):
            if level.id == level_id:
                return place
        raise KeyError(level_id)

    @property
    def required_position(self) -> int:
        """Give the place of the required level, 0 the lowest."""
        return self.position(self.required_level_id)


@dataclass(frozen=True)
class Rubric:
    """An analytic rubric in CASE shape: criteria by ordered levels. Without criteria nothing is judged by it."""

    title: Localized = value(default_factory=dict)
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True)
class EvidenceRequirement:
    """One thing to hand in, and in which kinds."""

    id: str
    name: Localized
    description: Localized
    genre: str
    kinds: tuple[EvidenceKind, ...]
    required: bool


@dataclass(frozen=True)
class Assessment:
    """How it is judged, by whom, and how quality is watched."""

    type: AssessmentType | None = None
    supervision: Supervision | None = None
    pass_rule: Localized = value(default_factory=dict)
    qa_statement: Localized = value(default_factory=dict)
    assessor_qualification: Localized = value(default_factory=dict)
    moderation: Localized = value(default_factory=dict)


@dataclass(frozen=True)
class AchievementContent:
    """Everything an author writes about one version.

    `language` is the one signed documents are written in; `level` is 0 to 4 (0 = not stated), drawn as diamonds;
    `criteria` is Markdown without HTML; `notional_hours` are hours of work, `validity_months` months of force.
    Without a `renewal` of its own a badge that ends is judged anew.
    """

    language: str
    name: Localized
    description: Localized
    criteria: Localized
    achievement_type: str
    field: Field
    tags: tuple[str, ...] = ()
    level: int = 0
    outcomes: tuple[Outcome, ...] = ()
    rubric: Rubric = value(default_factory=Rubric)
    requirements: tuple[EvidenceRequirement, ...] = ()
    validity_months: int | None = None
    notional_hours: int | None = None
    participation: Participation | None = None
    assessment: Assessment = value(default_factory=Assessment)
    image_alt: Localized = value(default_factory=dict)
    renewal: Renewal | None = None

    def criterion(self, criterion_id: str) -> Criterion:
        """Find a criterion of the rubric.

        Raises:
            KeyError: there is no such criterion.
        """
        for criterion in self.rubric.criteria:
            if criterion.id == criterion_id:
                return criterion
        raise KeyError(criterion_id)

    def requirement(self, requirement_id: str) -> EvidenceRequirement:
        """Find an evidence requirement.

        Raises:
            KeyError: there is no such requirement.
        """
        for requirement in self.requirements:
            if requirement.id == requirement_id:
                return requirement
        raise KeyError(requirement_id)


ACHIEVEMENT_TYPES = (
    "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree",
    "Award", "Badge", "BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification",
    "CoCurricular", "CommunityService", "Competency", "Course", "Degree", "Diploma",
    "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment", "JourneymanCertificate",
    "LearningProgram", "License", "MasterCertificate", "MasterDegree", "Membership",
    "MicroCredential", "ProfessionalDoctorate", "QualityAssuranceCredential", "ResearchDoctorate",
    "SecondarySchoolDiploma",
)  # fmt: skip
"""The achievementType values of Open Badges 3.0."""


def content_id() -> str:
    """Make a short id for an outcome, criterion, level or requirement."""
    return new_id().hex[-12:]
