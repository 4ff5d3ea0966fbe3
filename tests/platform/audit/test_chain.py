from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.db import connection

from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.services import (
    audit_record,
    audit_sequence,
    audit_verify,
    checkpoint_path,
    checkpoint_read,
)
from insignia.foundation.sealing import datakey_create, datakey_destroy, unseal
from tests.platform.factories import AT, SETUP

# Real commits: numbering and its checkpoint happen after them.
pytestmark = pytest.mark.django_db(transaction=True)


def record(count: int) -> None:
    for number in range(count):
        audit_record(actor=SETUP, at=AT, action="thing.changed", subject=("thing", uuid4()), new={"n": number})


def tamper(statement: str) -> None:
    """Change the record as somebody with the database's own password would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")
        else:
            cursor.execute("PRAGMA foreign_keys = ON")


class TestAuditChain:
    def test_numbers_every_row_once_without_gaps(self) -> None:
        record(5)
        record(3)
        assert audit_sequence(AT) == 0, "a row was left without a number after its commit"
        assert list(AuditLink.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 9))
        report = audit_verify()
        assert (report.length, report.unnumbered, report.broken) == (8, 0, "")

    @pytest.mark.parametrize("victim", [1, 4, 8])
    def test_names_the_row_that_was_changed(self, victim: int) -> None:
        record(8)
        entry_id = AuditLink.objects.get(number=victim).entry_id
        tamper(f"UPDATE audit_auditentry SET action = 'thing.kept' WHERE id = {entry_id}")  # noqa: S608  - our own number
        assert audit_verify().broken.startswith(f"row {victim} (thing.kept")

    @pytest.mark.parametrize("victim", [1, 4])
    def test_names_the_row_that_was_removed(self, victim: int) -> None:
        record(8)
        tamper(f"DELETE FROM audit_auditlink WHERE number = {victim}")  # noqa: S608  - our own number
        assert audit_verify().broken.startswith(f"row {victim}: missing")

    @pytest.mark.parametrize(("victim", "seen"), [(8, True), (6, True), (5, False)])
    def test_can_be_proved_for_its_newest_rows_alone(self, victim: int, *, seen: bool) -> None:
        record(8)
        assert (audit_verify(newest=3).length, audit_verify(newest=3).broken) == (8, "")
        entry_id = AuditLink.objects.get(number=victim).entry_id
        tamper(f"UPDATE audit_auditentry SET action = 'thing.kept' WHERE id = {entry_id}")  # noqa: S608  - our own number
        assert bool(audit_verify(newest=3).broken) is seen
        assert audit_verify().broken

    def test_sees_a_tail_cut_off_by_the_checkpoint_outside(self) -> None:
        record(8)
        tamper("DELETE FROM audit_auditlink WHERE number > 5")
        assert audit_verify().broken == "row 6: rows up to 8 were numbered once and are gone"

    def test_sees_a_whole_chain_rewritten_by_the_checkpoint_outside(self) -> None:
        record(4)
        before = checkpoint_path().read_text()
        tamper("DELETE FROM audit_auditlink")
        tamper("UPDATE audit_auditentry SET action = 'thing.invented' WHERE action = 'thing.changed'")
        checkpoint_path().unlink()
        audit_sequence(AT)
        checkpoint_path().write_text(before)
        assert audit_verify().broken == "row 4: the chain left the checkpoint kept outside"

    def test_checkpoint_never_goes_back(self) -> None:
        record(3)
        checkpoint_path().write_text(json.dumps({"number": 99, "hash": "00"}))
        record(1)
        assert checkpoint_read() == (99, "00")

    def test_covers_sealed_values_even_after_the_person_was_erased(self) -> None:
        key = datakey_create(at=AT)
        entry = audit_record(
            actor=SETUP,
            at=AT,
            action="person.updated",
            subject=("person", uuid4()),
            personal=(key, {"old": "Noor"}),
        )
        assert b"Noor" not in bytes(AuditEntry.objects.get(pk=entry.pk).sealed_personal or b"")
        assert json.loads(unseal(bytes(entry.sealed_personal or b""), key=key, purpose="audit")) == {"old": "Noor"}
        datakey_destroy(key, at=AT)
        assert audit_verify().broken == ""
