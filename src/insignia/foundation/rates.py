"""Counters of a minute: how often somebody may do what costs work, mails or could be guessed."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache


def within_rate(name: str, *, who: str, per_minute: int, at: datetime) -> bool:
    """Count one use of `name` by `who`; say if the minute allows it."""
    key = f"rate:{name}:{who}:{at:%Y%m%d%H%M}"
    cache.add(key, 0, timeout=120)
    try:
        return int(cache.incr(key)) <= per_minute
    except ValueError:  # the cache dropped the counter between the two lines: the next use counts again
        return True


def seconds_left(at: datetime) -> int:
    """Say in how many seconds the next minute, and with it a new count, begins."""
    return 60 - at.second
