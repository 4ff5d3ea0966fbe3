"""Judging a page of rows: whom each one means, what they hold already, and so which class it is in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from insignia.assessment.selectors import decisions_met_of
from insignia.awards.holdings import Holding, KnownRecipient, holdings_of, origins_held, recipients_known
from insignia.awards.rules import person_key, recipient_key
from insignia.organizations.selectors import Seat, seats_by_number, seats_by_person
from insignia.runs.mapping import ColumnMapping
from insignia.runs.models import Run, RunRow
from insignia.runs.rules import (
    DUE,
    Finding,
    Gate,
    Prior,
    Reading,
    Sheet,
    Standing,
    Unreadable,
    classify,
    row_read,
)

if TYPE_CHECKING:
    from insignia.organizations.models import Organization

MEMBER = "person:"
"""How the keys of members with accounts begin."""


@dataclass(frozen=True)
class RawRow:
    """A row as it is stored, as far as judging needs it."""

    pk: int
    public_id: UUID
    number: int
    values: Mapping[str, str]
    person_key: str = ""


@dataclass(frozen=True)
class Judged:
    """A row with its class; `reading` is None where it cannot be read."""

    row: RawRow
    finding: Finding
    reading: Reading | None = None
    person_key: str = ""
    person_id: int | None = None


Identity = int | str
"""What tells people of a run apart: their account, whatever a row calls them by; the key of who has none here."""


@dataclass(frozen=True)
class _Meant:
    """Whom a row means: the key of their recipient, and their account where the organization's own list tells."""

    key: str
    person_id: int | None
    is_member: bool = True

    @property
    def identity(self) -> Identity:
        """Give what other rows of the same person have too."""
        return self.key if self.person_id is None else self.person_id


def sheet_of(run: Run, *, at: datetime) -> Sheet:
    """Give what all rows of a run share when they are read."""
    organization = run.organization
    return Sheet(
        mapping=ColumnMapping.from_json(run.mapping),
        today=at.astimezone(ZoneInfo(organization.time_zone)).date(),
        exams=run.source == Run.Source.EXAMS,
    )


def gate_of(run: Run) -> Gate:
    """Give what the badge of a run asks for."""
    return Gate(run.version.credential_class, has_override=bool(run.override_reason))


Read = Sequence[tuple[RawRow, Reading]]


def rows_judged(run: Run, rows: Sequence[RawRow], *, at: datetime) -> list[Judged]:
    """Judge a page of rows, in their order. What the rows' own awards say does not count against them."""
    read, unreadable = _read(run, rows, at=at)
    meant = _meant(run.organization, [reading for _row, reading in read])
    found = _classed(run, read, meant, _due_before(run, read, meant), at=at)
    return _in_order(rows, [*found, *unreadable])


def rows_judged_again(run: Run, rows: Sequence[RawRow], *, at: datetime) -> list[Judged]:
    """Judge rows of a dry run once more, right before they are issued: has something come in between?

    Rows of members with accounts are looked at as closely as before, of others whom they mean by now and what
    those hold: a few queries. Only who has an account can have become somebody of an earlier row meanwhile.
    """
    read, unreadable = _read(run, rows, at=at)
    meant = _meant_again(run, read)
    before = _due_before(run, read, [who for who in meant if who.person_id is not None])
    found = _classed(run, read, meant, before, at=at)
    return _in_order(rows, [*found, *unreadable])


def _read(run: Run, rows: Sequence[RawRow], *, at: datetime) -> tuple[Read, list[Judged]]:
    sheet = sheet_of(run, at=at)
    read: list[tuple[RawRow, Reading]] = []
    unreadable: list[Judged] = []
    for row in rows:
        try:
            read.append((row, row_read(row.values, sheet)))
        except Unreadable as error:
            unreadable.append(Judged(row, error.finding))
    return read, unreadable


def _in_order(rows: Sequence[RawRow], judged: Iterable[Judged]) -> list[Judged]:
    by_row = {one.row.pk: one for one in judged}
    return [by_row[row.pk] for row in rows]


def _classed(
    run: Run, read: Read, meant: Sequence[_Meant], due_before: dict[Identity, int], *, at: datetime
) -> list[Judged]:
    """Class one row after the other: only what leads to a badge makes a later row of its person a duplicate."""
    standings, gate = _standings(run, read, meant), gate_of(run)
    first_due, judged = dict(due_before), []
    for (row, reading), who, standing in zip(read, meant, standings, strict=True):
        known = replace(standing, earlier_row=first_due.get(who.identity))
        finding = classify(reading, known, gate, at=at)
        if finding.row_class in DUE:
            first_due[who.identity] = row.number
        judged.append(Judged(row, finding, reading, who.key, who.person_id))
    return judged


# ---- whom a row means -----------------------------------------------------------------------------------------


def _meant_again(run: Run, read: Read) -> list[_Meant]:
    """Say whom rows of a dry run mean by now: who was new then may be there, under another key."""
    keys = {row.person_key for row, _reading in read if not row.person_key.startswith(MEMBER)}
    known = {one.key: one for one in recipients_known(organization=run.organization, keys=keys)}
    asked = [(row, reading) for row, reading in read if row.person_key not in known]
    found = _meant(run.organization, [reading for _row, reading in asked]) if asked else []
    fresh = {row.pk: _settled(row, who) for (row, _reading), who in zip(asked, found, strict=True)}
    return [fresh.get(row.pk) or _Meant(row.person_key, known[row.person_key].person_id) for row, _reading in read]


def _settled(row: RawRow, who: _Meant) -> _Meant:
    """Let whoever joined since the dry run keep the key that was settled."""
    joined = who.key.startswith(MEMBER) and not row.person_key.startswith(MEMBER)
    return replace(who, key=row.person_key) if joined else who


def _meant(organization: Organization, readings: Sequence[Reading]) -> list[_Meant]:
    by_number = seats_by_number(organization=organization, numbers={reading.number for reading in readings})
    named = {UUID(reading.person) for reading in readings if _is_uuid(reading.person)}
    by_person = seats_by_person(organization=organization, person_ids=named) if named else {}
    plain = [reading for reading in readings if not reading.person and reading.number not in by_number]
    keys = {recipient_key(number=reading.number, address=reading.email) for reading in plain}
    addresses = {reading.email for reading in plain}
    known = recipients_known(organization=organization, keys=keys, addresses=addresses)
    by_key = {recipient.key: recipient for recipient in known}
    by_address = {recipient.address: recipient for recipient in reversed(known) if recipient.address}
    newcomers: dict[str, _Newcomer] = {}
    return [_meant_by(reading, by_number, by_person, by_key, by_address, newcomers) for reading in readings]


@dataclass(frozen=True)
class _Newcomer:
    """Somebody whom only these rows know yet: the key they get, the number that a row of theirs says."""

    key: str
    number: str


def _meant_by(
    reading: Reading,
    by_number: Mapping[str, Seat],
    by_person: Mapping[UUID, Seat],
    by_key: Mapping[str, KnownRecipient],
    by_address: Mapping[str, KnownRecipient],
    newcomers: dict[str, _Newcomer],
) -> _Meant:
    if reading.person:
        seat = by_person.get(UUID(reading.person)) if _is_uuid(reading.person) else None
        return _Meant(f"person:{reading.person}", seat.person_id if seat else None, is_member=seat is not None)
    if seat := by_number.get(reading.number):
        return _Meant(person_key(seat.person_public_id), seat.person_id)
    key = recipient_key(number=reading.number, address=reading.email)
    found = by_key.get(key) or _same_address(reading, by_address)
    return _Meant(found.key, found.person_id) if found else _Meant(_key_of_newcomer(reading, key, newcomers), None)


def _key_of_newcomer(reading: Reading, key: str, newcomers: dict[str, _Newcomer]) -> str:
    """Give the key of the row before that means the same person, by address; two numbers are two people."""
    address = reading.email.lower()
    first = newcomers.setdefault(address, _Newcomer(key, reading.number))
    if reading.number and first.number and reading.number != first.number:
        return key
    newcomers[address] = _Newcomer(first.key, first.number or reading.number)
    return first.key


def _same_address(reading: Reading, by_address: Mapping[str, KnownRecipient]) -> KnownRecipient | None:
    """Take whoever has this address on the organization's list; two numbers of one address are two people."""
    found = by_address.get(reading.email.lower())
    if found is None or (reading.number and found.key.startswith("number:")):
        return None
    return found


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


# ---- what they hold -------------------------------------------------------------------------------------------


def _standings(run: Run, read: Read, meant: Sequence[_Meant]) -> list[Standing]:
    people = {who.person_id for who in meant if who.person_id is not None}
    known = recipients_known(organization=run.organization, keys={who.key for who in meant}, person_ids=people)
    held = _held(run, known)
    decisions = _decisions(run, people, {one.origin_id for found in held.values() for one in found})
    by_key, by_person = {one.key: one for one in known}, _by_person(known)
    standings = []
    for (row, _reading), who in zip(read, meant, strict=True):
        recipient = by_key.get(who.key)
        ones = {one.pk for one in by_person.get(who.person_id or 0, ())} | ({recipient.pk} if recipient else set())
        standings.append(
            Standing(
                priors=_priors(held, ones, row),
                is_erased=recipient is not None and recipient.is_erased,
                is_member=who.is_member,
                decision=decisions.get(who.person_id or 0, ""),
            )
        )
    return standings


def _held(run: Run, known: Sequence[KnownRecipient]) -> dict[int, list[Holding]]:
    if not known:
        return {}
    found: dict[int, list[Holding]] = {}
    achievement_id = run.version.achievement.public_id
    for holding in holdings_of(achievement_id=achievement_id, recipient_ids=[one.pk for one in known]):
        found.setdefault(holding.recipient_id, []).append(holding)
    return found


def _priors(held: Mapping[int, Sequence[Holding]], recipients: set[int], row: RawRow) -> tuple[Prior, ...]:
    """Give what the person holds, but for the badge that this very row led to in an earlier try."""
    return tuple(
        Prior(one.state, one.since, one.until)
        for pk in sorted(recipients)
        for one in held.get(pk, ())
        if one.origin_id != row.public_id
    )


def _by_person(known: Iterable[KnownRecipient]) -> dict[int, list[KnownRecipient]]:
    found: dict[int, list[KnownRecipient]] = {}
    for one in known:
        if one.person_id is not None:
            found.setdefault(one.person_id, []).append(one)
    return found


def _decisions(run: Run, people: set[int], awarded: set[UUID]) -> dict[int, str]:
    """Say of whom a final decision says met without a badge yet: it comes by itself, or a registrar stopped it."""
    if not people:
        return {}
    found = decisions_met_of(achievement_id=run.version.achievement.public_id, learner_ids=people)
    open_ones = {decision: learner for decision, learner in found if decision not in awarded}
    held = origins_held(organization=run.organization, origin_ids=list(open_ones)) if open_ones else frozenset()
    return {learner: "held" if decision in held else "waiting" for decision, learner in open_ones.items()}


def _due_before(run: Run, read: Read, meant: Sequence[_Meant]) -> dict[Identity, int]:
    """Give the rows before this page that lead to a badge for people of it: identity -> number of the row."""
    if not meant:
        return {}
    first, identities = read[0][0].number, _identities(run, meant)
    # The index is of rows with a key. By number it would be read from the run's first row on, page after page.
    rows = RunRow.objects.filter(run=run, person_key__among=list(identities)).exclude(person_key="")
    due = rows.filter(row_class__in=DUE).exclude(outcome=RunRow.Outcome.REFUSED).order_by("-number")
    return {identities[key]: number for key, number in due.values_list("person_key", "number") if number < first}


def _identities(run: Run, meant: Sequence[_Meant]) -> dict[str, Identity]:
    """Give every key by which rows may have been stored for these people."""
    found = {who.key: who.identity for who in meant}
    people = {who.person_id for who in meant if who.person_id is not None}
    for one in recipients_known(organization=run.organization, person_ids=people):
        if one.person_id is not None and one.person_public_id is not None:
            found |= {one.key: one.person_id, person_key(one.person_public_id): one.person_id}
    return found


def stored(judged: Judged) -> tuple[Any, ...]:
    """Give the columns of a judged row as they are stored (`JUDGED_COLUMNS`)."""
    finding = judged.finding
    return (judged.row.pk, judged.person_key, str(finding.row_class), finding.code, dict(finding.data))


JUDGED_COLUMNS = ("id", "person_key", "row_class", "code", "data")
