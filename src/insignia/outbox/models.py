"""One row is one mail for life: its Message-ID never changes, however often sending is tried."""

from __future__ import annotations

from django.db import models

from insignia.foundation.models import DataKey, Thing


class Message(Thing):
    """A mail to one address. What it says lies sealed; `key` makes queuing it twice harmless."""

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    recipient = models.EmailField()
    language = models.CharField(max_length=5)
    data_key = models.ForeignKey(DataKey, null=True, on_delete=models.PROTECT, related_name="+")
    sealed_context = models.BinaryField()
    message_id = models.CharField(max_length=200, unique=True)
    organization_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    abandoned_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                name="message_due",
                fields=["next_try_at"],
                condition=models.Q(sent_at__isnull=True, abandoned_at__isnull=True),
            ),
        ]
