"""Importing frameworks: read, compare with what is stored, write the difference, never delete an item."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction

from insignia.accounts.selectors import person_get
from insignia.audit.services import audit_record
from insignia.frameworks.errors import FrameworkBusy, FrameworkNotFound
from insignia.frameworks.models import Framework, FrameworkAssociation, FrameworkImport, FrameworkItem
from insignia.frameworks.plain import one_line, without_controls
from insignia.frameworks.readers.sniffing import read_source
from insignia.frameworks.rules import (
    Arrangement,
    Changes,
    ImportReport,
    ItemState,
    adopted,
    arrange,
    is_older,
    items_compared,
    report_to_json,
)
from insignia.frameworks.searching import code_key, search_text
from insignia.frameworks.selectors import framework_get
from insignia.frameworks.source import SourceDocument
from insignia.organizations.selectors import permission_require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from insignia.audit.actor import Actor
    from insignia.frameworks.source import Source, SourceItem
    from insignia.organizations.models import Organization

CONTENT = (
    "uri",
    "human_code",
    "full_statement",
    "abbreviated_statement",
    "notes",
    "item_type",
    "education_levels",
    "extra",
)
DERIVED = ("code_key", "search_text", "ancestors", "parent", "position", "changed_at", "retired_at")
DOCUMENT = (
    "uri",
    "title",
    "description",
    "creator",
    "publisher",
    "language",
    "licence_title",
    "licence_text",
    "licence_uri",
    "version_label",
    "adoption_status",
    "changed_label",
)
BATCH = 500

TieKey = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class _Plan:
    """What one file would make of what is stored."""

    source: Source
    arrangement: Arrangement
    framework: Framework | None
    stored: Mapping[str, FrameworkItem]
    ties_stored: Mapping[TieKey, int]
    ties_wanted: Mapping[TieKey, None]
    changes: Changes


def framework_import(
    *,
    organization: Organization,
    actor: Actor,
    at: datetime,
    raw: bytes,
    filename: str,
    into: UUID | None = None,
) -> ImportReport:
    """Import a framework file, or bring an imported framework up to date with it.

    The framework is known by its publisher's identifier. The same file again changes nothing and says so. Items
    that left the file are retired.

    Args:
        organization: whose framework this is; another organization may import the same file for itself.
        actor: a badge author or owner there, or a command of the installation.
        at: the time of the import (UTC).
        raw: the file, at most `source.MAX_BYTES`.
        filename: its name; it serves as a title, and a table's identifier, where the file has none.
        into: the public id of a framework of this organization that the file is a newer state of, whatever it
            calls itself.

    Raises:
        NotAFramework: the file is something else.
        FrameworkUnreadable, FrameworkEmpty, FrameworkTooLarge: it cannot be taken.
        FrameworkBusy: somebody imported the same framework at the same moment.
        FrameworkNotFound: `into` is no framework of this organization.
        OrganizationNotFound, RoleMissing: the actor may not.
    """
    _require_author(actor, organization)
    name = one_line(without_controls(filename))[:200]
    # Reading is pure and may take seconds: it holds no lock. What it is compared with is read under one.
    source = _read(organization, raw, name, into)
    arrangement = arrange(source)
    with transaction.atomic():
        _require_author(actor, organization)
        plan = _planned(organization, source, arrangement, at)
        report = _report(plan, name)
        if report.outcome == "unchanged":
            return report
        digest = hashlib.sha256(raw).hexdigest()
        framework = _framework_written(plan, organization, digest, at)
        _items_written(plan, framework, at)
        _ties_written(plan, framework)
        report = replace(report, framework_id=str(framework.public_id))
        stored = report_to_json(report)
        FrameworkImport.objects.create(
            organization=organization,
            framework=framework,
            at=at,
            filename=name,
            source_sha256=digest,
            report=stored,
        )
        _audit(plan, framework, actor, at, report, digest)
    return report


def framework_preview(
    *,
    organization: Organization,
    actor: Actor,
    at: datetime,
    raw: bytes,
    filename: str,
    into: UUID | None = None,
) -> ImportReport:
    """Say what `framework_import` would do with this file now, and change nothing.

    Raises:
        As `framework_import`.
    """
    _require_author(actor, organization)
    name = one_line(without_controls(filename))[:200]
    source = _read(organization, raw, name, into)
    arrangement = arrange(source)
    with transaction.atomic():
        return _report(_planned(organization, source, arrangement, at), name)


def _require_author(actor: Actor, organization: Organization) -> None:
    if actor.kind == "person":
        person = person_get(actor.id or UUID(int=0))
        permission_require(person=person, organization=organization, role="author")


def _read(organization: Organization, raw: bytes, filename: str, into: UUID | None) -> Source:
    source = read_source(raw, filename=filename)
    if into is None:
        return source
    framework = framework_get(into)
    if framework.organization_id != organization.pk:
        raise FrameworkNotFound("There is no such framework here.")
    stored = SourceDocument(framework.identifier, **{name: getattr(framework, name) for name in DOCUMENT})
    return adopted(source, stored)


def _planned(organization: Organization, source: Source, arrangement: Arrangement, at: datetime) -> _Plan:
    framework = (
        Framework.objects.select_for_update()
        .filter(organization=organization, identifier=source.document.identifier)
        .first()
    )
    rows = FrameworkItem.objects.filter(framework=framework) if framework else FrameworkItem.objects.none()
    stored = {row.identifier: row for row in rows}
    ties = FrameworkAssociation.objects.filter(framework=framework) if framework else ()
    ties_stored = {_tie_key(tie): tie.pk for tie in ties}
    ties_wanted = dict.fromkeys(
        (tie.kind, tie.origin, tie.destination, tie.destination_uri, tie.destination_title)
        for tie in arrangement.ties
    )
    changes = replace(
        items_compared(_states_stored(stored), _states_wanted(source, arrangement, at)),
        document=_document_differs(framework, source.document),
        ties_added=len(ties_wanted.keys() - ties_stored.keys()),
        ties_removed=len(ties_stored.keys() - ties_wanted.keys()),
    )
    if framework and is_older(source.document.changed_label, framework.changed_label):
        source.findings.note("older-than-stored", "file")
    return _Plan(source, arrangement, framework, stored, ties_stored, ties_wanted, changes)


def _tie_key(tie: FrameworkAssociation) -> TieKey:
    ends = (tie.origin_identifier, tie.destination_identifier)
    return (tie.kind, *ends, tie.destination_uri, tie.destination_title)


def _states_stored(stored: Mapping[str, FrameworkItem]) -> dict[str, ItemState]:
    names = {row.pk: row.identifier for row in stored.values()}
    return {
        identifier: ItemState(
            {name: getattr(row, name) for name in CONTENT},
            names.get(row.parent_id) if row.parent_id else None,
            row.position,
            row.retired_at is not None,
        )
        for identifier, row in stored.items()
    }


def _states_wanted(source: Source, arrangement: Arrangement, at: datetime) -> dict[str, ItemState]:
    # In the order of the tree, parents first: a report then reads like the framework.
    items = {item.identifier: item for item in source.items}
    return {
        identifier: ItemState(
            _content(items[identifier]), place.parent, place.position, _has_ended(items[identifier], at)
        )
        for identifier, place in arrangement.places.items()
    }


def _content(item: SourceItem) -> dict[str, Any]:
    return {
        "uri": item.uri,
        "human_code": item.human_code,
        "full_statement": item.full_statement,
        "abbreviated_statement": item.abbreviated_statement,
        "notes": item.notes,
        "item_type": item.item_type,
        "education_levels": list(item.education_levels),
        "extra": dict(item.extra),
    }


def _has_ended(item: SourceItem, at: datetime) -> bool:
    return item.ended_on is not None and item.ended_on <= at.date()


def _document_differs(framework: Framework | None, document: SourceDocument) -> tuple[str, ...]:
    if framework is None:
        return ()
    return tuple(name for name in DOCUMENT if getattr(framework, name) != getattr(document, name))


def _report(plan: _Plan, filename: str) -> ImportReport:
    outcome = "created" if plan.framework is None else ("unchanged" if plan.changes.nothing else "updated")
    return ImportReport(
        outcome=outcome,
        title=plan.source.document.title,
        format=plan.source.format,
        filename=filename,
        items=len(plan.arrangement.places),
        ties=len(plan.ties_wanted),
        changes=plan.changes,
        findings=plan.source.findings.examples,
        counts=dict(plan.source.findings.counts),
        framework_id=str(plan.framework.public_id) if plan.framework else "",
    )


def _framework_written(plan: _Plan, organization: Organization, digest: str, at: datetime) -> Framework:
    values = {name: getattr(plan.source.document, name) for name in DOCUMENT}
    values |= {"source_format": plan.source.format, "source_sha256": digest, "imported_at": at}
    if plan.framework is None:
        try:
            with transaction.atomic():
                return Framework.objects.create(
                    organization=organization, identifier=plan.source.document.identifier, **values
                )
        except IntegrityError as error:
            raise FrameworkBusy(
                "Somebody imported this framework at the same moment. Look at it, then send the file again."
            ) from error
    for name, value in values.items():
        setattr(plan.framework, name, value)
    plan.framework.save(update_fields=list(values))
    return plan.framework


def _items_written(plan: _Plan, framework: Framework, at: datetime) -> None:
    rows = dict(plan.stored)
    before = {identifier: _snapshot(row) for identifier, row in rows.items()}
    levels: dict[int, list[FrameworkItem]] = defaultdict(list)
    items = {item.identifier: item for item in plan.source.items}
    for identifier, place in plan.arrangement.places.items():
        if identifier not in rows:
            rows[identifier] = _new_item(framework, identifier, at)
            levels[len(place.ancestors)].append(rows[identifier])
        _filled(rows[identifier], items[identifier], plan, at)
    # Level by level: a parent has its key before its children are written.
    for level in sorted(levels):
        for row in levels[level]:
            _put(row, rows, plan)
        FrameworkItem.objects.bulk_create(levels[level], batch_size=BATCH)
    for identifier, row in plan.stored.items():
        if identifier in plan.arrangement.places:
            _put(row, rows, plan)
        elif row.retired_at is None:
            row.retired_at = row.changed_at = at
    touched = [row for identifier, row in plan.stored.items() if _snapshot(row) != before[identifier]]
    FrameworkItem.objects.bulk_update(touched, [*CONTENT, *DERIVED], batch_size=BATCH // 5)


def _new_item(framework: Framework, identifier: str, at: datetime) -> FrameworkItem:
    return FrameworkItem(
        organization_id=framework.organization_id,
        framework=framework,
        identifier=identifier,
        added_at=at,
        changed_at=at,
    )


def _snapshot(row: FrameworkItem) -> list[Any]:
    return [row.parent_id if name == "parent" else getattr(row, name) for name in (*CONTENT, *DERIVED)]


def _filled(row: FrameworkItem, item: SourceItem, plan: _Plan, at: datetime) -> None:
    content = _content(item)
    ended = _has_ended(item, at)
    if any(getattr(row, name) != value for name, value in content.items()) or ended != (
        row.retired_at is not None
    ):
        row.changed_at = at
    for name, value in content.items():
        setattr(row, name, value)
    row.code_key = code_key(item.human_code)
    row.search_text = search_text(item.abbreviated_statement, item.full_statement, _keywords(item))
    row.retired_at = (row.retired_at or at) if ended else None
    row.ancestors = list(plan.arrangement.places[item.identifier].ancestors)


def _put(row: FrameworkItem, rows: Mapping[str, FrameworkItem], plan: _Plan) -> None:
    place = plan.arrangement.places[row.identifier]
    row.parent = rows[place.parent] if place.parent else None
    row.position = place.position


def _keywords(item: SourceItem) -> str:
    words = item.extra.get("conceptKeywords")
    if isinstance(words, list):
        return " ".join(word for word in words if isinstance(word, str))
    return words if isinstance(words, str) else ""


def _ties_written(plan: _Plan, framework: Framework) -> None:
    gone = [plan.ties_stored[key] for key in plan.ties_stored.keys() - plan.ties_wanted.keys()]
    for start in range(0, len(gone), BATCH):
        FrameworkAssociation.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    new = [
        FrameworkAssociation(
            organization_id=framework.organization_id,
            framework=framework,
            kind=kind,
            origin_identifier=origin,
            destination_identifier=destination,
            destination_uri=uri,
            destination_title=title,
        )
        for kind, origin, destination, uri, title in plan.ties_wanted
        if (kind, origin, destination, uri, title) not in plan.ties_stored
    ]
    FrameworkAssociation.objects.bulk_create(new, batch_size=BATCH)


def _audit(
    plan: _Plan, framework: Framework, actor: Actor, at: datetime, report: ImportReport, digest: str
) -> None:
    changes = plan.changes
    audit_record(
        actor=actor,
        at=at,
        action="framework.imported" if report.outcome == "created" else "framework.updated",
        subject=("framework", framework.public_id),
        organization_id=framework.organization.public_id,
        old={"items": len(plan.stored)},
        new={
            "title": report.title,
            "sha256": digest,
            "items": report.items,
            "added": len(changes.added),
            "changed": len(changes.changed),
            "moved": len(changes.moved),
            "retired": len(changes.retired),
            "returned": len(changes.returned),
            "ties_added": changes.ties_added,
            "ties_removed": changes.ties_removed,
        },
    )
