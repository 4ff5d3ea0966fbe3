"""Rules of achievements: pure functions over frozen values.

content     what a version says                codec       JSON in and out, bounded, and its hash
gaps        what each class asks for           lint        live checks of the words
similarity  near-duplicates                    words       observable and vague verbs, two languages
"""

from __future__ import annotations

from insignia.achievements.rules.codec import content_from_json, content_hash, content_to_json
from insignia.achievements.rules.content import (
    ACHIEVEMENT_TYPES,
    AchievementContent,
    Assessment,
    AssessmentType,
    CredentialClass,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Field,
    Level,
    Outcome,
    Participation,
    Renewal,
    Rubric,
    Supervision,
    content_id,
)
from insignia.achievements.rules.gaps import GAP_SENTENCES, Gap, class_gaps, texts_of
from insignia.achievements.rules.lint import FINDING_SENTENCES, Finding, Severity, content_findings
from insignia.achievements.rules.similarity import ALIKE, DUPLICATE, similarity

__all__ = [
    "ACHIEVEMENT_TYPES",
    "ALIKE",
    "DUPLICATE",
    "FINDING_SENTENCES",
    "GAP_SENTENCES",
    "AchievementContent",
    "Assessment",
    "AssessmentType",
    "CredentialClass",
    "Criterion",
    "EvidenceKind",
    "EvidenceRequirement",
    "Field",
    "Finding",
    "Gap",
    "Level",
    "Outcome",
    "Participation",
    "Renewal",
    "Rubric",
    "Severity",
    "Supervision",
    "class_gaps",
    "content_findings",
    "content_from_json",
    "content_hash",
    "content_id",
    "content_to_json",
    "similarity",
    "texts_of",
]
