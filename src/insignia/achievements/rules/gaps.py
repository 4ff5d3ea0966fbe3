"""What a template of each class must state before it may be published."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from insignia.achievements.rules.content import AchievementContent, AssessmentType, CredentialClass, Criterion
from insignia.foundation.localized import Localized


@dataclass(frozen=True)
class Gap:
    """Something missing: the path of the field and a stable code that pages turn into words."""

    field: str
    message_code: str


GAP_SENTENCES = {
    "name-missing": "Give it a name.",
    "description-missing": "Say in a few sentences what it certifies.",
    "criteria-missing": "Say what somebody must do to earn it.",
    "text-missing-in-language": "Write this in the language of the badge too.",
    "image-missing": "Compose or upload a picture.",
    "image-alt-missing": "Describe the picture for people who do not see it.",
    "outcome-missing": "Add at least one outcome: what can the earner do?",
    "outcome-not-aligned": "Align at least one outcome to an item of a framework.",
    "assessment-type-missing": "Say how it is judged.",
    "assessment-type-unfit": "A knowledge badge is judged by an exam or a performance.",
    "pass-rule-missing": "Say when it counts as met.",
    "supervision-missing": "Say whether somebody supervises the work.",
    "qa-statement-missing": "Say how the quality of this badge is watched.",
    "hours-missing": "Say how many hours it takes, at least 1.",
    "rubric-missing": "Add a rubric: criteria with levels.",
    "outcome-without-criterion": "Add a criterion with a required level for this outcome.",
    "criterion-without-outcome": "Say which outcome this criterion judges.",
    "required-level-missing": "Mark the level that is required.",
    "levels-missing": "A criterion needs at least two levels.",
    "requirement-missing": "Ask for at least one piece of evidence.",
    "requirement-kind-missing": "Say in which kinds this evidence may come.",
    "assessor-qualification-missing": "Say who may judge.",
    "moderation-missing": "Say how judgements are compared.",
}


def class_gaps(
    content: AchievementContent, credential_class: str, *, aligned_outcomes: Collection[str] | None = None
) -> tuple[Gap, ...]:
    """List what this class still asks for; empty means it may be published.

    Recognition asks least, knowledge more, application most: each list contains the one before, except that
    an application may be judged by a product as well. `aligned_outcomes` are ids of aligned outcomes ("" for
    an alignment of the whole); None leaves the alignment out of the question.
    """
    kind = CredentialClass(credential_class)
    gaps = [*_recognition(content), *_rubric_whole(content)]
    if kind is not CredentialClass.RECOGNITION:
        gaps += _assessed(content, kind, aligned_outcomes)
    if kind is CredentialClass.APPLICATION:
        gaps += _application(content)
    return tuple(dict.fromkeys(gaps))


def _recognition(content: AchievementContent) -> Iterator[Gap]:
    for field, text in (
        ("name", content.name),
        ("description", content.description),
        ("criteria", content.criteria),
    ):
        if not text:
            yield Gap(field, f"{field}-missing")
    if not content.image_alt:
        yield Gap("image_alt", "image-alt-missing")
    for path, text in texts_of(content):
        if text and not text.get(content.language):
            yield Gap(path, "text-missing-in-language")


def _assessed(
    content: AchievementContent, kind: CredentialClass, aligned: Collection[str] | None
) -> Iterator[Gap]:
    assessment = content.assessment
    if not content.outcomes or not any(outcome.statement for outcome in content.outcomes):
        yield Gap("outcomes", "outcome-missing")
    elif aligned is not None and not aligned:
        yield Gap("outcomes", "outcome-not-aligned")
    if assessment.type is None:
        yield Gap("assessment.type", "assessment-type-missing")
    elif kind is CredentialClass.KNOWLEDGE and assessment.type is AssessmentType.ARTIFACT:
        yield Gap("assessment.type", "assessment-type-unfit")
    if assessment.supervision is None:
        yield Gap("assessment.supervision", "supervision-missing")
    if not assessment.pass_rule:
        yield Gap("assessment.pass_rule", "pass-rule-missing")
    if not assessment.qa_statement:
        yield Gap("assessment.qa_statement", "qa-statement-missing")
    if content.notional_hours is None:
        yield Gap("notional_hours", "hours-missing")


def _application(content: AchievementContent) -> Iterator[Gap]:
    judged = {row.outcome_id for row in content.rubric.criteria if row.required_level_id}
    if not content.rubric.criteria:
        yield Gap("rubric", "rubric-missing")
    else:
        for place, outcome in enumerate(content.outcomes):
            if outcome.id not in judged:
                yield Gap(f"outcomes[{place}]", "outcome-without-criterion")
    if not any(requirement.required for requirement in content.requirements):
        yield Gap("requirements", "requirement-missing")
    if not content.assessment.assessor_qualification:
        yield Gap("assessment.assessor_qualification", "assessor-qualification-missing")
    if not content.assessment.moderation:
        yield Gap("assessment.moderation", "moderation-missing")


def _rubric_whole(content: AchievementContent) -> Iterator[Gap]:
    """Ask that whatever rubric and requirements there are can be judged by."""
    for place, row in enumerate(content.rubric.criteria):
        yield from _criterion_whole(row, f"rubric.criteria[{place}]")
    for place, requirement in enumerate(content.requirements):
        if not requirement.name:
            yield Gap(f"requirements[{place}].name", "name-missing")
        if not requirement.kinds:
            yield Gap(f"requirements[{place}].kinds", "requirement-kind-missing")


def _criterion_whole(row: Criterion, path: str) -> Iterator[Gap]:
    if not row.title:
        yield Gap(f"{path}.title", "name-missing")
    if not row.outcome_id:
        yield Gap(f"{path}.outcome_id", "criterion-without-outcome")
    if len(row.levels) < 2:
        yield Gap(f"{path}.levels", "levels-missing")
    if not row.required_level_id:
        yield Gap(f"{path}.required_level_id", "required-level-missing")
    for step, level in enumerate(row.levels):
        if not level.title:
            yield Gap(f"{path}.levels[{step}].title", "name-missing")


def texts_of(content: AchievementContent) -> Iterator[tuple[str, Localized]]:
    """Walk every text of the content with its path."""
    yield "name", content.name
    yield "description", content.description
    yield "criteria", content.criteria
    yield "image_alt", content.image_alt
    for place, outcome in enumerate(content.outcomes):
        yield f"outcomes[{place}].statement", outcome.statement
    yield "rubric.title", content.rubric.title
    for place, row in enumerate(content.rubric.criteria):
        path = f"rubric.criteria[{place}]"
        yield f"{path}.title", row.title
        yield f"{path}.description", row.description
        for step, level in enumerate(row.levels):
            yield f"{path}.levels[{step}].title", level.title
            yield f"{path}.levels[{step}].description", level.description
    for place, requirement in enumerate(content.requirements):
        yield f"requirements[{place}].name", requirement.name
        yield f"requirements[{place}].description", requirement.description
    names: dict[str, Any] = vars(content.assessment)
    for name in ("pass_rule", "qa_statement", "assessor_qualification", "moderation"):
        yield f"assessment.{name}", names[name]
