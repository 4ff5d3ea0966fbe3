"""Writing the record, giving its rows their numbers, and proving the chain."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from insignia.audit.actor import Actor
from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.rules import GENESIS, entry_bytes, link_hash, moment
from insignia.audit.selectors import entry_facts, link_newest, links_in_order
from insignia.foundation.bulk import bulk_insert
from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import seal
from insignia.foundation.wake import wake

SEQUENCER_LOCK = 4_715_001  # any number, the same in every process: PostgreSQL's advisory lock of the sequencer
SEQUENCE_CHUNK = 1000


@dataclass(frozen=True)
class ChainReport:
    """What a walk of the chain found: `broken` names the first bad row, or is empty."""

    length: int
    unnumbered: int
    broken: str = ""


def audit_record(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    subject: tuple[str, UUID],
    organization_id: UUID | None = None,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    personal: tuple[DataKey, dict[str, Any]] | None = None,
) -> AuditEntry:
    """Insert one row, in the transaction of the change it tells of.

    `personal` holds values about a person (old and new names, texts); they lie sealed under that key.
    """
    key, sealed = None, None
    if personal is not None:
        key = personal[0]
        sealed = seal(json.dumps(personal[1]).encode(), key=key, purpose="audit")
    entry = AuditEntry.objects.create(
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        organization_id=organization_id,
        old=old or {},
        new=new or {},
        data_key=key,
        sealed_personal=sealed,
    )
    wake("audit.sequence")
    return entry


@dataclass(frozen=True)
class Entry:
    """One change of many: what it happened to, by kind and id, with its old and new values."""

    subject: tuple[str, UUID]
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)


ENTRY_COLUMNS = (
    "public_id", "at", "actor_kind", "actor_id", "actor_name", "action", "subject_kind", "subject_id",
    "organization_id", "old", "new", "data_key_id", "sealed_personal",
)  # fmt: skip


def audit_record_many(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    organization_id: UUID | None,
    entries: Sequence[Entry],
) -> None:
    """Insert one row for each of many like changes, in the transaction of the changes."""
    who = (actor.kind, actor.id, actor.name)
    bulk_insert(
        AuditEntry,
        ENTRY_COLUMNS,
        [
            (new_id(), at, *who, action, *entry.subject, organization_id, entry.old, entry.new, None, None)
            for entry in entries
        ],
    )
    wake("audit.sequence")


def audit_sequence(at: datetime) -> int:
    """Number every committed row that has no number yet, chunk by chunk; return how many.

    One sequencer works at a time (an advisory lock on PostgreSQL, the write lock on SQLite), never inside a
    business transaction. Safe to run twice and in two processes.
    """
    total = 0
    while numbered := _sequence_chunk(at):
        total += numbered
    return total


@transaction.atomic
def _sequence_chunk(at: datetime) -> int:
    _lock_sequencer()
    last = AuditLink.objects.order_by("-number").first()
    number, previous = (last.number, bytes(last.hash)) if last else (0, GENESIS)
    links = []
    for entry in AuditEntry.objects.filter(link__isnull=True).order_by("id")[:SEQUENCE_CHUNK]:
        number += 1
        current = link_hash(number, previous, entry_bytes(entry_facts(entry)))
        links.append(AuditLink(number=number, entry=entry, previous_hash=previous, hash=current))
        previous = current
    AuditLink.objects.bulk_create(links)
    if links:
        transaction.on_commit(lambda: checkpoint_write(number, previous, at))
    return len(links)


def _lock_sequencer() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])


def checkpoint_path() -> Path:
    """Say where the last checkpoint lies: outside the database, so that a cut tail shows."""
    return Path(settings.INSIGNIA_DATA) / "audit-checkpoint.json"


def checkpoint_read() -> tuple[int, str]:
    """Read the last checkpoint as (number, hash in hex); (0, "") when there is none."""
    try:
        stored = json.loads(checkpoint_path().read_text())
        return int(stored["number"]), str(stored["hash"])
    except FileNotFoundError:
        return 0, ""


def checkpoint_write(number: int, head: bytes, at: datetime) -> None:
    """Store the head of the chain outside the database; it never goes back."""
    if checkpoint_read()[0] < number:
        _checkpoint_put(number, head, at)


def _checkpoint_put(number: int, head: bytes, at: datetime) -> None:
    path = checkpoint_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{number}")
    with temporary.open("w") as file:
        json.dump({"number": number, "hash": head.hex(), "at": moment(at)}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@transaction.atomic
def checkpoint_recover(*, actor: Actor, at: datetime) -> int:
    """Let the record go on after an older copy of the database was put back; return how many rows are gone.

    A row of the record itself says which numbers are gone, and what the head was that nobody can show any more.
    """
    number, head = checkpoint_read()
    newest = link_newest()
    present = newest.number if newest else 0
    if not number or _hash_at(number) == head:
        return 0
    gone = {"from": present + 1, "to": number, "head": head}
    audit_record(actor=actor, at=at, action="audit.rows-lost", subject=("record", UUID(int=number)), new=gone)
    transaction.on_commit(lambda: _checkpoint_put(present, bytes(newest.hash) if newest else GENESIS, at))
    return max(number - present, 0)


def _hash_at(number: int) -> str:
    link = AuditLink.objects.filter(number=number).first()
    return bytes(link.hash).hex() if link else ""


def audit_verify(*, newest: int | None = None) -> ChainReport:
    """Walk the chain and compare it with the checkpoint; name the first broken row.

    `newest` walks so many rows at the end only: a page can ask for that at any length of the record.
    """
    previous, expected = _start_before(newest)
    checkpoint_number, checkpoint_hash = checkpoint_read()
    for link in links_in_order(after=expected):
        expected += 1
        if broken := _break_at(link, expected, previous):
            return ChainReport(expected, _unnumbered(), broken)
        previous = bytes(link.hash)
        if expected == checkpoint_number and previous.hex() != checkpoint_hash:
            return ChainReport(
                expected, _unnumbered(), f"row {expected}: the chain left the checkpoint kept outside"
            )
    if expected < checkpoint_number:
        message = f"row {expected + 1}: rows up to {checkpoint_number} were numbered once and are gone"
        return ChainReport(expected, _unnumbered(), message)
    return ChainReport(expected, _unnumbered())


def _start_before(newest: int | None) -> tuple[bytes, int]:
    head = link_newest()
    if newest is None or head is None or head.number <= newest:
        return GENESIS, 0
    before = AuditLink.objects.filter(number__lte=head.number - newest).order_by("-number").first()
    return (bytes(before.hash), before.number) if before else (GENESIS, 0)


def _break_at(link: AuditLink, expected: int, previous: bytes) -> str:
    if link.number != expected:
        return f"row {expected}: missing; the next one is {link.number}"
    if bytes(link.previous_hash) != previous:
        return f"row {expected}: does not follow the row before it"
    if link_hash(link.number, previous, entry_bytes(entry_facts(link.entry))) != bytes(link.hash):
        return f"row {expected} ({link.entry.action}, {link.entry.public_id}): changed after it was written"
    return ""


def _unnumbered() -> int:
    return AuditEntry.objects.filter(link__isnull=True).count()
