"""Is the installation fit to serve?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from insignia.foundation.models import Presence
from insignia.foundation.presence import presence_note
from insignia.web import health


@pytest.mark.django_db
class TestHealthz:
    """The address that load balancers ask."""

    def test_answers_200_when_all_is_well(self, client: Client) -> None:
        """Database and migrations are named."""
        answer = client.get("/healthz")
        assert answer.status_code == 200
        checks = {"database": "ok", "migrations": "ok", "worker": "never seen"}
        assert answer.json() == {"status": "ok", "checks": checks}

    def test_says_when_no_worker_was_seen_for_long(self, client: Client) -> None:
        """Pages can be served without one, so it stays 200; whoever watches reads it."""
        presence_note("w1", jobs="", at=datetime.now(UTC))
        assert client.get("/healthz").json()["checks"]["worker"] == "ok"
        Presence.objects.update(seen_at=datetime(2026, 5, 14, 10, 42, tzinfo=UTC))
        answer = client.get("/healthz")
        assert answer.status_code == 200
        assert answer.json()["checks"]["worker"] == "last seen 2026-05-14T10:42:00+00:00"

    @pytest.mark.parametrize("missing", ["runs.0001", "audit.0002", "sessions.0001"])
    def test_answers_503_when_a_migration_is_missing(self, client: Client, missing: str) -> None:
        """An installation that was half upgraded takes no traffic; the newest, an earlier one, a library's."""
        app, number = missing.split(".")
        MigrationRecorder.Migration.objects.get(app=app, name__startswith=number).delete()
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["migrations"] == "failing"

    def test_reads_the_disk_once(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        """Anybody may ask, as often as they like."""
        client.get("/healthz")
        read: list[object] = []
        monkeypatch.setattr(MigrationLoader, "load_disk", read.append)
        assert client.get("/healthz").status_code == 200
        assert not read

    def test_answers_503_when_the_database_is_gone(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        """The page itself still answers."""

        class Broken:
            def cursor(self) -> None:
                raise DatabaseError("gone")

        monkeypatch.setattr(health, "connection", Broken())
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {"database": "failing", "migrations": "failing"}
