"""Queuing mails."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from insignia.foundation.bulk import bulk_insert
from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import OpenKey, seal
from insignia.foundation.wake import wake
from insignia.outbox.errors import (
    LetterTextFixed,
    LetterTextUnusable,
    MailNotFound,
    MailNotReturned,
    RecipientUnusable,
)
from insignia.outbox.models import Bounce, LetterText, Message, Unsubscription
from insignia.outbox.rules import (
    BOUNCED_BEFORE,
    CANCELLED,
    PLACEHOLDERS,
    address_key,
    rank_of,
    text_problems,
    topic_of,
)
from insignia.outbox.selectors import stop_link_read

MAIL_PURPOSE = "mail"
TRIED_AGAIN = timedelta(days=30)
"""How old a mail may be that is sent anew when its address is cleared."""


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
            "rank": rank_of(kind),
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


MESSAGE_COLUMNS = (
    "public_id", "kind", "key", "recipient", "language", "data_key_id", "sealed_context", "message_id",
    "organization_id", "rank", "created_at", "not_before", "sent_at", "abandoned_at", "attempts", "next_try_at",
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
        f"<{public_id}@{settings.INSIGNIA_MAIL_DOMAIN}>", letter.organization_id, rank_of(letter.kind), at,
        letter.not_before, None, None, 0, letter.not_before, "",
    )  # fmt: skip


def _address_require(recipient: str) -> None:
    if any(ord(character) < 32 or ord(character) == 127 for character in recipient):
        raise RecipientUnusable("This is not an e-mail address.", fields={"email": recipient})


def _body(context: Mapping[str, Any], late: Mapping[str, Sequence[str]]) -> bytes:
    return json.dumps(
        {"context": dict(context), "late": {name: list(call) for name, call in late.items()}}
    ).encode()


def messages_cancel(keys: Sequence[str], *, at: datetime) -> list[str]:
    """Keep mails that were not sent yet from ever being sent; give the keys of those that are out already.

    What a sender has in hand counts as out, though it is stopped where it still can be: between the sender's last
    look and the server's answer nobody can say.
    """
    rows = Message.objects.select_for_update().filter(key__among=list(keys))
    found = list(
        rows.defer("sealed_context").order_by("pk")
    )  # all are locked before one is judged: a sender passes over them
    open_ones = [row.pk for row in found if row.sent_at is None and row.abandoned_at is None]
    Message.objects.filter(pk__among=open_ones).update(abandoned_at=at, last_error=CANCELLED)
    return [row.key for row in found if _counts_as_out(row)]


def _counts_as_out(row: Message) -> bool:
    is_given_up = row.abandoned_at is not None and row.last_error != CANCELLED
    return row.sent_at is not None or (row.may_be_out and not is_given_up)


@transaction.atomic
def topic_stop(*, message_id: UUID, token: str, at: datetime) -> str:
    """Send no more mails of this mail's topic to its address; give the topic. Safe twice.

    Raises:
        StopLinkUnusable: not the link of a mail whose topic can be turned off.
    """
    message = stop_link_read(message_id=message_id, token=token)
    topic = topic_of(message.kind)
    Unsubscription.objects.get_or_create(address=address_key(message.recipient), topic=topic, defaults={"at": at})
    return topic


@transaction.atomic
def topic_resume(*, message_id: UUID, token: str) -> str:
    """Send mails of this mail's topic to its address again; give the topic. Safe twice.

    Raises:
        StopLinkUnusable: not the link of a mail whose topic can be turned off.
    """
    message = stop_link_read(message_id=message_id, token=token)
    topic = topic_of(message.kind)
    Unsubscription.objects.filter(address=address_key(message.recipient), topic=topic).delete()
    return topic


def address_clear(*, organization_id: UUID, message_id: UUID, at: datetime) -> int:
    """Take it that a returned mail's address has a mailbox again; send anew what this organization's mails there
    were kept back, and give how many. In the caller's transaction, who checks the right and leaves a record.

    Raises:
        MailNotFound: the organization has no such mail.
        MailNotReturned: the address is not closed.
    """
    message = Message.objects.filter(organization_id=organization_id, public_id=message_id).first()
    if message is None:
        raise MailNotFound("There is no such mail here.")
    address = address_key(message.recipient)
    cleared = Bounce.objects.filter(address=address, cleared_at__isnull=True).update(cleared_at=at)
    if not cleared:
        raise MailNotReturned("Mails to this address are tried already. Nothing changed.")
    returned = Q(pk__in=Bounce.objects.filter(address=address).values("message"))
    rows = Message.objects.filter(
        returned | Q(last_error=BOUNCED_BEFORE),
        organization_id=organization_id,
        recipient__iexact=address,
        abandoned_at__isnull=False,
        abandoned_at__gt=at - TRIED_AGAIN,
    )
    again = rows.update(abandoned_at=None, last_error="", attempts=0, next_try_at=at)
    wake("outbox.send")
    return again


def letter_text_put(
    *, organization_id: UUID, kind: str, language: str, subject: str, body: str, at: datetime
) -> LetterText:
    """Store how an organization words a mail. In the caller's transaction, who checks the right.

    Raises:
        LetterTextFixed: this kind of mail is not for them to word.
        LetterTextUnusable: the fields say what is wrong.
    """
    letter = letter_text_checked(kind=kind, language=language, subject=subject, body=body)
    text, _made = LetterText.objects.update_or_create(
        organization_id=organization_id,
        kind=kind,
        language=language,
        defaults={"subject": letter.subject, "body": letter.body, "changed_at": at},
    )
    return text


def letter_text_checked(*, kind: str, language: str, subject: str, body: str) -> LetterText:
    """Give a text that can be stored and shown, without storing it.

    Raises:
        LetterTextFixed, LetterTextUnusable: as for `letter_text_put`.
    """
    if kind not in PLACEHOLDERS:
        raise LetterTextFixed("There is no such mail to word.")
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    problems = text_problems(kind, subject=subject, body=body)
    if problems:
        raise LetterTextUnusable("This text cannot be used yet.", fields=problems)
    return LetterText(kind=kind, language=language, subject=subject, body=body)


def letter_text_drop(*, organization_id: UUID, kind: str, language: str) -> bool:
    """Go back to the shipped text; say whether there was another. In the caller's transaction."""
    rows = LetterText.objects.filter(organization_id=organization_id, kind=kind, language=language)
    return bool(rows.delete()[0])
