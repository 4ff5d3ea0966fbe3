"""Frozen values of Open Badges 3.0: what a credential says, before and after it is JSON."""

from insignia.vc.model.achievement import (
    Achievement,
    Alignment,
    Criteria,
    Related,
    ResultDescription,
    RubricCriterionLevel,
)
from insignia.vc.model.credential import (
    AchievementSubject,
    Credential,
    CredentialSchema,
    CredentialStatus,
    Evidence,
    Result,
)
from insignia.vc.model.profile import IdentifierEntry, IdentityObject, Image, Profile

__all__ = [
    "Achievement",
    "AchievementSubject",
    "Alignment",
    "Credential",
    "CredentialSchema",
    "CredentialStatus",
    "Criteria",
    "Evidence",
    "IdentifierEntry",
    "IdentityObject",
    "Image",
    "Profile",
    "Related",
    "Result",
    "ResultDescription",
    "RubricCriterionLevel",
]
