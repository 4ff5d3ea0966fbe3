"""What a screen of the editor shows: values, errors, live checks, the rail with its gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insignia.achievements.rules import Finding, Gap, Severity, texts_of
from insignia.web.achievements.words import language_name
from insignia.web.authoring import words
from insignia.web.authoring.draft import Lineage, content_from, languages_of
from insignia.web.authoring.paths import Json, html_id, steps_of, value_at

if TYPE_CHECKING:
    from insignia.achievements.models import AchievementVersion

STEPS: Mapping[int, Promise] = {
    1: gettext_lazy("What it certifies"),
    2: gettext_lazy("How it is judged"),
    3: gettext_lazy("Look and terms"),
    4: gettext_lazy("Check and publish"),
}
STEP_OF = {
    **dict.fromkeys(("name", "description", "credential_class", "field", "outcomes", "criteria", "tags"), 1),
    **dict.fromkeys(("alignments",), 1),
    **dict.fromkeys(("rubric", "requirements", "assessment"), 2),
    **dict.fromkeys(("level", "image_alt", "validity_months", "renewal", "notional_hours"), 3),
    **dict.fromkeys(("participation", "image"), 3),
}
ELSEWHERE = {"outcome-without-criterion": "rubric", "outcome-not-aligned": "alignments"}
"""Gaps that are mended at another field than the one they are about."""
TEXTS = frozenset(
    (
        "name", "description", "image_alt", "statement", "title",
        "pass_rule", "qa_statement", "assessor_qualification", "moderation",
    )
)  # fmt: skip
FIELD_NAMES: Mapping[str, Promise] = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "credential_class": gettext_lazy("Class"),
    "field": gettext_lazy("Field"),
    "criteria": gettext_lazy("What you do to earn it"),
    "tags": gettext_lazy("Tags"),
    "outcomes": gettext_lazy("Outcomes"),
    "alignments": gettext_lazy("Skills of a framework"),
    "rubric": gettext_lazy("Rubric"),
    "requirements": gettext_lazy("Evidence"),
    "type": gettext_lazy("How it is shown"),
    "supervision": gettext_lazy("Supervision"),
    "pass_rule": gettext_lazy("When it counts as met"),
    "qa_statement": gettext_lazy("How quality is watched"),
    "assessor_qualification": gettext_lazy("Who may judge"),
    "moderation": gettext_lazy("How judgements are compared"),
    "image": gettext_lazy("Picture"),
    "symbol": gettext_lazy("Symbol"),
    "ribbon": gettext_lazy("Ribbon"),
    "image_alt": gettext_lazy("Description of the picture"),
    "level": gettext_lazy("Level"),
    "levels": gettext_lazy("Levels"),
    "validity_months": gettext_lazy("Months it is in force"),
    "notional_hours": gettext_lazy("Hours of work"),
    "participation": gettext_lazy("Where and how"),
    "renewal": gettext_lazy("How it is renewed"),
    "title": gettext_lazy("Title"),
    "statement": gettext_lazy("Statement"),
    "kinds": gettext_lazy("Kinds"),
    "required": gettext_lazy("Required"),
    "critical": gettext_lazy("Critical"),
    "outcome_id": gettext_lazy("Outcome it judges"),
    "required_level_id": gettext_lazy("The bar"),
}


LISTS: Mapping[int, tuple[str, ...]] = {
    1: ("outcomes", "tags", "credential_class", "field"),
    2: ("rubric", "requirements", "assessment.type", "assessment.supervision"),
    3: (
        "image",
        "art.symbol",
        "art.ribbon",
        "notional_hours",
        "validity_months",
        "renewal",
        "level",
        "participation",
    ),
    4: (),
}
"""Fields of each screen, beside its texts, that have a place for errors and live checks."""


@dataclass(frozen=True)
class Line:
    """One gap or finding as a sentence, with the screen and the element where it is mended."""

    place: str
    sentence: str
    step: int
    anchor: str
    blocks: bool


@dataclass(frozen=True)
class Stop:
    """One screen on the rail."""

    number: int
    title: str | Promise
    now: bool
    lines: tuple[Line, ...]


@dataclass
class Sheet:
    """One screen: `data` is what its fields show, which may be what was typed rather than what is stored."""

    lineage: Lineage
    version: AchievementVersion
    step: int
    data: Json
    gaps: tuple[Gap, ...] = ()
    findings: tuple[Finding, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    base: Json = None
    saved: str = ""

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The languages of the form, each with its name."""
        return [(tag, language_name(tag)) for tag in languages_of(self.data)]

    @cached_property
    def marks(self) -> dict[str, list[Line]]:
        """Findings by the id of the element they stand beside."""
        found: dict[str, list[Line]] = defaultdict(list)
        for finding in self.findings:
            found[self._anchor(finding.field)].append(self._finding(finding))
        return found

    @cached_property
    def wrong(self) -> dict[str, str]:
        """Errors by the id of the element they stand beside."""
        return {self._anchor(path): sentence for path, sentence in self.errors.items()}

    @property
    def error_lines(self) -> list[tuple[str, str]]:
        """Errors for the summary: element and sentence."""
        return [
            (self._anchor(path), f"{place_said(path, self.data)}: {sentence}")
            for path, sentence in self.errors.items()
        ]

    @cached_property
    def lines(self) -> list[Line]:
        """Everything between this draft and its publication, then what is worth a thought."""
        gaps = [self._gap(gap) for gap in self.gaps]
        return [*gaps, *(self._finding(finding) for finding in self.findings)]

    @property
    def blocking(self) -> list[Line]:
        """What publishing waits for."""
        return [line for line in self.lines if line.blocks]

    @property
    def advice(self) -> list[Line]:
        """What is worth a thought."""
        return [line for line in self.lines if not line.blocks]

    @property
    def stops(self) -> list[Stop]:
        """The rail."""
        blocking = self.blocking
        return [
            Stop(number, title, number == self.step, tuple(line for line in blocking if line.step == number))
            for number, title in STEPS.items()
        ]

    def _gap(self, gap: Gap) -> Line:
        path = ELSEWHERE.get(gap.message_code, gap.field)
        place = place_said(gap.field, self.data)
        return Line(place, words.gap_sentence(gap), _step(path), self._anchor(path), blocks=True)

    def _finding(self, finding: Finding) -> Line:
        blocks = finding.severity is Severity.BLOCKS
        place, sentence = place_said(finding.field, self.data), words.finding_sentence(finding)
        return Line(place, sentence, _step(finding.field), self._anchor(finding.field), blocks=blocks)

    def _anchor(self, path: str) -> str:
        """Give the id of the element that holds a field; a text without a language means the badge's own."""
        path = "rubric" if path == "rubric.criteria" else path
        last = steps_of(path)[-1]
        if last in TEXTS or path == "criteria":
            path = f"{path}.{self.data['language']}"
        return html_id(path)


def _step(path: str) -> int:
    return STEP_OF.get(str(steps_of(path)[0]), 3)


def place_said(path: str, data: Json) -> str:
    """Say where a field is: "Criterion 2, level 1, Title, Spanish"."""
    parts: list[str] = []
    steps = steps_of(path)
    names = {
        "outcomes": _("Outcome %(number)d"),
        "criteria": _("Criterion %(number)d"),
        "levels": _("level %(number)d"),
        "requirements": _("Evidence %(number)d"),
    }
    for place, step in enumerate(steps):
        following = steps[place + 1] if place + 1 < len(steps) else None
        if isinstance(step, int) or step == "assessment" or (step == "rubric" and following is not None):
            continue
        if isinstance(following, int) and step in names:
            parts.append(names[step] % {"number": following + 1})
        elif step in FIELD_NAMES and not (step == "criteria" and place):
            parts.append(str(FIELD_NAMES[step]))
        elif step in data["name"] or step in languages_of(data):
            parts.append(language_name(step))
    return ", ".join(parts) or str(FIELD_NAMES["rubric"])


def rows_of(data: Json, path: str) -> Iterable[Json]:
    """Give the rows of a list with their paths, for the templates."""
    return [{**row, "path": f"{path}[{place}]"} for place, row in enumerate(value_at(data, path) or [])]


def paths_shown(sheet: Sheet) -> list[str]:
    """List the fields of this screen beside which something can appear."""
    if sheet.errors:
        return [*LISTS[sheet.step], *(path for path in sheet.errors if path not in {"content", "alignments"})]
    texts = [path for path, _text in texts_of(content_from(sheet.data)) if _step(path) == sheet.step]
    shown = [f"{path}.{tag}" for path in texts for tag in languages_of(sheet.data)]
    for place in range(len(sheet.data["rubric"]["criteria"]) if sheet.step == 2 else 0):
        shown += [f"rubric.criteria[{place}].{name}" for name in ("levels", "required_level_id", "outcome_id")]
    return [*LISTS[sheet.step], *shown]
