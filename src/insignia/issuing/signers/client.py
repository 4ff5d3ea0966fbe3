"""Asking an external signer over its socket. What it does not answer stays reserved, and is asked for again."""

from __future__ import annotations

import pwd
import socket
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from insignia.foundation.errors import InsigniaError
from insignia.issuing import errors
from insignia.issuing.guard import mark_hold
from insignia.issuing.signers.desk import RESERVATIONS_MOST
from insignia.issuing.signers.frames import FrameBroken, answer_receive, frame_send, peer_user
from insignia.issuing.signers.port import ListDocument, MadeKey, Refusal, Signatures
from insignia.vc.errors import VcError
from insignia.vc.keys import Algorithm, PublicKey

if TYPE_CHECKING:
    from insignia.issuing.models import SigningKey
    from insignia.issuing.signers.reading import Reading

ANSWER_SECONDS = 60.0
SIGNATURE_BYTES = 64
REFUSALS: Mapping[str, type[InsigniaError]] = {
    kind.code: kind
    for kind in (
        errors.DatabaseBehindMark,
        errors.IssuerMissing,
        errors.IssuerNotFound,
        errors.KeyNotHeld,
        errors.MarkMissing,
        errors.SignerLimitReached,
        errors.SignerUnavailable,
    )
}
"""What the signer may answer to a whole request, as the errors they are here."""


class SocketSigner:
    """The signer that listens at `path`. With `user`, only a process of that user counts as it."""

    def __init__(self, path: str, *, user: str = "") -> None:
        self._path = path
        self._user = pwd.getpwnam(user).pw_uid if user else None

    def signatures(self, reading: Reading, *, at: datetime) -> list[Signatures | Refusal]:  # noqa: ARG002  - a reservation brings its own time
        """Have the reservations signed; this side's mark has to hold as well as the signer's own."""
        for issuer in reading.issuers:
            mark_hold(issuer)
        ids = reading.ids
        return [
            answer
            for start in range(0, len(ids), RESERVATIONS_MOST)
            for answer in self._signed(ids[start : start + RESERVATIONS_MOST])
        ]

    def list_document(self, list_id: UUID, *, at: datetime) -> ListDocument:
        """Have a status list signed as its row has it."""
        answer = self._ask({"do": "list", "list": str(list_id), "at": at.isoformat()})
        with _well_formed():
            return ListDocument(b64decode(answer["document"]), int(answer["epoch"]), int(answer["events"]))

    def key_make(self, key_id: UUID, algorithm: Algorithm) -> MadeKey:
        """Have a key made; its private half never comes here, nor into the database."""
        answer = self._ask({"do": "make-key", "key": str(key_id), "algorithm": algorithm.value})
        with _well_formed():
            return MadeKey(PublicKey.from_multibase(answer["public"]), b"")

    def key_public(self, key: SigningKey) -> PublicKey:
        """Ask for the public half of the key held under this name."""
        answer = self._ask({"do": "public-key", "key": str(key.public_id)})
        with _well_formed():
            return PublicKey.from_multibase(answer["public"])

    def _signed(self, ids: Sequence[UUID]) -> list[Signatures | Refusal]:
        answer = self._ask({"do": "sign", "reservations": [str(public_id) for public_id in ids]})
        with _well_formed():
            return [
                _signatures(public_id, found) for public_id, found in zip(ids, answer["signatures"], strict=True)
            ]

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(ANSWER_SECONDS)
                connection.connect(self._path)
                self._user_require(connection)
                frame_send(connection, request)
                answer = answer_receive(connection, seconds=ANSWER_SECONDS)
        except (OSError, FrameBroken) as error:
            raise errors.SignerUnavailable("The signer does not answer. What waits is signed later.") from error
        if "refused" in answer:
            raise _refused(str(answer["refused"]), str(answer.get("message", "")))
        return answer

    def _user_require(self, connection: socket.socket) -> None:
        if self._user is not None and peer_user(connection) != self._user:
            raise errors.SignerUnavailable("Somebody else listens where the signer should.")


@contextmanager
def _well_formed() -> Iterator[None]:
    """Take an answer that is not as agreed for no answer."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, VcError) as error:
        raise errors.SignerUnavailable("The signer's answer cannot be read.") from error


def _signatures(public_id: UUID, found: Mapping[str, Any]) -> Signatures | Refusal:
    if "refused" in found:
        return Refusal(public_id, str(found["refused"]))
    ed25519, es256 = bytes.fromhex(found["ed25519"]), bytes.fromhex(found["es256"])
    if len(ed25519) != SIGNATURE_BYTES or len(es256) != SIGNATURE_BYTES:
        raise ValueError("not signatures")
    return Signatures(ed25519, es256, repeatable=bool(found["repeatable"]))


def _refused(code: str, message: str) -> InsigniaError:
    kind = REFUSALS.get(code, errors.SigningRefused)
    return kind(message or f"The signer refused ({code}).", reason=code)
