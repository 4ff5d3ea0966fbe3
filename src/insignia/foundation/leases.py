"""Leases: one holder at a time for a job, on any database, surviving the death of the holder."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from insignia.foundation.models import Lease


def lease_take(name: str, *, holder: str, at: datetime, seconds: int) -> bool:
    """Take or renew the lease; say whether `holder` has it until `at + seconds`.

    A lease that ends later than twice that was taken before the clock was set back: it keeps nobody waiting.
    """
    span = timedelta(seconds=seconds)
    until = at + span
    free = Q(holder=holder) | Q(until__lt=at) | Q(until__gt=at + 2 * span)
    if Lease.objects.filter(free, name=name).update(holder=holder, until=until):
        return True
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, holder=holder, until=until)
    except IntegrityError:
        return False
    return True


def lease_release(name: str, *, holder: str) -> None:
    """Give the lease back early."""
    Lease.objects.filter(name=name, holder=holder).delete()
