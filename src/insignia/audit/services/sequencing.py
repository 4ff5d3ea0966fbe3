"""Giving rows their numbers: one sequencer at a time walks what was committed since, in order, and links it.

New rows lie above the newest numbered one, so a chunk is a stretch of the table. On PostgreSQL a transaction can
commit a row below rows that have their numbers already; those stragglers are looked for between `_settled`, up to
where this process knows that every row is numbered, and the newest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.rules import GENESIS, Facts, entry_bytes, link_hash
from insignia.audit.selectors import link_newest
from insignia.audit.services.checkpoint import checkpoint_write
from insignia.foundation.bulk import bulk_insert
from insignia.foundation.wake import wake

SEQUENCER_LOCK = 4_715_001  # any number, the same in every process: PostgreSQL's advisory lock of the sequencer
SEQUENCE_CHUNK = 2000
TURN_SECONDS = 5.0
"""How long one call works before it lets other jobs have their turn."""
BREATH = 0.02
"""Seconds between two chunks on SQLite, whose one lock is not fair: pages write in them."""
STRAGGLERS_SECONDS = 20.0
"""How often stragglers are looked for although somebody is writing: no row may wait 60 s for its number."""
LINK_COLUMNS = ("number", "entry_id", "previous_hash", "hash")


class _Look(NamedTuple):
    """A look at stragglers: the newest numbered row by then, and who was writing."""

    newest: int
    writers: frozenset[str]


_settled = 0
_looked_at = 0.0
_before = _Look(0, frozenset())


def audit_sequence(at: datetime) -> int:
    """Number every committed row that has no number yet, chunk by chunk; return how many.

    One sequencer works at a time (an advisory lock on PostgreSQL, the write lock on SQLite), never inside a
    business transaction. Safe to run twice and in two processes. After a turn of some seconds it wakes itself.
    """
    began, total = time.monotonic(), 0
    if connection.vendor == "postgresql":
        total += _sequence_chunk(_stragglers, at=at)
    while numbered := _sequence_chunk(_above, at=at):
        total += numbered
        if time.monotonic() - began > TURN_SECONDS:
            wake("audit.sequence")
            break
        if connection.vendor == "sqlite" and numbered == SEQUENCE_CHUNK:
            time.sleep(BREATH)
    return total


@transaction.atomic
def _sequence_chunk(find: Callable[[int], QuerySet[AuditEntry]], *, at: datetime) -> int:
    if not _lock_taken():
        return 0  # another one is at it; what it does not see is seen on the next round
    last = link_newest()
    number, previous = (last.number, bytes(last.hash)) if last else (0, GENESIS)
    head = AuditLink.objects.aggregate(entry=Max("entry_id"))["entry"] or 0
    links = []
    for entry_pk, *facts in find(head).order_by("pk").values_list("pk", *Facts._fields)[:SEQUENCE_CHUNK]:
        number += 1
        current = link_hash(number, previous, entry_bytes(Facts(*facts)))
        links.append((number, entry_pk, previous, current))
        previous = current
    if links:
        bulk_insert(AuditLink, LINK_COLUMNS, links)
        transaction.on_commit(lambda: checkpoint_write(number, previous, at))
    return len(links)


def _lock_taken() -> bool:
    """Say whether this process may number now; on SQLite the transaction itself holds the one lock."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
        return bool(cursor.fetchone()[0])


def _above(head: int) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(pk__gt=head)


def _stragglers(head: int) -> QuerySet[AuditEntry]:
    """Give rows at or below the newest numbered one that have no number.

    Keys are given in order. Once everybody has ended who was writing at a look, every row up to what was then the
    newest is committed or will never be: when none of them is left out, they are settled for good and are not
    looked at again.
    """
    global _settled, _looked_at, _before  # noqa: PLW0603  - what one process learned; another one, or a restart, learns it again
    writers, now = _writers(), time.monotonic()
    if writers and now - _looked_at < STRAGGLERS_SECONDS:
        return AuditEntry.objects.none()
    _looked_at = now
    start = _settled if _settled <= head else 0
    found = AuditEntry.objects.filter(pk__gt=start, pk__lte=head, link__isnull=True)
    ended = _ended(_Look(head, writers))
    if start < ended <= head and not found.filter(pk__lte=ended).exists():
        _settled = start = ended
    _before = _Look(head, writers)
    return found.filter(pk__gt=start)


def _ended(look: _Look) -> int:
    """Give the newest row below which nobody can add one any more, as this look and the last one show; or 0."""
    if not look.writers:
        return look.newest
    return 0 if _before.writers & look.writers else _before.newest


def _writers() -> frozenset[str]:
    """Name the other transactions that added a row and are still open: each holds a lock on the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = %s::regclass"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()",
            [AuditEntry._meta.db_table],  # noqa: SLF001  - Django's documented door to a model's table
        )
        return frozenset(row[0] for row in cursor.fetchall())
