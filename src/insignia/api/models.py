"""What the door itself remembers: which answer a request with a key was given."""

from __future__ import annotations

from django.db import models

from insignia.foundation.models import Thing


class IdempotencyKey(Thing):
    """One key of one organization: the request it came with, and the answer. Insert-only, kept for good.

    The row is written in the transaction of what it answers for, so it exists exactly when that happened. The
    answer names ids and states only, nothing personal.
    """

    organization_id = models.UUIDField()
    key = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    location = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="idempotencykey_once", fields=["organization_id", "key"]),
        ]
