"""Does the document have the shape of a verifiable credential, and of the kind of badge it says it is?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from insignia.vc.verify.reading import has_type, id_of, objects, texts, values
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.model.json import JsonObject
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("types", "VC Data Model 2.0, 4.5 to 4.10; Open Badges 3.0, B.1")
BADGES = ("OpenBadgeCredential", "AchievementCredential")
TYPED = ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence")
ACHIEVEMENT_TEXTS = ("name", "description")


def check(subject: Subject) -> CheckResult:
    """Check the members that every credential needs, then those of a badge."""
    missing = next(_faults(subject.document), None)
    if missing is not None:
        return CHECK.failed("types-malformed", missing)
    return CHECK.passed("The document has the shape of its types.", types=list(texts(subject.document["type"])))


def _faults(document: JsonObject) -> Iterator[str]:
    if not has_type(document, "VerifiableCredential"):
        yield "The document's type is not VerifiableCredential."
    if id_of(document.get("issuer")) is None:
        yield "The credential names no issuer."
    subjects = values(document.get("credentialSubject"))
    if not subjects or len(objects(subjects)) != len(subjects) or not all(subjects):
        yield "The credential has no subject."
    for member in TYPED:
        entries = values(document.get(member))
        if any(not isinstance(entry, dict) or not texts(entry.get("type")) for entry in entries):
            yield f"A value of {member} has no type."
    if has_type(document, *BADGES):
        yield from _badge_faults(document)


def _badge_faults(document: JsonObject) -> Iterator[str]:
    for member in ("id", "validFrom"):
        if not isinstance(document.get(member), str):
            yield f"The badge has no {member}."
    for subject in objects(document.get("credentialSubject")):
        if not has_type(subject, "AchievementSubject"):
            yield "The badge's subject is not an AchievementSubject."
        if id_of(subject) is None and not objects(subject.get("identifier")):
            yield "The badge does not say whom it is about."
        if not objects(subject.get("achievement")):
            yield "The badge's subject has no achievement."
        for achievement in objects(subject.get("achievement")):
            yield from _achievement_faults(achievement)


def _achievement_faults(achievement: JsonObject) -> Iterator[str]:
    if not has_type(achievement, "Achievement"):
        yield "The badge's achievement is not an Achievement."
    if id_of(achievement) is None:
        yield "The badge's achievement has no id."
    for member in ACHIEVEMENT_TEXTS:
        if not values(achievement.get(member)):
            yield f"The badge's achievement has no {member}."
    if not objects(achievement.get("criteria")):
        yield "The badge's achievement has no criteria."
