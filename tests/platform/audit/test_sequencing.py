"""Numbering in bulk, in turns, and rows that are committed below rows that have their numbers already."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.services import Entry, audit_record_many, audit_sequence, audit_verify, sequencing
from insignia.foundation.wake import wait_for_wakes
from tests.platform.factories import AT, SETUP

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def by_hand(settings: LazySettings) -> None:
    """Number only when a test says so."""
    settings.INSIGNIA_WAKE = "worker"


def record(count: int) -> None:
    entries = [Entry(("thing", uuid4()), new={"n": number}) for number in range(count)]
    audit_record_many(actor=SETUP, at=AT, action="thing.made", organization_id=None, entries=entries)


def unnumbered() -> int:
    return AuditEntry.objects.filter(link__isnull=True).count()


@contextmanager
def written_slowly() -> Iterator[threading.Event]:
    """Have another connection write a row and commit it only when the given event is set."""
    written, commit = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            record(1)
            written.set()
            commit.wait(timeout=60)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    assert written.wait(timeout=60)
    yield commit
    commit.set()
    thread.join()


class TestAuditSequence:
    def test_asks_the_database_as_often_for_a_thousand_rows_as_for_ten(self) -> None:
        record(1)
        audit_sequence(AT)
        counts = []
        for rows in (10, 1000):
            record(rows)
            with CaptureQueriesContext(connection) as queries:
                assert audit_sequence(AT) == rows
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_ends_its_turn_and_wakes_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sequencing, "TURN_SECONDS", -1.0)
        monkeypatch.setattr(sequencing, "SEQUENCE_CHUNK", 10)
        record(25)
        wait_for_wakes(0, ["audit.sequence"])
        assert [audit_sequence(AT), audit_sequence(AT), audit_sequence(AT)] == [10, 10, 5]
        assert wait_for_wakes(0, ["audit.sequence"]) == {"audit.sequence"}
        assert audit_verify().broken == ""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite commits rows in the order of their keys")
class TestStragglers:
    def test_are_numbered_once_they_are_committed(self) -> None:
        with written_slowly() as commit:
            record(3)
            assert audit_sequence(AT) == 3
            commit.set()
        assert unnumbered() == 1
        assert audit_sequence(AT) == 1
        assert audit_verify().broken == ""

    def test_are_not_settled_while_somebody_writes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sequencing, "STRAGGLERS_SECONDS", 0.0)
        with written_slowly() as commit:
            record(3)
            audit_sequence(AT)
            assert audit_sequence(AT) == 0, "it looks, and must not take the open transaction's row for settled"
            commit.set()
        assert audit_sequence(AT) == 1

    def test_are_looked_for_above_the_settled_rows_alone(self) -> None:
        record(3)
        audit_sequence(AT)
        audit_sequence(AT)
        newest = AuditLink.objects.latest("number").entry_id
        assert sequencing._settled == newest

    def test_are_settled_although_there_is_always_somebody_who_writes(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else each look would read all rows since the last quiet moment, which a long run never has."""
        monkeypatch.setattr(sequencing, "STRAGGLERS_SECONDS", 0.0)
        monkeypatch.setattr(sequencing, "_settled", 0)
        record(3)
        audit_sequence(AT)
        newest = AuditLink.objects.latest("number").entry_id
        with ExitStack() as first:
            first.enter_context(written_slowly())
            audit_sequence(AT)
            assert sequencing._settled == 0
            with written_slowly():
                first.close()
                audit_sequence(AT)
                assert sequencing._settled == newest
        assert audit_sequence(AT) == 1
        assert audit_verify().broken == ""

    def test_leave_the_turn_to_the_one_who_is_at_it(self) -> None:
        record(3)
        done = threading.Event()
        results: list[int] = []

        def other() -> None:
            results.append(audit_sequence(AT))
            connection.close()
            done.set()

        with transaction.atomic():
            assert sequencing._lock_taken()
            threading.Thread(target=other).start()
            assert done.wait(timeout=60), "it waited for a lock"
        assert results == [0]
        assert audit_sequence(AT) == 3
