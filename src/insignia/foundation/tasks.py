"""The one task that the work engine knows: a hint that a job has something to do.

Which engine carries it is configuration (Django's Tasks interface). A hint may be lost, doubled or late: workers
run every job now and then besides, and what is left to do stands in the rows of the domains.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskResultStatus, task, task_backends

from insignia.foundation.errors import InsigniaError
from insignia.foundation.jobs import job_turn

if TYPE_CHECKING:
    from django_tasks_db.models import DBTaskResultQuerySet

log = logging.getLogger(__name__)

SOON = timedelta(seconds=1)
LOST_AFTER = timedelta(minutes=10)
"""How long a hint may be worked on before it counts as lost, where no worker is seen that has it."""
KEPT = timedelta(hours=6)
"""How long the engine's rows of finished hints are kept, for whoever looks into trouble."""
DATABASE = "django_tasks_db"


@task()
def job_hint(name: str) -> str:
    """Run the job; where another worker is at it, hint again in a moment: it may have looked too early."""
    if job_ran(name):
        return "ran"
    _enqueue(name, run_after=_now() + SOON)
    return "busy"


def job_ran(name: str) -> bool:
    """Run a job for a worker, who goes on whatever happens in it; say whether it was free."""
    try:
        return job_turn(name, _now())
    except InsigniaError as error:
        log.warning("job %s: %s (%s)", name, error.message, error.code)
    except Exception:
        log.exception("job %s ended with an error; it will be tried again", name)
    return True


def hint(name: str) -> None:
    """Ask the engine to have the job run soon. One hint that waits is enough."""
    _enqueue(name, run_after=None)


def _enqueue(name: str, *, run_after: datetime | None) -> None:
    if not _waits_already(name):
        job_hint.using(queue_name=name, run_after=run_after).enqueue(name)


def _waits_already(name: str) -> bool:
    """Look into the database backend's rows; other engines cannot be asked, and drop old hints by themselves."""
    if not uses_database():
        return False
    rows = _rows()
    return bool(rows.filter(status=TaskResultStatus.READY, queue_name=name).exists())


def uses_database() -> bool:
    """Say whether hints are rows of our own database."""
    return type(task_backends[DEFAULT_TASK_BACKEND_ALIAS]).__module__.startswith(DATABASE)


def hints_tidy(at: datetime, *, workers: frozenset[str]) -> int:
    """Let lost hints run again, and forget old ones; give how many were lost.

    The database backend leaves a hint RUNNING for ever when its worker is killed.
    """
    if not uses_database():
        return 0
    rows = _rows()
    lost = [
        row.pk
        for row in rows.filter(status=TaskResultStatus.RUNNING)
        if row.started_at < at - LOST_AFTER or not workers.intersection(row.worker_ids[-1:])
    ]
    rows.filter(pk__in=lost, status=TaskResultStatus.RUNNING).update(status=TaskResultStatus.READY)
    rows.filter(finished_at__lt=at - KEPT).delete()
    return len(lost)


def _rows() -> DBTaskResultQuerySet:
    from django_tasks_db.models import DBTaskResult  # not there where another engine is configured

    return DBTaskResult.objects.all()


def _now() -> datetime:
    return datetime.now(UTC)
