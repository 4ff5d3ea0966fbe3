"""Waking background work after a commit. A wake is a hint, never the truth: the rows are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module

from django.conf import settings
from django.db import transaction

Job = Callable[[datetime], object]

_waiting: set[str] = set()
_condition = threading.Condition()


def wake(name: str) -> None:
    """Run the job `name` soon after the current transaction commits (at once when there is none).

    What goes wrong in the job is logged, never thrown at the caller: their change is committed, and the next
    round of the worker tries the job again.
    """
    transaction.on_commit(lambda: _dispatch(name), robust=True)


def job_named(name: str) -> Job:
    """Load the function that configuration gives this name."""
    module, function = settings.INSIGNIA_JOBS[name].split(":")
    job: Job = getattr(import_module(module), function)
    return job


def wait_for_wakes(seconds: float) -> frozenset[str]:
    """Block until something is woken or the time is over; return the woken names and forget them."""
    with _condition:
        _condition.wait_for(lambda: bool(_waiting), timeout=seconds)
        woken = frozenset(_waiting)
        _waiting.clear()
    return woken


def _dispatch(name: str) -> None:
    if settings.INSIGNIA_WAKE == "inline":
        job_named(name)(datetime.now(UTC))  # noqa: TID251  - a wake is a door into a job: it reads the clock
        return
    with _condition:
        _waiting.add(name)
        _condition.notify_all()
