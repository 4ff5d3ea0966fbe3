"""Rows without a noun of their own: the base of all things, data keys, leases."""

from __future__ import annotations

from django.db import models

from insignia.foundation.ids import new_id


class Thing(models.Model):
    """A row with an integer key for the database and a UUIDv7 `public_id` for everyone else."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class DataKey(Thing):
    """The key under which one person's sealed bytes lie; destroying it erases them all at once.

    `sealed` is the key wrapped by the master key, or NULL once destroyed.
    """

    sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="datakey_destroyed_has_no_bytes",
                condition=models.Q(destroyed_at__isnull=True, sealed__isnull=False)
                | models.Q(destroyed_at__isnull=False, sealed__isnull=True),
            ),
        ]


class Lease(models.Model):
    """Who runs a background job now. A holder that dies loses it when `until` passes."""

    name = models.CharField(primary_key=True, max_length=80)
    holder = models.CharField(max_length=120)
    until = models.DateTimeField()


class Presence(models.Model):
    """A worker that is there, or was until `seen_at`."""

    name = models.CharField(primary_key=True, max_length=64)
    jobs = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
