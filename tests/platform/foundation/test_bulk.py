"""Rows in bulk are the rows that one by one would be, and keep every promise of the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from insignia.audit.models import AuditEntry
from insignia.foundation.bulk import bulk_change, bulk_insert, ids_take
from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey
from tests.platform.factories import AT

pytestmark = pytest.mark.django_db
COLUMNS = (
    "id", "public_id", "at", "actor_kind", "actor_id", "actor_name", "action", "subject_kind", "subject_id",
    "old", "new", "data_key_id", "sealed_personal",
)  # fmt: skip
NASTY = 'tab\tnew\nline back\\slash "quote" \\N \\. ñ 漢 🎖'


def entry(pk: int, **changes: object) -> list[Any]:
    row: dict[str, object] = {
        "id": pk, "public_id": new_id(), "at": AT, "actor_kind": "system", "actor_id": None, "actor_name": NASTY,
        "action": "test.done", "subject_kind": "test", "subject_id": new_id(), "old": {},
        "new": {"text": NASTY, "list": [1, 2.5, None, True]}, "data_key_id": None, "sealed_personal": None,
    }  # fmt: skip
    return list((row | changes).values())


class TestBulkInsert:
    """`bulk_insert`, read back through the model."""

    def test_stores_what_the_model_reads(self) -> None:
        """Text that COPY would take for its own signs, JSON, bytes, NULL, moments of any zone."""
        key = DataKey.objects.create(sealed=b"\x00\xff\\x", created_at=AT)
        elsewhere = datetime(2026, 5, 14, 4, 0, 0, 123456, tzinfo=timezone(-timedelta(hours=6)))
        rows = [
            entry(pk, at=elsewhere, data_key_id=key.pk, sealed_personal=bytes(range(256)))
            for pk in ids_take(AuditEntry, 3)
        ]
        assert bulk_insert(AuditEntry, COLUMNS, iter(rows)) == 3
        for row in rows:
            stored = AuditEntry.objects.get(pk=row[0])
            assert [stored.public_id, stored.subject_id] == [row[1], row[8]]
            assert stored.at == elsewhere
            assert stored.at.tzinfo is UTC
            assert stored.actor_name == NASTY
            assert stored.new == row[10]
            assert stored.actor_id is None
            assert bytes(stored.sealed_personal or b"") == bytes(range(256))
            assert stored.data_key_id == key.pk
            assert AuditEntry.objects.filter(new__text=NASTY, at=elsewhere, subject_id=row[8]).exists()

    def test_is_one_query(self) -> None:
        rows = [entry(pk) for pk in ids_take(AuditEntry, 500)]
        with (
            transaction.atomic(),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            bulk_insert(AuditEntry, COLUMNS, rows)
        assert sum("audit_auditentry" in query["sql"] for query in queries) == 1

    def test_stores_nothing_where_one_row_is_refused(self) -> None:
        first, second, third = (entry(pk) for pk in ids_take(AuditEntry, 3))
        second[1] = first[1]
        with pytest.raises(IntegrityError), transaction.atomic():
            bulk_insert(AuditEntry, COLUMNS, [first, second, third])
        assert not AuditEntry.objects.exists()

    def test_takes_no_rows(self) -> None:
        assert bulk_insert(AuditEntry, COLUMNS, []) == 0


class TestIdsTake:
    """`ids_take`."""

    def test_gives_keys_that_nobody_else_gets(self) -> None:
        """Neither a second taking nor an ordinary insert between."""
        first = ids_take(DataKey, 5)
        single = DataKey.objects.create(sealed=b"x", created_at=AT).pk
        second = ids_take(DataKey, 5)
        assert len({*first, single, *second}) == 11
        assert max(first) < single < min(second)

    def test_gives_none_when_none_is_asked_for(self) -> None:
        assert ids_take(DataKey, 0) == []


class TestBulkChange:
    """`bulk_change`."""

    def test_gives_each_row_its_own_values(self) -> None:
        keys = [DataKey.objects.create(sealed=b"x", created_at=AT) for _ in range(3)]
        later = AT + timedelta(hours=1)
        rows = [(keys[0].pk, b"\x00\xff", later), (keys[2].pk, None, AT)]
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            assert bulk_change(DataKey, ("id", "sealed", "destroyed_at"), [rows[1]]) == 1
            assert bulk_change(DataKey, ("id", "sealed", "created_at"), [rows[0]]) == 1
        assert sum("UPDATE" in query["sql"] for query in queries) == 2
        first, second, third = DataKey.objects.order_by("pk")
        assert (bytes(first.sealed or b""), first.created_at) == (b"\x00\xff", later)
        assert bytes(second.sealed or b"") == b"x"
        assert (third.sealed, third.destroyed_at) == (None, AT)

    def test_takes_no_rows(self) -> None:
        assert bulk_change(DataKey, ("id", "sealed"), []) == 0
