"""A mail server of our own: real SMTP on this machine, which answers as a test tells it."""

from __future__ import annotations

import asyncio
import socket
import threading
from email.message import Message as Mail
from email.parser import BytesParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Keeps what it is given; each answer can be set, and the line can be dropped or held."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.connections = 0
        self.sender_answer = ""
        self.sender_answers: list[str] = []  # each is given once, before all else
        self.mails_per_connection = 0
        self.recipient_answers: dict[str, str] = {}
        self.data_answer = ""
        self.drop_after_data = 0
        self.hold: threading.Event | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_EHLO(  # noqa: N802  - aiosmtpd's name and arguments
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802  - as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answers:
            return self.sender_answers.pop(0)
        session.begun = getattr(session, "begun", 0) + 1  # type: ignore[attr-defined]  # a counter of ours
        if 0 < self.mails_per_connection < session.begun:  # type: ignore[attr-defined]  # as above
            return "421 4.7.0 too many messages in this connection"
        envelope.mail_from = address
        return self.sender_answer or "250 OK"

    async def handle_RCPT(  # noqa: N802  - as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.recipient_answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  - as above
        while self.hold is not None and not self.hold.is_set():
            await asyncio.sleep(0.02)
        if self.data_answer:
            return self.data_answer
        assert isinstance(envelope.content, bytes)
        self.mails.append(BytesParser().parsebytes(envelope.content))
        if self.drop_after_data:
            self.drop_after_data -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 kept"
