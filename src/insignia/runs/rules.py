"""Pure rules of runs: what a row says, which class it falls into, and what may follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from insignia.achievements.rules import CredentialClass
from insignia.foundation.search import folded
from insignia.runs.mapping import DAY_FIRST, ColumnMapping
from insignia.runs.table import BESIDE
from insignia.runs.values import LOST, UNSEEN, WORDS_NO, WORDS_YES, date_read, is_address

NAME_LONGEST, NUMBER_LONGEST, NARRATIVE_LONGEST = 200, 60, 64 * 1024
RENEWAL_WINDOW, RENEWAL_PART = timedelta(days=90), 3
"""How long before its end a badge may be given again as a renewal, and the part of its own length that this is at
most: of one that lasts a month, only its last third. A list sent twice renews nothing."""
LANGUAGES = {"en": "en", "english": "en", "ingles": "en", "es": "es", "spanish": "es", "espanol": "es"}
SHOWN_LONGEST = 80
"""How much of a cell is repeated when it is told what is wrong with it."""


class RowClass(StrEnum):
    """What a dry run says of a row. Only the first two lead to a badge."""

    NEW = "new"
    RENEWAL = "renewal"
    DUPLICATE = "duplicate"
    NEEDS_EVIDENCE = "needs-evidence"
    BLOCKED = "blocked"
    INVALID = "invalid"


DUE = (RowClass.NEW, RowClass.RENEWAL)


@dataclass(frozen=True)
class Finding:
    """Why a row is in its class: a stable code, and what a sentence about it needs."""

    row_class: RowClass
    code: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Exam:
    """The result of one exam as it was handed over."""

    name: str
    score: str
    passed: bool
    proctored: bool


@dataclass(frozen=True)
class Reading:
    """What a row says, empty where it says nothing.

    `person` is a member's id where the row came from a class of the organization.
    """

    name: str
    email: str
    number: str
    language: str
    awarded_on: date | None
    expires_on: date | None
    narrative: str
    exam: Exam | None
    person: str


@dataclass(frozen=True)
class Sheet:
    """What all rows of a run share when they are read: the mapping, the day, and whether they are results."""

    mapping: ColumnMapping
    today: date
    exams: bool = False


class Unreadable(Exception):
    """A cell is not what its column is for; `finding` says which and why."""

    def __init__(self, code: str, name: str, cell: str) -> None:
        super().__init__(code)
        self.finding = Finding(RowClass.INVALID, code, {"field": name, "value": cell[:SHOWN_LONGEST]})


def row_read(values: Mapping[str, str], sheet: Sheet) -> Reading:
    """Read one row.

    Raises:
        Unreadable: a cell is not what its column is for.
    """
    if values.get(BESIDE):
        raise Unreadable("cells-beside", "", values[BESIDE])
    cells = {name: values.get(column, "").strip() for name, column in sheet.mapping.columns.items()}
    person = cells.get("person", "")
    awarded_on = _day("awarded_on", cells, sheet)
    if awarded_on is not None and awarded_on > sheet.today:
        raise Unreadable("date-ahead", "awarded_on", cells["awarded_on"])
    return Reading(
        name=_name(cells),
        email="" if person else _email(cells.get("email", "")),
        number=_line("number", cells.get("number", ""), NUMBER_LONGEST),
        language=_language(cells.get("language", "")),
        awarded_on=awarded_on,
        expires_on=_expiry(cells, awarded_on or sheet.today, sheet),
        narrative=_narrative(cells.get("narrative", "")),
        exam=_exam(cells) if sheet.exams else None,
        person=person,
    )


def _name(cells: Mapping[str, str]) -> str:
    parts = [cells.get("first_name", ""), cells.get("last_name", "")]
    return _line("name", cells.get("name", "") or " ".join(part for part in parts if part), NAME_LONGEST)


def _line(name: str, cell: str, longest: int) -> str:
    if LOST in cell:
        raise Unreadable("letters-lost", name, cell)
    text = " ".join(cell.split())
    if UNSEEN.search(text):
        raise Unreadable("signs-unseen", name, UNSEEN.sub(" ", text))
    if len(text) > longest:
        raise Unreadable("too-long", name, text)
    return text


def _email(cell: str) -> str:
    if not cell:
        raise Unreadable("email-missing", "email", "")
    if not is_address(cell):
        raise Unreadable("email-unusable", "email", UNSEEN.sub(" ", cell))
    return cell


def _language(cell: str) -> str:
    if not cell:
        return ""
    found = LANGUAGES.get(folded(cell)) or LANGUAGES.get(folded(cell)[:2] if "-" in cell else "")
    if found is None:
        raise Unreadable("language-unknown", "language", cell)
    return found


def _day(name: str, cells: Mapping[str, str], sheet: Sheet) -> date | None:
    cell = cells.get(name, "")
    if not cell:
        return None
    found = date_read(cell, day_first=sheet.mapping.date_order == DAY_FIRST)
    if found is None or not 1900 <= found.year <= 9000:
        raise Unreadable("date-unusable", name, cell)
    return found


def _expiry(cells: Mapping[str, str], after: date, sheet: Sheet) -> date | None:
    found = _day("expires_on", cells, sheet)
    if found is not None and found <= max(after, sheet.today):
        raise Unreadable("expiry-past", "expires_on", cells["expires_on"])
    return found


def _narrative(cell: str) -> str:
    if LOST in cell:
        raise Unreadable("letters-lost", "narrative", cell)
    if len(cell) > NARRATIVE_LONGEST:
        raise Unreadable("too-long", "narrative", cell)
    return cell


def _exam(cells: Mapping[str, str]) -> Exam:
    return Exam(
        name=_line("exam", cells.get("exam", ""), NAME_LONGEST),
        score=_line("score", cells.get("score", ""), NUMBER_LONGEST),
        passed=_yes("passed", cells),
        proctored=_yes("proctored", cells) if cells.get("proctored") else False,
    )


def _yes(name: str, cells: Mapping[str, str]) -> bool:
    word = folded(cells.get(name, ""))
    if word in WORDS_YES:
        return True
    if word in WORDS_NO:
        return False
    raise Unreadable("yes-or-no-missing" if not word else "yes-or-no-unusable", name, cells.get(name, ""))


# ---- what may follow from a row -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Prior:
    """A badge of the same lineage that the person has: its state, since when, until when."""

    state: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Standing:
    """What is known of the person of a row when it is judged."""

    priors: tuple[Prior, ...] = ()
    earlier_row: int | None = None
    is_erased: bool = False
    is_member: bool = True
    decision: str = ""  # a final decision that says met: "waiting" for its own badge, or "held" by a registrar


@dataclass(frozen=True)
class Gate:
    """What the badge asks of whoever gives it in bulk."""

    credential_class: str
    has_override: bool = False


def classify(reading: Reading, standing: Standing, gate: Gate, *, at: datetime) -> Finding:
    """Put a readable row into its class. The first thing that stands in the way is the one that is told."""
    held_up = _held_up(standing)
    if held_up is not None:
        return held_up
    known = _known(standing.priors, at)
    if known is not None and known.row_class is not RowClass.RENEWAL:
        return known
    missing = _missing(reading, gate)
    return missing or known or Finding(RowClass.NEW)


def _held_up(standing: Standing) -> Finding | None:
    if standing.earlier_row is not None:
        return Finding(RowClass.DUPLICATE, "same-person", {"row": standing.earlier_row})
    if standing.is_erased:
        return Finding(RowClass.BLOCKED, "erased")
    if not standing.is_member:
        return Finding(RowClass.BLOCKED, "member-gone")
    if standing.decision == "held":
        return Finding(RowClass.BLOCKED, "decision-held")
    if standing.decision:
        return Finding(RowClass.DUPLICATE, "decision-met")
    return None


def _known(priors: Iterable[Prior], at: datetime) -> Finding | None:
    """Judge by the badge that lasts longest; a revoked one does not count, nor does one that was undone."""
    counted = [prior for prior in priors if prior.state != "revoked"]
    if not counted:
        return None
    if any(prior.state == "suspended" for prior in counted):
        return Finding(RowClass.BLOCKED, "suspended")
    if any(prior.state == "reserved" for prior in counted):
        return Finding(RowClass.DUPLICATE, "being-signed")
    endless = [prior for prior in counted if prior.until is None]
    ending = sorted((prior for prior in counted if prior.until), key=lambda prior: prior.until or at)
    lasting = endless[0] if endless else (ending[-1] if ending else None)
    if lasting is None:
        return None
    until = lasting.until
    if until is None or until > at + _renewal_window(lasting.since, until):
        return Finding(RowClass.DUPLICATE, "has-it", {"since": lasting.since.isoformat()})
    return Finding(RowClass.RENEWAL, "expires" if until > at else "expired", {"until": until.isoformat()})


def _renewal_window(since: datetime, until: datetime) -> timedelta:
    return max(timedelta(0), min(RENEWAL_WINDOW, (until - since) / RENEWAL_PART))


def _missing(reading: Reading, gate: Gate) -> Finding | None:
    """Hold the gate: what certifies application rests on assessment, a watched exam, or a reasoned exception."""
    exam = reading.exam
    if exam is not None and not exam.passed:
        return Finding(RowClass.BLOCKED, "exam-not-passed", {"score": exam.score})
    if gate.credential_class != CredentialClass.APPLICATION or gate.has_override:
        return None
    if exam is None:
        return Finding(RowClass.NEEDS_EVIDENCE, "assessment-missing")
    return None if exam.proctored else Finding(RowClass.NEEDS_EVIDENCE, "exam-not-proctored")


TRANSITIONS: dict[str, frozenset[str]] = {
    "map": frozenset({"draft", "checked"}),
    "check": frozenset({"draft", "checked", "checking"}),
    "override": frozenset({"checked"}),
    "start": frozenset({"checked"}),
    "pause": frozenset({"running"}),
    "resume": frozenset({"paused"}),
    "cancel": frozenset({"draft", "checking", "checked", "running", "paused"}),
    "undo": frozenset({"running", "paused", "finished", "cancelled"}),
}
"""What can be done to a run -> the states where it can."""
