"""One row is one mail for life: its Message-ID never changes, however often sending is tried."""

from __future__ import annotations

from django.db import models

from insignia.foundation.models import DataKey, Thing
from insignia.outbox.rules import OTHERS


class Message(Thing):
    """A mail to one address. What it says lies sealed; `key` makes queuing it twice harmless.

    `rank` is that of its kind, so that what somebody waits for is found before all else that is due.
    `may_be_out` says that a sender took it up and no server refused it since: it is out, or will be, or that died.
    """

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    recipient = models.EmailField()
    language = models.CharField(max_length=5)
    data_key = models.ForeignKey(DataKey, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    sealed_context = models.BinaryField()
    message_id = models.CharField(max_length=200)
    organization_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    abandoned_at = models.DateTimeField(null=True)
    rank = models.PositiveSmallIntegerField(db_default=OTHERS)
    attempts = models.PositiveSmallIntegerField(default=0)
    may_be_out = models.BooleanField(db_default=False)
    next_try_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="message_key_once", fields=["key"])]
        indexes = [
            models.Index(
                name="message_due",
                fields=["rank", "next_try_at", "id"],  # the mails of a run are all due at one moment
                condition=models.Q(sent_at__isnull=True, abandoned_at__isnull=True),
            ),
            models.Index(
                name="message_undelivered",
                fields=["organization_id", "-abandoned_at"],
                condition=models.Q(abandoned_at__isnull=False),
            ),
        ]


class Bounce(Thing):
    """A server said that there is no such mailbox. Until it is cleared, the address gets no mail but what is asked
    for at that moment; a mail that arrives clears it too.
    """

    address = models.CharField(max_length=254)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    code = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="bounce_open_once", fields=["address"], condition=models.Q(cleared_at__isnull=True)
            ),
        ]


class Unsubscription(Thing):
    """An address that wants no more mails of one topic."""

    address = models.CharField(max_length=254)
    topic = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="unsubscription_once", fields=["address", "topic"])]


class LetterText(Thing):
    """How an organization words one kind of mail in one language, instead of the shipped text."""

    organization_id = models.UUIDField()
    kind = models.CharField(max_length=60)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=160)
    body = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="lettertext_once", fields=["organization_id", "kind", "language"]),
        ]


class Allowance(models.Model):
    """How many mails all workers together took on in a minute; its one row is locked while they take."""

    name = models.CharField(primary_key=True, max_length=20)
    minute = models.DateTimeField()
    taken = models.PositiveIntegerField(default=0)
