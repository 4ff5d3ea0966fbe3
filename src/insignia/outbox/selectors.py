"""Reading queued mails: for registrars, for whoever holds a mail, for the demo's post room."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower

from insignia.foundation.sealing import Erased, unseal
from insignia.foundation.tokens import token_derive
from insignia.outbox.errors import StopLinkUnusable
from insignia.outbox.models import Bounce, LetterText, Message, Unsubscription
from insignia.outbox.rendering import STOP_PURPOSE, shipped
from insignia.outbox.rules import CANCELLED, ERASED, PLACEHOLDERS, UNSUBSCRIBED, address_key, topic_of

WANTED_SO = (CANCELLED, ERASED, UNSUBSCRIBED)
"""Mails that were not sent because somebody wanted it so."""
ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


@dataclass(frozen=True)
class Undelivered:
    """A mail that did not arrive. Whose it is, by the name it calls them; an address may be theirs alone."""

    message_id: UUID
    kind: str
    name: str
    badge: dict[str, str]
    at: datetime
    is_closed: bool
    reason: str


def messages_newest(*, limit: int = 100) -> list[Message]:
    """List mails, newest first."""
    return list(Message.objects.select_related("data_key").order_by("-id")[:limit])


def messages_undelivered(*, organization_id: UUID, limit: int = 100) -> list[Undelivered]:
    """List an organization's mails that were given up, newest first."""
    open_bounces = Bounce.objects.filter(address=Lower(OuterRef("recipient")), cleared_at__isnull=True)
    rows = Message.objects.filter(organization_id=organization_id, abandoned_at__isnull=False)
    rows = rows.exclude(last_error__in=WANTED_SO).annotate(is_closed=Exists(open_bounces))
    return [_undelivered(row) for row in rows.select_related("data_key").order_by("-abandoned_at", "-id")[:limit]]


def _undelivered(row: Any) -> Undelivered:  # noqa: ANN401  - a message with one more column
    try:
        context = json.loads(unseal(bytes(row.sealed_context), key=row.data_key, purpose="mail"))["context"]
    except Erased:
        context = {}
    badge = context.get("badge")
    return Undelivered(
        message_id=row.public_id,
        kind=row.kind,
        name=str(context.get("name", "")),
        badge=badge if isinstance(badge, dict) else {},
        at=row.abandoned_at,
        is_closed=row.is_closed,
        reason=ADDRESS.sub("", row.last_error).strip(),
    )


def message_counts(*, organization_id: UUID) -> dict[str, int]:
    """Count an organization's mails: sent, waiting, and given up against our will."""
    rows = Message.objects.filter(organization_id=organization_id)
    return {
        "sent": rows.filter(sent_at__isnull=False).count(),
        "waiting": rows.filter(sent_at__isnull=True, abandoned_at__isnull=True).count(),
        "undelivered": rows.filter(abandoned_at__isnull=False).exclude(last_error__in=WANTED_SO).count(),
    }


def letter_texts(*, organization_id: UUID) -> dict[tuple[str, str], LetterText]:
    """Give an organization's own texts, by kind and language."""
    rows = LetterText.objects.filter(organization_id=organization_id)
    return {(row.kind, row.language): row for row in rows}


def letter_text_in_use(*, organization_id: UUID, kind: str, language: str) -> LetterText:
    """Give the text that an organization's mails of a kind have now: its own, or else the shipped one."""
    own = letter_texts(organization_id=organization_id).get((kind, language))
    return own or shipped_text(kind, language)


def letter_text_version(text: LetterText) -> str:
    """Name what a text says, so that whoever changes it can say what they had before them."""
    return hashlib.sha256(f"{text.subject}\n{text.body}".encode()).hexdigest()


def stop_link_read(*, message_id: UUID, token: str) -> Message:
    """Give the mail whose link to turn off its topic this is.

    Raises:
        StopLinkUnusable: no mail has it, or its topic cannot be turned off.
    """
    message = Message.objects.filter(public_id=message_id).first()
    expected = token_derive(STOP_PURPOSE, str(message_id))
    if message is None or not topic_of(message.kind) or not hmac.compare_digest(expected.encode(), token.encode()):
        raise StopLinkUnusable("This link is not in use. Open the one in our latest mail.")
    return message


def topic_is_stopped(message: Message) -> bool:
    """Say whether mails of this one's topic are turned off at its address."""
    topic, address = topic_of(message.kind), address_key(message.recipient)
    return Unsubscription.objects.filter(address=address, topic=topic).exists()


def shipped_text(kind: str, language: str) -> LetterText:
    """Give the shipped text of a mail as an organization's own would be written: where it begins to word it."""
    placeholders = {one.source: f"{{{name}}}" for name, one in PLACEHOLDERS[kind].items()}
    links = {one.source for one in PLACEHOLDERS[kind].values() if one.is_link}
    letter = shipped(kind, language, placeholders)
    body = letter.text
    for source in links:
        body = body.replace(f"{settings.INSIGNIA_ORIGIN}{placeholders[source]}", placeholders[source])
    return LetterText(kind=kind, language=language, subject=letter.subject, body=body.strip())
