"""A version as its page shows it: texts in the reader's language, the rubric as rows with the bar marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst, get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from insignia.achievements.document import target_facts
from insignia.achievements.models import AchievementAlignment, AchievementVersion
from insignia.achievements.rules import AchievementContent, Criterion, EvidenceRequirement, Renewal
from insignia.foundation.localized import Localized, localized_pick
from insignia.web.achievements import words

Text = str | Promise


@dataclass(frozen=True)
class LevelCell:
    """One level of a criterion; `bar` marks the required one, `enough` every level from there on."""

    id: str
    title: str
    description: str
    bar: bool
    enough: bool


@dataclass(frozen=True)
class CriterionRow:
    """One criterion with its levels from low to high; `missing` cells fill the row up to the widest one."""

    id: str
    title: str
    description: str
    critical: bool
    levels: tuple[LevelCell, ...]
    missing: range


@dataclass(frozen=True)
class RubricTable:
    """The rubric; `shared` says that the columns have one name each, else every cell names its level."""

    rows: tuple[CriterionRow, ...]
    columns: tuple[str, ...]
    shared: bool
    critical: int


@dataclass(frozen=True)
class SkillLine:
    """One skill a badge is aligned to, as it stood when the badge was published."""

    code: str
    name: str
    framework: str
    path: str
    uri: str


@dataclass(frozen=True)
class OutcomeLine:
    """One thing the earner can do, with the skills it is aligned to."""

    id: str
    statement: str
    skills: tuple[SkillLine, ...]


@dataclass(frozen=True)
class RequirementLine:
    """One thing to hand in; `kinds` in words: "a file or a link"."""

    id: str
    name: str
    description: str
    kinds: str
    required: bool


@dataclass(frozen=True)
class Fact:
    """One line of the facts; without a value the issuer has not stated it."""

    name: Text
    value: Text


@dataclass(frozen=True)
class Sheet:
    """Everything the badge page says about one version."""

    language: str
    translated: bool
    content: AchievementContent
    outcomes: tuple[OutcomeLine, ...]
    skills: tuple[SkillLine, ...]
    requirements: tuple[RequirementLine, ...]
    rubric: RubricTable | None
    pass_rule: str
    terms: tuple[Fact, ...]
    judging: tuple[Fact, ...]


def sheet_of(
    version: AchievementVersion, content: AchievementContent, rows: Sequence[AchievementAlignment]
) -> Sheet:
    """Put together what the badge page says. Texts fall back to the badge's own language."""
    language = get_language() or "en"
    skills = [(row.outcome_id, _skill(row)) for row in rows]
    outcomes = tuple(
        OutcomeLine(
            outcome.id, said(outcome.statement), tuple(skill for owner, skill in skills if owner == outcome.id)
        )
        for outcome in content.outcomes
    )
    known = {outcome.id for outcome in content.outcomes}
    return Sheet(
        language=language if content.name.get(language) else content.language,
        translated=bool(content.name.get(language)),
        content=content,
        outcomes=outcomes,
        skills=tuple(skill for owner, skill in skills if owner not in known),
        requirements=tuple(_requirement(wanted) for wanted in content.requirements),
        rubric=_rubric(content.rubric.criteria) if content.rubric.criteria else None,
        pass_rule=said(content.assessment.pass_rule),
        terms=tuple(_terms(content, version.credential_class)),
        judging=tuple(_judging(content)),
    )


def said(text: Localized) -> str:
    """Choose the text of the reader's language."""
    return localized_pick(text, get_language() or "en")


def _skill(row: AchievementAlignment) -> SkillLine:
    facts = target_facts(row)
    return SkillLine(facts["code"], facts["name"], facts["framework"], facts["path"], facts["uri"])


def _requirement(wanted: EvidenceRequirement) -> RequirementLine:
    kinds = [str(words.KINDS[kind]) for kind in wanted.kinds]
    return RequirementLine(
        id=wanted.id,
        name=said(wanted.name),
        description=said(wanted.description),
        kinds=get_text_list(kinds, _("or")),
        required=wanted.required,
    )


def _rubric(criteria: Iterable[Criterion]) -> RubricTable:
    criteria = tuple(criteria)
    width = max(len(row.levels) for row in criteria)
    names = {tuple(said(level.title) for level in row.levels) for row in criteria}
    shared = len(names) == 1
    columns = names.pop() if shared else tuple(_("Level %(number)d") % {"number": n + 1} for n in range(width))
    return RubricTable(
        rows=tuple(_row(row, width) for row in criteria),
        columns=columns,
        shared=shared,
        critical=sum(row.critical for row in criteria),
    )


def _row(row: Criterion, width: int) -> CriterionRow:
    bar = row.required_position
    cells = (
        LevelCell(level.id, said(level.title), said(level.description), place == bar, place >= bar)
        for place, level in enumerate(row.levels)
    )
    return CriterionRow(
        id=row.id,
        title=said(row.title),
        description=said(row.description),
        critical=row.critical,
        levels=tuple(cells),
        missing=range(width - len(row.levels)),
    )


def _terms(content: AchievementContent, credential_class: str) -> Iterable[Fact]:
    """List what it takes and how long it lasts."""
    yield Fact(_("Takes"), hours_said(content.notional_hours))
    yield Fact(_("Valid"), _validity(content.validity_months))
    if content.validity_months is not None:
        yield Fact(_("Renewed"), words.RENEWALS[content.renewal or Renewal.REASSESSMENT])
    if content.level:
        yield Fact(_("Level"), _("%(level)d of 4") % {"level": content.level})
    yield Fact(_("Where"), words.PARTICIPATION.get(content.participation or "", ""))
    if credential_class != "recognition":
        yield Fact(_("Shown by"), words.ASSESSMENTS.get(content.assessment.type or "", ""))
        yield Fact(_("Supervision"), words.SUPERVISION.get(content.assessment.supervision or "", ""))
    yield Fact(_("Field"), words.FIELDS[content.field])
    tags = sorted(text for text in content.name if content.name[text])
    yield Fact(_("Written in"), capfirst(get_text_list([words.language_name(tag) for tag in tags], _("and"))))


def hours_said(hours: int | None) -> str:
    """Say how many hours of work it takes; nothing where that is not stated."""
    return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours} if hours else ""


def _validity(months: int | None) -> str:
    if months is None:
        return _("Does not expire")
    if months % 12 == 0:
        years = months // 12
        return ngettext("%(number)d year", "%(number)d years", years) % {"number": years}
    return ngettext("%(number)d month", "%(number)d months", months) % {"number": months}


def _judging(content: AchievementContent) -> Iterable[Fact]:
    """List who judges and how that is watched. What no issuer can state here yet is said to be unstated."""
    assessment = content.assessment
    yield Fact(_("Who judges"), said(assessment.assessor_qualification))
    yield Fact(_("How judgements are compared"), said(assessment.moderation))
    yield Fact(_("How quality is watched"), said(assessment.qa_statement))
    yield Fact(_("How fast"), "")
    yield Fact(_("How often assessors agree"), "")
