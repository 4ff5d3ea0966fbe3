"""Celery behind Django's Tasks interface: hints become messages, which are worth nothing after a minute."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus

from insignia.config.celery_app import STALE_SECONDS, TASK, app


class CeleryBackend(BaseTaskBackend):
    """Sends tasks to the broker. Results are not kept: what came of a job stands in the database."""

    supports_defer = True

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:  # noqa: ANN401  - the interface's own
        """Send one task."""
        self.validate_task(task)
        sent = app.send_task(
            TASK,
            args=list(args),
            kwargs=dict(kwargs),
            queue=task.queue_name,
            eta=task.run_after,
            expires=STALE_SECONDS,
        )
        return TaskResult(
            task=task,
            id=str(sent.id),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
