from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message as Mail
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings

from insignia.foundation.sealing import datakey_create, datakey_destroy
from insignia.outbox.errors import RecipientUnusable
from insignia.outbox.mailer import TRIES, messages_send
from insignia.outbox.models import Message
from insignia.outbox.services import message_queue
from tests.platform.factories import AT

pytestmark = pytest.mark.django_db


class Sink:
    """A real SMTP server that keeps what it is given, and refuses while `refusing`."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refusing = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  - aiosmtpd's name
        if self.refusing:
            return "451 come back later"
        assert isinstance(envelope.content, bytes)
        self.mails.append(BytesParser().parsebytes(envelope.content))
        return "250 kept"


@pytest.fixture
def sink(settings: LazySettings) -> Iterator[Sink]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield handler
    controller.stop()


def queue(key: str = "one") -> Message:
    return message_queue(
        kind="invitation",
        key=key,
        recipient="samuel@example.org",
        language="en",
        context={
            "organization": {"en": "Quillwater High", "es": "Instituto Quillwater"},
            "path": "/x",
            "days": 14,
        },
        at=AT,
    )


class TestMailer:
    def test_sends_each_mail_once_under_its_own_id(self, sink: Sink) -> None:
        first, second = queue("one"), queue("two")
        assert queue("one") == first
        assert messages_send(AT) == 2
        assert messages_send(AT) == 0
        assert [mail["Message-ID"] for mail in sink.mails] == [first.message_id, second.message_id]
        assert sink.mails[0]["Subject"] == "Quillwater High invites you"

    def test_tries_again_later_under_the_same_id(self, sink: Sink) -> None:
        message = queue()
        sink.refusing = True
        assert messages_send(AT) == 0
        sink.refusing = False
        assert messages_send(AT) == 0, "it waits before it tries again"
        assert messages_send(AT + timedelta(hours=1)) == 1
        assert [mail["Message-ID"] for mail in sink.mails] == [message.message_id]

    def test_takes_up_what_a_dead_sender_had_claimed(self, sink: Sink) -> None:
        message = queue()
        Message.objects.filter(pk=message.pk).update(next_try_at=AT + timedelta(minutes=5), attempts=1)
        assert messages_send(AT + timedelta(minutes=6)) == 1

    def test_waits_for_the_undo_window(self, sink: Sink) -> None:
        message = queue()
        Message.objects.filter(pk=message.pk).update(next_try_at=AT + timedelta(minutes=10))
        assert messages_send(AT + timedelta(minutes=9)) == 0

    def test_gives_up_in_the_end_and_says_why(self, sink: Sink) -> None:
        message = queue()
        sink.refusing = True
        for hours in range(0, 12 * (TRIES + 1), 12):
            messages_send(AT + timedelta(hours=hours))
        message.refresh_from_db()
        assert message.abandoned_at is not None
        assert message.attempts == TRIES
        assert "451" in message.last_error

    def test_sends_nothing_about_an_erased_person(self, sink: Sink) -> None:
        key = datakey_create(at=AT)
        message_queue(
            kind="invitation", key="k", recipient="a@b.example", language="en", context={}, at=AT, data_key=key
        )
        datakey_destroy(key, at=AT)
        assert messages_send(AT) == 0
        assert sink.mails == []


class TestMessageQueue:
    @pytest.mark.parametrize(
        "recipient", ["a@b.example\r\nBcc: all@b.example", "a\x00@b.example", "a@b\n.example"]
    )
    def test_refuses_an_address_that_could_forge_headers(self, recipient: str) -> None:
        with pytest.raises(RecipientUnusable):
            message_queue(kind="invitation", key="k", recipient=recipient, language="en", context={}, at=AT)

    def test_keeps_hostile_names_on_one_subject_line(self, sink: Sink) -> None:
        message_queue(
            kind="invitation",
            key="hostile",
            recipient="a@b.example",
            language="es",
            context={"organization": {"es": "High\r\nBcc: all@b.example" + "x" * 10_000}, "path": "/", "days": 1},
            at=AT,
        )
        assert messages_send(AT) == 1
        assert sink.mails[0]["Bcc"] is None
        assert len(sink.mails[0]["Subject"]) < 400
