"""An import's report as a teacher reads it: one sentence, what changes, what was odd, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _

from insignia.frameworks.findings import KINDS, Finding, Weight
from insignia.frameworks.rules import ImportReport, findings_from_json, report_to_json
from insignia.web.frameworks import words

Text = str | Promise
PLACES = 8
"""Places in the file that are named for one oddity; beyond them a number says how many more."""


@dataclass(frozen=True)
class Oddity:
    """One kind of oddity: how often, what, what was done, and where in the file."""

    count: int
    what: str
    done: str
    places: tuple[str, ...]

    @property
    def more(self) -> int:
        """Count the places that are not named."""
        return self.count - len(self.places)


@dataclass(frozen=True)
class OddityGroup:
    """The oddities of one weight."""

    title: Text
    icon: str
    oddities: tuple[Oddity, ...]


@dataclass(frozen=True)
class ChangeGroup:
    """What happens to some items: a name, how many, the first of them."""

    name: Text
    count: int
    items: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class ReportPage:
    """A report, ready to be shown."""

    title: str
    sentence: str
    format: Text
    filename: str
    unchanged: bool
    changes: tuple[ChangeGroup, ...]
    groups: tuple[OddityGroup, ...]


def report_page(report: Mapping[str, Any], *, planned: bool) -> ReportPage:
    """Make a stored report readable; `planned` speaks of what an import would do."""
    counts: Mapping[str, int] = report["changed_counts"]
    return ReportPage(
        title=report["title"],
        sentence=_sentence(report, planned=planned),
        format=words.FORMATS.get(report["format"], report["format"]),
        filename=report["filename"],
        unchanged=report["outcome"] == "unchanged",
        changes=tuple(
            ChangeGroup(name, counts[key], tuple(report["changed_items"][key]))
            for key, name in words.CHANGES.items()
            if counts[key] and report["outcome"] == "updated"
        ),
        groups=tuple(_groups(findings_from_json(report), report["finding_counts"])),
    )


def preview_page(report: ImportReport) -> ReportPage:
    """Make the report of an import that has not happened readable."""
    return report_page(report_to_json(report), planned=True)


def _sentence(report: Mapping[str, Any], *, planned: bool) -> str:
    number = report["items"]
    if report["outcome"] == "unchanged":
        return _("Nothing to do: it is imported already, as this file has it.")
    if report["outcome"] == "created" and planned:
        text = ngettext("%(number)d item will be imported.", "%(number)d items will be imported.", number)
    elif report["outcome"] == "created":
        text = ngettext("%(number)d item was imported.", "%(number)d items were imported.", number)
    elif planned:
        return _("This framework is here already. It will be brought up to date with the file.")
    else:
        return _("The framework was brought up to date with the file.")
    return text % {"number": number}


def _groups(findings: Sequence[Finding], counts: Mapping[str, int]) -> Iterable[OddityGroup]:
    for weight in (Weight.LEFT_OUT, Weight.MENDED, Weight.NOTE):
        codes = [code for code in counts if code in KINDS and KINDS[code].weight is weight]
        oddities = tuple(
            oddity
            for code in codes
            for oddity in _oddities(counts[code], [found for found in findings if found.code == code])
        )
        if oddities:
            yield OddityGroup(words.WEIGHTS[weight], words.WEIGHT_MARKS[weight], oddities)


def _oddities(count: int, examples: Sequence[Finding]) -> Iterable[Oddity]:
    """Group one code's examples by what they say; the last group carries what was counted beyond the examples."""
    said: dict[tuple[str, str], list[str]] = {}
    for found in examples:
        kind = KINDS[found.code]
        lines = (gettext(kind.what).format_map(found.data), gettext(kind.done).format_map(found.data))
        said.setdefault(lines, []).append(found.where)
    beyond = count - len(examples)
    for place, ((what, done), wheres) in enumerate(said.items(), 1):
        extra = beyond if place == len(said) else 0
        yield Oddity(len(wheres) + extra, what, done, tuple(wheres[:PLACES]))
