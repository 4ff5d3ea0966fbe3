"""Sending what is queued. A mail may be sent twice (a crash after sending), never under two Message-IDs."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F

from insignia.foundation.sealing import Erased
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of

log = logging.getLogger(__name__)

CHUNK = 100
LEASE = timedelta(minutes=5)
TRIES = 12


def messages_send(at: datetime) -> int:
    """Send every mail that is due; return how many went out.

    Each row is claimed by moving its next try ahead: a sender that dies gives the row back when that passes.
    """
    if settings.INSIGNIA_DEMO:
        return 0  # the demo shows every mail on a page and sends none
    sent = 0
    for pk in _due(at):
        claimed = Message.objects.filter(
            pk=pk, sent_at__isnull=True, abandoned_at__isnull=True, next_try_at__lte=at
        ).update(next_try_at=at + LEASE, attempts=F("attempts") + 1)
        if claimed:
            sent += _send(Message.objects.select_related("data_key").get(pk=pk), at)
    return sent


def _due(at: datetime) -> list[int]:
    rows = Message.objects.filter(sent_at__isnull=True, abandoned_at__isnull=True, next_try_at__lte=at)
    return list(rows.order_by("next_try_at").values_list("pk", flat=True)[:CHUNK])


def _send(message: Message, at: datetime) -> int:
    try:
        letter = letter_of(message)
    except Erased:
        Message.objects.filter(pk=message.pk).update(abandoned_at=at, last_error="erased")
        return 0
    mail = EmailMessage(
        subject=letter.subject,
        body=letter.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; ValueError: a bad header
        _postpone(message, error, at)
        return 0
    Message.objects.filter(pk=message.pk).update(sent_at=at, last_error="")
    return 1


def _postpone(message: Message, error: Exception, at: datetime) -> None:
    delay = timedelta(seconds=min(30 * 2**message.attempts, 6 * 3600))
    values: dict[str, object] = {
        "next_try_at": at + delay,
        "last_error": f"{type(error).__name__}: {error}"[:300],
    }
    if message.attempts >= TRIES:
        values["abandoned_at"] = at
    Message.objects.filter(pk=message.pk).update(**values)
    log.warning("mail %s not sent (try %s): %s", message.public_id, message.attempts, type(error).__name__)
