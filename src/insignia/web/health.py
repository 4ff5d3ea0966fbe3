"""Is this installation fit to serve? For load balancers and people with pagers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from insignia.foundation.presence import MISSED_AFTER, worker_seen_at


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  - a view gets its request
    """Answer 200 when the database answers and every migration is applied, else 503 saying which is not.

    Whether a worker was seen in the last minutes is said besides: pages can be served without one.
    """
    checks = {"database": _database(), "migrations": False}
    if checks["database"]:
        checks["migrations"] = _migrations()
    fit = all(checks.values())
    words = {name: "ok" if good else "failing" for name, good in checks.items()}
    if fit:
        words["worker"] = _worker(datetime.now(UTC))
    return JsonResponse({"status": "ok" if fit else "unavailable", "checks": words}, status=200 if fit else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def _migrations() -> bool:
    return _known() <= set(MigrationRecorder(connection).applied_migrations())


@cache
def _known() -> frozenset[tuple[str, str]]:
    """Name every migration, read from the disk once: anybody may ask, as often as they like."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def _worker(at: datetime) -> str:
    seen = worker_seen_at()
    if seen is None:
        return "never seen"
    return "ok" if at - seen < MISSED_AFTER else f"last seen {seen.isoformat(timespec='seconds')}"
