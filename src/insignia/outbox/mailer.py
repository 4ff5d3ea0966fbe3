"""Sending what is queued. A mail may be sent twice (a crash after sending), never under two Message-IDs."""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from insignia.foundation.sealing import Erased
from insignia.foundation.wake import wake
from insignia.outbox.claiming import BATCH, LEASE, messages_claim, messages_give_back, messages_reach
from insignia.outbox.models import Bounce, Message, Unsubscription
from insignia.outbox.rendering import OwnTexts, letter_of
from insignia.outbox.rules import (
    BOUNCED_BEFORE,
    ERASED,
    TRIES,
    UNSUBSCRIBED,
    UNUSABLE,
    Answer,
    address_key,
    content_answer,
    delay,
    is_asked_for,
    is_too_large,
    recipient_answer,
    topic_of,
)

log = logging.getLogger(__name__)

TURN = timedelta(seconds=30)
"""How long one call sends before it lets other jobs have their turn."""
PAUSE = timedelta(minutes=1)
"""How long all mails wait when the mail server itself does not answer."""
CLOSING = 421
"""The server's answer when it ends the connection."""


def messages_send(at: datetime) -> int:
    """Send every mail that is due, batch after batch; return how many went out. Safe in many workers at once."""
    if settings.INSIGNIA_DEMO:
        return 0  # the demo shows every mail on a page and sends none
    began, sent = time.monotonic(), 0
    messages_reach(at)
    while batch := messages_claim(_later(at, began)):
        outcome = _Round(at=_later(at, began)).send(batch)
        sent += outcome.sent
        if outcome.server_is_down or len(batch) < BATCH:
            break
        if timedelta(seconds=time.monotonic() - began) > TURN:
            wake("outbox.send")
            break
    return sent


def _later(at: datetime, began: float) -> datetime:
    return at + timedelta(seconds=time.monotonic() - began)


class ServerDown(Exception):
    """The mail server does not answer, or not to us: no mail is at fault."""


class _Round:
    """One batch over one connection."""

    def __init__(self, *, at: datetime) -> None:
        self.at = at
        self.sent = 0
        self.server_is_down = False
        self._began = time.monotonic()
        self._connection: Any = get_connection()
        self._went_out = 0  # over this connection
        self._texts = OwnTexts()
        self._bounced: set[str] = set()

    def send(self, batch: Sequence[Message]) -> _Round:
        """Send each mail, and give back what there is no time or no server for."""
        closed = _closed_addresses(batch)
        self._bounced = {address for address, topic in closed if not topic}
        for place, message in enumerate(batch):
            if self._is_late():
                messages_give_back(batch[place:], until=self.at)
                break
            try:
                self._send_one(message, closed)
            except ServerDown as down:
                self.server_is_down = True
                log.warning("the mail server does not answer (%s); %s mails wait", down, len(batch) - place)
                messages_give_back(batch[place:], until=self._now() + PAUSE)
                break
        self._drop()
        return self

    def _drop(self) -> None:
        """Close the connection, whatever state it is in; the next mail opens another."""
        self._went_out = 0
        with suppress(OSError):
            self._connection.close()

    def _now(self) -> datetime:
        return _later(self.at, self._began)

    def _is_late(self) -> bool:
        """Say whether the claim may end before the next mail is out: a slow server must not cause a second."""
        return timedelta(seconds=time.monotonic() - self._began) > LEASE / 2

    def _send_one(self, message: Message, closed: frozenset[tuple[str, str]]) -> None:
        if why := _closed_because(message, closed):
            _abandon(message, why, at=self._now())
            return
        if _is_taken_back(message):
            return
        try:
            mail = _mail(message, self._texts)
        except Erased:
            _abandon(message, ERASED, at=self._now())
        except Exception as error:
            log.exception("mail %s cannot be written", message.public_id)
            _postpone(message, f"{type(error).__name__}: {error}", at=self._now())
        else:
            self._deliver(message, mail)

    def _deliver(self, message: Message, mail: EmailMessage) -> None:
        self._open()
        try:
            self._connection.send_messages([mail])
        except smtplib.SMTPSenderRefused as error:
            self._not_begun(message, mail, error)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            self._refused(message, recipient_answer(code, _text(text)), code, _text(text))
        except smtplib.SMTPDataError as error:
            said = _text(error.smtp_error)
            self._refused(message, content_answer(error.smtp_code, said), error.smtp_code, said)
        except ValueError as error:  # an address that no header can hold
            _abandon(message, f"{UNUSABLE}: {error}", at=self._now())
        except Exception as error:  # whatever one mail brings about, those behind it are sent
            if not isinstance(error, OSError):  # smtplib's errors are OSErrors too
                log.exception("mail %s cannot be handed over", message.public_id)
            self._drop()
            _postpone(message, f"{type(error).__name__}: {error}", at=self._now(), may_be_out=True)
        else:
            self._delivered(message)

    def _not_begun(self, message: Message, mail: EmailMessage, error: smtplib.SMTPSenderRefused) -> None:
        """Find out why the server does not even begin with a mail.

        Raises:
            ServerDown: it takes none from us now.
        """
        code, said = error.smtp_code, _text(error.smtp_error)
        if is_too_large(code, said):
            self._refused(message, Answer.REFUSED, code, said)
            return
        had_enough = code == CLOSING and self._went_out
        self._drop()
        if not had_enough:
            raise ServerDown(f"{code} {said}") from error
        self._deliver(message, mail)  # over another connection, where it is the first

    def _open(self) -> None:
        """Open the connection where it is not open yet.

        Raises:
            ServerDown: it cannot be opened.
        """
        try:
            self._connection.open()
        except OSError as error:
            raise ServerDown(f"{type(error).__name__}: {error}") from error

    def _delivered(self, message: Message) -> None:
        # an undo may have come after the last look; the mail is out all the same, as the undo was told it may be
        Message.objects.filter(pk=message.pk).update(sent_at=self._now(), abandoned_at=None, last_error="")
        address = address_key(message.recipient)
        if address in self._bounced:
            self._bounced.remove(address)
            Bounce.objects.filter(address=address, cleared_at__isnull=True).update(cleared_at=self._now())
        self.sent += 1
        self._went_out += 1

    def _refused(self, message: Message, answer: Answer, code: int, text: str) -> None:
        said = f"{code} {text}"
        if code == CLOSING:
            self._drop()
        if answer is Answer.LATER:
            _postpone(message, said, at=self._now())
            return
        _abandon(message, said, at=self._now())
        if answer is Answer.BOUNCED:
            bounce = Bounce(
                address=address_key(message.recipient),
                message=message,
                code=code,
                reason=_storable(text)[:300],
                at=self._now(),
            )
            Bounce.objects.bulk_create([bounce], ignore_conflicts=True)
            self._bounced.add(bounce.address)
        log.warning("mail %s was refused for good (%s)", message.public_id, code)


def _mail(message: Message, texts: OwnTexts) -> EmailMessage:
    letter = letter_of(message, texts)
    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"}
    if letter.stop_link:
        headers["List-Unsubscribe"] = f"<{letter.stop_link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return EmailMessage(
        subject=letter.subject,
        body=letter.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers=headers,
    )


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _storable(text: str) -> str:
    """Drop what no database holds."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def _is_taken_back(message: Message) -> bool:
    """Look once more: an undo may have come since the batch was claimed."""
    mine = Message.objects.filter(pk=message.pk, abandoned_at__isnull=False)
    return mine.exists() and bool(mine.update(may_be_out=False))


def _closed_addresses(batch: Sequence[Message]) -> frozenset[tuple[str, str]]:
    """Give the addresses of a batch that want no mail of a topic, or have no mailbox (topic "")."""
    addresses = [address_key(message.recipient) for message in batch]
    bounced = Bounce.objects.filter(address__among=addresses, cleared_at__isnull=True)
    stopped = Unsubscription.objects.filter(address__among=addresses)
    closed = {(address, "") for address in bounced.values_list("address", flat=True)}
    return frozenset(closed | set(stopped.values_list("address", "topic")))


def _closed_because(message: Message, closed: frozenset[tuple[str, str]]) -> str:
    address, topic = address_key(message.recipient), topic_of(message.kind)
    if topic and (address, topic) in closed:
        return UNSUBSCRIBED
    return BOUNCED_BEFORE if (address, "") in closed and not is_asked_for(message.kind) else ""


def _abandon(message: Message, why: str, *, at: datetime) -> None:
    Message.objects.filter(pk=message.pk).update(abandoned_at=at, last_error=_storable(why)[:300])


def _postpone(message: Message, why: str, *, at: datetime, may_be_out: bool = False) -> None:
    values: dict[str, Any] = {
        "next_try_at": at + delay(message.attempts),
        "last_error": _storable(why)[:300],
        "may_be_out": may_be_out,
    }
    if message.attempts >= TRIES:
        values["abandoned_at"] = at
    Message.objects.filter(pk=message.pk, abandoned_at__isnull=True).update(**values)
    log.warning("mail %s not sent (try %s): %s", message.public_id, message.attempts, why[:120])
