"""Entries are inserted and never changed; their numbers and hashes are rows of a second insert-only table."""

from __future__ import annotations

from django.db import models

from insignia.foundation.models import DataKey, Thing


class AuditEntry(Thing):
    """One state change. Personal old and new values lie sealed; everything else is opaque ids and states."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    organization_id = models.UUIDField(null=True, db_index=True)
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    data_key = models.ForeignKey(DataKey, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    sealed_personal = models.BinaryField(null=True)

    class Meta:
        # ids of things are unique among all kinds of them, and a run adds two million rows: no more than it takes
        indexes = [models.Index(name="audit_subject", fields=["subject_id", "id"])]


class AuditLink(models.Model):
    """The place of an entry in the chain: `hash` covers the entry and the hash before it (SHA-256)."""

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="link")
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(name="auditlink_number_positive", condition=models.Q(number__gte=1)),
        ]
