"""Which workers are there: each says so every few seconds; one that was killed is missed soon."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max

from insignia.foundation.models import Presence

EVERY = timedelta(seconds=15)
MISSED_AFTER = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=1)


def presence_note(name: str, *, jobs: str, at: datetime) -> None:
    """Say that a worker is there, and what it does."""
    if not Presence.objects.filter(name=name).update(seen_at=at):
        Presence.objects.create(name=name, jobs=jobs[:200], started_at=at, seen_at=at)
        Presence.objects.filter(seen_at__lt=at - FORGOTTEN_AFTER).delete()


def presence_end(name: str) -> None:
    """Say that a worker has ended as it should."""
    Presence.objects.filter(name=name).delete()


def workers_present(at: datetime) -> frozenset[str]:
    """Name the workers that are there."""
    return frozenset(Presence.objects.filter(seen_at__gt=at - MISSED_AFTER).values_list("name", flat=True))


def worker_seen_at() -> datetime | None:
    """Say when any worker was seen last."""
    seen: datetime | None = Presence.objects.aggregate(seen=Max("seen_at"))["seen"]
    return seen
