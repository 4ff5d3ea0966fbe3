"""Is the installation fit to serve?"""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.test import Client

from insignia.web import health


@pytest.mark.django_db
class TestHealthz:
    """The address that load balancers ask."""

    def test_answers_200_when_all_is_well(self, client: Client) -> None:
        """Database and migrations are named."""
        answer = client.get("/healthz")
        assert answer.status_code == 200
        assert answer.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}

    def test_answers_503_when_a_migration_is_missing(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An installation that was half upgraded takes no traffic."""
        monkeypatch.setattr(health, "_migrations", lambda: False)
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["migrations"] == "failing"

    def test_answers_503_when_the_database_is_gone(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        """The page itself still answers."""

        class Broken:
            def cursor(self) -> None:
                raise DatabaseError("gone")

        monkeypatch.setattr(health, "connection", Broken())
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {"database": "failing", "migrations": "failing"}
