"""What follows from a file: the tree of its items, and what an import changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from insignia.frameworks.findings import KINDS, Finding, Findings
from insignia.frameworks.source import (
    CHILD_OF,
    MAX_DEPTH,
    Source,
    SourceAssociation,
    SourceDocument,
    SourceItem,
)

LISTED = 200  # of items, of each kind of change, that a stored report names; counts are always whole


@dataclass(frozen=True)
class Place:
    """Where an item stands: its parent's identifier (None at the top), all ancestors, its place among siblings."""

    parent: str | None
    ancestors: tuple[str, ...]
    position: int


@dataclass(frozen=True)
class Arrangement:
    """The tree of a file, parents before children, and the ties that are not parents."""

    places: Mapping[str, Place]
    ties: tuple[SourceAssociation, ...]


def arrange(source: Source) -> Arrangement:
    """Make a tree of whatever parents the file names: no circle, no orphan, no second parent, no endless depth.

    Notes what it mends in `source.findings`.
    """
    items = {item.identifier: item for item in source.items}
    chosen, extra = _parents_chosen(source, items)
    parents = {identifier: _known_parent(identifier, chosen, source, items) for identifier in items}
    _cut_circles(parents, items, source.findings)
    _cut_depth(parents, items, source.findings)
    children = _children_ordered(parents, chosen, source)
    places: dict[str, Place] = {}
    waiting: list[tuple[str | None, tuple[str, ...]]] = [(None, ())]
    for parent, ancestors in waiting:
        for position, identifier in enumerate(children.get(parent, ())):
            places[identifier] = Place(parent, ancestors, position)
            waiting.append((identifier, (*ancestors, identifier)))
    return Arrangement(places, _ties(source, extra, items))


def adopted(source: Source, document: SourceDocument) -> Source:
    """Let a file speak for a framework that is known already, whatever it calls itself.

    `document` is the framework as stored: its identifier stays, and all of it where the file describes nothing.
    """
    named = source.document
    described = "document-missing" not in source.findings.counts
    ties = tuple(
        replace(tie, destination=document.identifier) if tie.destination == named.identifier else tie
        for tie in source.associations
    )
    chosen = replace(named, identifier=document.identifier) if described else document
    return replace(source, document=chosen, associations=ties)


def _parents_chosen(
    source: Source, items: Mapping[str, SourceItem]
) -> tuple[dict[str, SourceAssociation], list[SourceAssociation]]:
    """Choose each item's first parent that the file knows; the others become ties."""
    named: dict[str, dict[str, SourceAssociation]] = defaultdict(dict)
    for tie in source.associations:
        if tie.kind == CHILD_OF:
            if tie.destination in named[tie.origin]:
                source.findings.note("duplicate-association", tie.where)
            named[tie.origin].setdefault(tie.destination, tie)
    chosen: dict[str, SourceAssociation] = {}
    extra: list[SourceAssociation] = []
    for origin, ties in named.items():
        known = [tie for tie in ties.values() if tie.destination in items]
        first = (known or list(ties.values()))[0]
        chosen[origin] = first
        others = [tie for tie in ties.values() if tie is not first and tie.destination in items]
        if others and origin in items:
            source.findings.note("second-parent", items[origin].where)
            extra += others
    return chosen, extra


def _known_parent(
    identifier: str, chosen: Mapping[str, SourceAssociation], source: Source, items: Mapping[str, SourceItem]
) -> str | None:
    tie = chosen.get(identifier)
    if tie is None:
        source.findings.note("parent-missing", items[identifier].where)
        return None
    if tie.destination in items:
        return tie.destination
    if tie.destination != source.document.identifier:
        source.findings.note("parent-unknown", items[identifier].where, name=tie.destination)
    return None


def _cut_circles(parents: dict[str, str | None], items: Mapping[str, SourceItem], findings: Findings) -> None:
    safe: set[str] = set()
    for start in parents:
        trail: dict[str, None] = {}
        current: str | None = start
        while current is not None and current not in safe:
            if current in trail:
                findings.note("parent-cycle", items[current].where)
                parents[current] = None
                break
            trail[current] = None
            current = parents[current]
        safe.update(trail)


def _cut_depth(parents: dict[str, str | None], items: Mapping[str, SourceItem], findings: Findings) -> None:
    depths: dict[str, int] = {}
    for start in parents:
        trail = [start]
        while trail[-1] not in depths and (above := parents[trail[-1]]) is not None:
            trail.append(above)
        for identifier in reversed(trail):
            parent = parents[identifier]
            depth = 1 if parent is None else depths[parent] + 1
            if depth > MAX_DEPTH:
                findings.note("too-deep", items[identifier].where, limit=str(MAX_DEPTH))
                parents[identifier], depth = None, 1
            depths[identifier] = depth


def _children_ordered(
    parents: Mapping[str, str | None], chosen: Mapping[str, SourceAssociation], source: Source
) -> dict[str | None, list[str]]:
    """Order siblings by sequence number, then by enumeration, then as the file has them."""
    children: dict[str | None, list[str]] = defaultdict(list)
    for item in source.items:
        children[parents[item.identifier]].append(item.identifier)
    enumeration = {item.identifier: item.list_enumeration for item in source.items}
    where = {item.identifier: item.where for item in source.items}

    def order(identifier: str) -> tuple[bool, float, bool, float]:
        tie = chosen.get(identifier)
        sequence = tie.sequence if tie else None
        listed = enumeration[identifier]
        number = float(listed) if listed.isdecimal() and listed.isascii() and len(listed) < 10 else None
        return (sequence is None, sequence or 0.0, number is None, number or 0.0)

    for parent, group in children.items():
        if len(group) > 1 and any(order(identifier)[0] and order(identifier)[2] for identifier in group):
            source.findings.note("order-missing", where[parent] if parent else "top")
        group.sort(key=order)
    return children


def _ties(
    source: Source, extra: Iterable[SourceAssociation], items: Mapping[str, SourceItem]
) -> tuple[SourceAssociation, ...]:
    kept: dict[tuple[str, str, str], SourceAssociation] = {}
    others = (tie for tie in source.associations if tie.kind != CHILD_OF)
    for tie in (*others, *extra):
        key = (tie.kind, tie.origin, tie.destination)
        if tie.origin == tie.destination:
            source.findings.note("self-association", tie.where)
        elif key in kept:
            source.findings.note("duplicate-association", tie.where)
        else:
            kept[key] = tie
            if tie.destination not in items:
                source.findings.note("association-outside", tie.where)
    return tuple(kept.values())


@dataclass(frozen=True)
class ItemChange:
    """What an import does to one item; `fields` names what differs, empty for added and retired ones."""

    identifier: str
    code: str
    statement: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """What differs between what is stored and what the file says, item by item."""

    document: tuple[str, ...] = ()
    added: tuple[ItemChange, ...] = ()
    changed: tuple[ItemChange, ...] = ()
    moved: tuple[ItemChange, ...] = ()
    retired: tuple[ItemChange, ...] = ()
    returned: tuple[ItemChange, ...] = ()
    ties_added: int = 0
    ties_removed: int = 0

    @property
    def nothing(self) -> bool:
        """Say whether the file says exactly what is stored."""
        lists = (self.document, self.added, self.changed, self.moved, self.retired, self.returned)
        return not any(lists) and not self.ties_added and not self.ties_removed


@dataclass(frozen=True)
class ItemState:
    """What counts when an item is compared: its content by field, its place, and whether it is retired."""

    content: Mapping[str, Any]
    parent: str | None
    position: int
    retired: bool


def items_compared(stored: Mapping[str, ItemState], wanted: Mapping[str, ItemState]) -> Changes:
    """Say what makes the stored items those of the file. An item that left the file is retired, never deleted."""
    added: list[ItemChange] = []
    changed: list[ItemChange] = []
    moved: list[ItemChange] = []
    retired: list[ItemChange] = []
    returned: list[ItemChange] = []
    for identifier, new in wanted.items():
        old = stored.get(identifier)
        if old is None:
            added.append(_change(identifier, new))
            continue
        if differing := tuple(name for name, value in new.content.items() if old.content.get(name) != value):
            changed.append(_change(identifier, new, differing))
        if (old.parent, old.position) != (new.parent, new.position):
            moved.append(_change(identifier, new, ("parent",) if old.parent != new.parent else ("position",)))
        if old.retired != new.retired:
            (retired if new.retired else returned).append(_change(identifier, new))
    gone = (name for name, state in stored.items() if name not in wanted and not state.retired)
    retired += [_change(identifier, stored[identifier]) for identifier in gone]
    return Changes((), tuple(added), tuple(changed), tuple(moved), tuple(retired), tuple(returned))


def _change(identifier: str, state: ItemState, fields: tuple[str, ...] = ()) -> ItemChange:
    code, statement = state.content.get("human_code", ""), state.content.get("full_statement", "")
    return ItemChange(identifier, str(code), str(statement), fields)


def is_older(label: str, stored: str) -> bool:
    """Say whether one publisher's time (ISO 8601) lies before another; what cannot be read never does."""
    try:
        first, second = (datetime.fromisoformat(text) for text in (label, stored))
    except ValueError:
        return False
    return _aware(first) < _aware(second)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ImportReport:
    """What one import did. `outcome` is created, updated or unchanged; `findings` are examples, `counts` whole."""

    outcome: str
    title: str
    format: str
    filename: str
    items: int
    ties: int
    changes: Changes = field(default_factory=Changes)
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    framework_id: str = ""

    @property
    def sentence(self) -> str:
        """Say in one English sentence what happened."""
        if self.outcome == "unchanged":
            return f"Nothing changed: {self.title} is already imported as this file has it."
        if self.outcome == "created":
            return f"{self.title} is imported with {self.items} items."
        parts = [
            f"{len(group)} {name}"
            for name, group in (
                ("added", self.changes.added),
                ("changed", self.changes.changed),
                ("moved", self.changes.moved),
                ("retired", self.changes.retired),
                ("back again", self.changes.returned),
            )
            if group
        ]
        return f"{self.title} is up to date: {', '.join(parts) or 'its description or ties changed'}."


def report_to_json(report: ImportReport) -> dict[str, Any]:
    """Write a report down; long lists of items are cut, their counts are not."""
    changes = report.changes
    lists = ("added", "changed", "moved", "retired", "returned")
    return {
        "outcome": report.outcome,
        "title": report.title,
        "format": report.format,
        "filename": report.filename,
        "items": report.items,
        "ties": report.ties,
        "document": list(changes.document),
        "ties_added": changes.ties_added,
        "ties_removed": changes.ties_removed,
        "changed_items": {name: _listed(getattr(changes, name)) for name in lists},
        "changed_counts": {name: len(getattr(changes, name)) for name in lists},
        "findings": [
            {"code": found.code, "where": found.where, "data": dict(found.data)} for found in report.findings
        ],
        "finding_counts": dict(report.counts),
    }


def findings_from_json(report: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Read a stored report's findings back; codes that are no longer known are left out."""
    return tuple(
        Finding(found["code"], found["where"], found["data"])
        for found in report["findings"]
        if found["code"] in KINDS
    )


def _listed(changes: Sequence[ItemChange]) -> list[dict[str, Any]]:
    return [
        {
            "identifier": change.identifier,
            "code": change.code,
            "statement": change.statement[:200],
            "fields": list(change.fields),
        }
        for change in changes[:LISTED]
    ]
