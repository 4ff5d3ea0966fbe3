"""Checks while an author writes: is the claim observable, can the levels be told apart?

Each finding carries a code and data, never a sentence alone, so that pages can say it in their language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as value
from enum import StrEnum

from insignia.achievements.rules.content import AchievementContent, CredentialClass, Criterion
from insignia.achievements.rules.gaps import texts_of
from insignia.achievements.rules.words import observable_verb, placeholder, vague_words

SHORT_CRITERIA = 40
SHORT_OUTCOME = 20
LONG_OUTCOME = 240
CROWDED_CRITERIA, CROWDED_HOURS = 12, 5
LONG_WORK_HOURS = 400


class Severity(StrEnum):
    """Whether publishing waits for it."""

    BLOCKS = "blocks"
    ADVICE = "advice"


@dataclass(frozen=True)
class Finding:
    """One remark on one field; `data` fills the sentence of its code."""

    code: str
    field: str
    severity: Severity
    data: dict[str, object] = value(default_factory=dict)


FINDING_SENTENCES = {
    "placeholder": "This still says “{word}”. Write what it will be.",
    "criteria-too-short": "{length} characters say little. Tell what, how well and under which conditions.",
    "outcome-too-short": "Add the object, the condition and the standard: not only what, but how well.",
    "outcome-too-long": "This holds several outcomes. Split it.",
    "outcome-vague": "Nobody can see “{word}”. Say what the earner does to show it.",
    "outcome-no-observable-verb": "Begin with something an assessor can see, such as design, explain or measure.",
    "outcome-repeated": "This outcome says the same as another one.",
    "levels-identical": "Two levels read the same. Say what sets them apart.",
    "level-undescribed": "Describe this level, so that two assessors see the same thing.",
    "required-level-lowest": "The lowest level is required: everybody meets it. Require a higher one.",
    "points-not-rising": "A higher level has fewer points than a lower one.",
    "no-critical-criterion": "No criterion is critical. Mark those without which the badge means nothing.",
    "too-many-criteria": "{count} criteria for {hours} hours is a lot to judge.",
    "hours-unusual": "{hours} hours is a lot for one badge. Could it be a family of badges?",
    "no-required-evidence": "No evidence is required. What will the assessor look at?",
}


def content_findings(content: AchievementContent, credential_class: str) -> tuple[Finding, ...]:
    """Read the whole content and list what stands in the way of a fair judgement, blocking ones first."""
    kind = CredentialClass(credential_class)
    findings = [
        *_placeholders(content),
        *_criteria_text(content),
        *_outcomes(content, kind),
        *_rubric(content, kind),
        *_effort(content, kind),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.severity is Severity.ADVICE))


def _advice(code: str, path: str, **data: object) -> Finding:
    return Finding(code, path, Severity.ADVICE, data)


def _blocks(code: str, path: str, **data: object) -> Finding:
    return Finding(code, path, Severity.BLOCKS, data)


def _placeholders(content: AchievementContent) -> Iterator[Finding]:
    for path, text in texts_of(content):
        for language, words in text.items():
            if word := placeholder(words):
                yield _blocks("placeholder", f"{path}.{language}", word=word)


def _criteria_text(content: AchievementContent) -> Iterator[Finding]:
    for language, text in content.criteria.items():
        if len(text) < SHORT_CRITERIA:
            yield _advice("criteria-too-short", f"criteria.{language}", length=len(text))


def _outcomes(content: AchievementContent, kind: CredentialClass) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, outcome in enumerate(content.outcomes):
        for language, text in outcome.statement.items():
            path = f"outcomes[{place}].statement.{language}"
            yield from _outcome(text, path, kind)
            key = f"{language}:{text.casefold()}"
            if key in seen:
                yield _blocks("outcome-repeated", path)
            seen.add(key)


def _outcome(text: str, path: str, kind: CredentialClass) -> Iterator[Finding]:
    vague, seen = vague_words(text), observable_verb(text)
    if vague and not seen:
        # An assessed badge claims something that was seen; "understands" alone cannot have been.
        make = _advice if kind is CredentialClass.RECOGNITION else _blocks
        yield make("outcome-vague", path, word=vague[0])
    elif vague:
        yield _advice("outcome-vague", path, word=vague[0])
    elif not seen:
        yield _advice("outcome-no-observable-verb", path)
    if len(text) < SHORT_OUTCOME:
        yield _advice("outcome-too-short", path, length=len(text))
    if len(text) > LONG_OUTCOME:
        yield _advice("outcome-too-long", path, length=len(text))


def _rubric(content: AchievementContent, kind: CredentialClass) -> Iterator[Finding]:
    rows = content.rubric.criteria
    for place, row in enumerate(rows):
        yield from _criterion(row, f"rubric.criteria[{place}]")
    if rows and not any(row.critical for row in rows) and kind is CredentialClass.APPLICATION:
        yield _advice("no-critical-criterion", "rubric.criteria")


def _criterion(row: Criterion, path: str) -> Iterator[Finding]:
    if len(row.levels) > 1 and row.required_level_id == row.levels[0].id:
        yield _blocks("required-level-lowest", f"{path}.required_level_id")
    points = [level.points for level in row.levels]
    if any(points) and points != sorted(points):
        yield _advice("points-not-rising", f"{path}.levels")
    seen: dict[str, int] = {}
    for step, level in enumerate(row.levels):
        if not level.description:
            yield _advice("level-undescribed", f"{path}.levels[{step}].description")
        for language, text in level.description.items():
            key = f"{language}:{' '.join(text.casefold().split())}"
            if key in seen:
                where = f"{path}.levels[{step}].description.{language}"
                yield _blocks("levels-identical", where, other=seen[key], level=step)
            seen.setdefault(key, step)


def _effort(content: AchievementContent, kind: CredentialClass) -> Iterator[Finding]:
    count, hours = len(content.rubric.criteria), content.notional_hours
    if hours is not None and count > CROWDED_CRITERIA and hours < CROWDED_HOURS:
        yield _advice("too-many-criteria", "rubric.criteria", count=count, hours=hours)
    if hours is not None and hours > LONG_WORK_HOURS:
        yield _advice("hours-unusual", "notional_hours", hours=hours)
    if kind is CredentialClass.KNOWLEDGE and not any(part.required for part in content.requirements):
        yield _advice("no-required-evidence", "requirements")
