"""Queuing mails."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from insignia.foundation.bulk import bulk_insert
from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import OpenKey, seal
from insignia.foundation.wake import wake
from insignia.outbox.errors import RecipientUnusable
from insignia.outbox.models import Message

MAIL_PURPOSE = "mail"


def message_queue(
    *,
    kind: str,
    key: str,
    recipient: str,
    language: str,
    context: Mapping[str, Any],
    at: datetime,
    late: Mapping[str, Sequence[str]] | None = None,
    data_key: DataKey | None = None,
    not_before: datetime | None = None,
    organization_id: UUID | None = None,
) -> Message:
    """Queue one mail, in the caller's transaction; the same `key` again gives the row that is there.

    `kind` names the template `outbox/<kind>.<language>.txt`. `context` is JSON and lies sealed under
    `data_key`. `late` maps a context name to `[name of a function in configuration, argument, ...]`, worked
    out only when the mail is written: so a link's secret is never stored.

    Raises:
        RecipientUnusable: a line break or other control character in the address.
    """
    _address_require(recipient)
    public_id = new_id()
    message, created = Message.objects.get_or_create(
        key=key,
        defaults={
            "public_id": public_id,
            "kind": kind,
            "recipient": recipient,
            "language": language,
            "data_key": data_key,
            "sealed_context": seal(_body(context, late or {}), key=data_key, purpose=MAIL_PURPOSE),
            "message_id": f"<{public_id}@{settings.INSIGNIA_MAIL_DOMAIN}>",
            "organization_id": organization_id,
            "created_at": at,
            "not_before": not_before or at,
            "next_try_at": not_before or at,
        },
    )
    if created:
        wake("outbox.send")
    return message


@dataclass(frozen=True)
class Letter:
    """One mail of many, sealed under a key that its caller holds open; else as `message_queue` has it."""

    kind: str
    key: str
    recipient: str
    language: str
    context: Mapping[str, Any]
    data_key_id: int
    key_open: OpenKey
    not_before: datetime
    late: Mapping[str, Sequence[str]] = field(default_factory=dict)
    organization_id: UUID | None = None


CANCELLED = "cancelled"
"""Why a mail that was taken back in time is never sent."""

MESSAGE_COLUMNS = (
    "public_id", "kind", "key", "recipient", "language", "data_key_id", "sealed_context", "message_id",
    "organization_id", "created_at", "not_before", "sent_at", "abandoned_at", "attempts", "next_try_at",
    "last_error",
)  # fmt: skip


def messages_queue_many(letters: Sequence[Letter], *, at: datetime) -> None:
    """Queue the mails of a chunk, in the transaction of what they tell; their keys are fresh.

    Raises:
        RecipientUnusable: a line break or other control character in an address.
        IntegrityError: a key was used before.
    """
    bulk_insert(Message, MESSAGE_COLUMNS, [_row(letter, at=at) for letter in letters])
    if letters:
        wake("outbox.send")


def _row(letter: Letter, *, at: datetime) -> tuple[object, ...]:
    _address_require(letter.recipient)
    public_id = new_id()
    sealed = letter.key_open.seal(_body(letter.context, letter.late), purpose=MAIL_PURPOSE)
    return (
        public_id, letter.kind, letter.key, letter.recipient, letter.language, letter.data_key_id, sealed,
        f"<{public_id}@{settings.INSIGNIA_MAIL_DOMAIN}>", letter.organization_id, at, letter.not_before, None,
        None, 0, letter.not_before, "",
    )  # fmt: skip


def _address_require(recipient: str) -> None:
    if any(ord(character) < 32 or ord(character) == 127 for character in recipient):
        raise RecipientUnusable("This is not an e-mail address.", fields={"email": recipient})


def _body(context: Mapping[str, Any], late: Mapping[str, Sequence[str]]) -> bytes:
    return json.dumps(
        {"context": dict(context), "late": {name: list(call) for name, call in late.items()}}
    ).encode()


def messages_cancel(keys: Sequence[str], *, at: datetime) -> list[str]:
    """Keep mails that were not sent yet from ever being sent; give the keys of those that are out already."""
    rows = Message.objects.select_for_update().filter(key__among=list(keys))
    sent = list(rows.filter(sent_at__isnull=False).values_list("key", flat=True))
    waiting = Message.objects.filter(key__among=list(keys), sent_at__isnull=True, abandoned_at__isnull=True)
    waiting.update(abandoned_at=at, last_error=CANCELLED)
    return sent
