"""Which engine carries hints to workers: our own database, or a broker for those who outgrow it.

INSIGNIA_TASKS=database                 rows of the database (default)
INSIGNIA_TASKS=celery+redis://HOST/0    Celery over Redis (also rediss, amqp, amqps)
INSIGNIA_TASKS=inline                   none: a job runs where it is woken, and whoever woke it waits
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

BACKENDS = {
    "database": "django_tasks_db.DatabaseBackend",
    "celery": "insignia.config.celery_backend.CeleryBackend",
    "inline": "django_tasks.backends.immediate.ImmediateBackend",
    "none": "django_tasks.backends.dummy.DummyBackend",  # for tests: hints go nowhere
}
BROKERS = frozenset({"redis", "rediss", "amqp", "amqps"})


@dataclass(frozen=True)
class Engine:
    """What was chosen: its name, and the broker's address where it has one."""

    name: str
    broker: str = ""

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        """Give the setting of Django's Tasks interface; every job is a queue of its name."""
        return {"default": {"BACKEND": BACKENDS[self.name], "QUEUES": []}}


def engine_chosen(value: str) -> Engine:
    """Read INSIGNIA_TASKS.

    Raises:
        RuntimeError: it names no engine.
    """
    if value in {"database", "inline", "none"}:
        return Engine(value)
    name, _plus, broker = value.partition("+")
    if name == "celery" and urlsplit(broker).scheme in BROKERS:
        return Engine("celery", broker)
    raise RuntimeError("INSIGNIA_TASKS is database, inline, or celery+redis://... or celery+amqp://...")
