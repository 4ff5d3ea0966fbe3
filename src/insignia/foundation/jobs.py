"""Background jobs by name: each makes some state converge, and is safe to run twice and beside itself."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.db import connection

Job = Callable[[datetime], object]

ALONE_SPACE = 4_715_002
"""The first half of our advisory locks' keys; any number, the same in every process."""


def job_named(name: str) -> Job:
    """Load the function that configuration gives this name."""
    module, function = settings.INSIGNIA_JOBS[name].split(":")
    job: Job = getattr(import_module(module), function)
    return job


def job_turn(name: str, at: datetime) -> bool:
    """Run a job once; say whether it ran. One that gains nothing from company leaves the turn to who is at it."""
    with _alone(name) as free:
        if free:
            job_named(name)(at)
    return free


@contextmanager
def _alone(name: str) -> Iterator[bool]:
    """Hold the job's lock on PostgreSQL, for jobs that one worker does at a time; it dies with its connection.

    SQLite has one worker process, in which each job belongs to one thread.
    """
    if name in settings.INSIGNIA_JOBS_TOGETHER or connection.vendor != "postgresql":
        yield True
        return
    keys = [ALONE_SPACE, zlib.crc32(name.encode()) - 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        free = bool(cursor.fetchone()[0])
    try:
        yield free
    finally:
        if free and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
