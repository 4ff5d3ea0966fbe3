"""Waking background work after a commit. A wake is a hint, never the truth: the rows are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import cache

from django.conf import settings
from django.db import connection, transaction

from insignia.foundation.jobs import job_named

_waiting: set[str] = set()
_condition = threading.Condition()


def wake(name: str) -> None:
    """Run the job `name` soon after the current transaction commits (at once when there is none).

    What goes wrong in the job or on the way to it is logged, never thrown at the caller: their change is
    committed, and the next round of the worker tries the job again.
    """
    hook = _after_commit(name)
    if not _is_on_its_way(hook):
        transaction.on_commit(hook, robust=True)


def wait_for_wakes(seconds: float, names: Collection[str]) -> frozenset[str]:
    """Block until one of these jobs is woken in this process or the time is over; give which, and forget them."""
    with _condition:
        _condition.wait_for(lambda: not _waiting.isdisjoint(names), timeout=seconds)
        woken = frozenset(_waiting.intersection(names))
        _waiting.difference_update(woken)
    return woken


@cache
def _after_commit(name: str) -> Callable[[], None]:
    """Give what happens once a transaction that wakes this job has committed: one function for each name."""

    def dispatch() -> None:
        if settings.INSIGNIA_WAKE == "inline":
            job_named(name)(datetime.now(UTC))  # noqa: TID251  - a wake is a door into a job: it reads the clock
            return
        from insignia.foundation.tasks import hint  # the engine is loaded by processes that wake workers alone

        try:
            hint(name)
        finally:
            _nudge(name)

    return dispatch


def _nudge(name: str) -> None:
    """Let a worker in this process look at once, instead of at the end of its pause."""
    with _condition:
        _waiting.add(name)
        _condition.notify_all()


def _is_on_its_way(hook: Callable[[], None]) -> bool:
    """Say whether this transaction wakes the same job anyway, whichever savepoint is rolled back."""
    here = set(connection.savepoint_ids)
    return any(entry[1] is hook and entry[0] <= here for entry in connection.run_on_commit)
