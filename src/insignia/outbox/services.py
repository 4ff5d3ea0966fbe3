"""Queuing mails."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import seal
from insignia.foundation.wake import wake
from insignia.outbox.errors import RecipientUnusable
from insignia.outbox.models import Message


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
    if any(ord(character) < 32 or ord(character) == 127 for character in recipient):
        raise RecipientUnusable("This is not an e-mail address.", fields={"email": recipient})
    body = json.dumps(
        {"context": dict(context), "late": {name: list(call) for name, call in (late or {}).items()}}
    )
    public_id = new_id()
    message, created = Message.objects.get_or_create(
        key=key,
        defaults={
            "public_id": public_id,
            "kind": kind,
            "recipient": recipient,
            "language": language,
            "data_key": data_key,
            "sealed_context": seal(body.encode(), key=data_key, purpose="mail"),
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
