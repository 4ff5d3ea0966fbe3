"""What an external signer does for whoever may ask: it reads, judges, signs, notes, and only then answers."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from insignia.foundation.errors import InsigniaError
from insignia.issuing.errors import IssuerNotFound, SignerLimitReached
from insignia.issuing.models import SigningKey
from insignia.issuing.rules import CLOCKS_APART
from insignia.issuing.signers.ledger import Ledger, Line
from insignia.issuing.signers.pace import Limits, Pace
from insignia.issuing.signers.port import Refusal, Signatures
from insignia.issuing.signers.reading import Reading, reservations_read
from insignia.vc.errors import VcError
from insignia.vc.keys import Algorithm

if TYPE_CHECKING:
    from insignia.issuing.signers.in_process import InProcess

RESERVATIONS_MOST = 2_000
"""Reservations in one request."""
MALFORMED, CLOCKS_DIFFER = "request-malformed", "clocks-differ"


class Desk:
    """Answers one request after the other."""

    def __init__(
        self, signer: InProcess, ledger: Ledger, *, limits: Limits, clock: Callable[[], datetime]
    ) -> None:
        self._signer = signer
        self._ledger = ledger
        self._limits = limits
        self._pace = Pace(limits.a_second)
        self._clock = clock
        self._duties: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "sign": self._sign,
            "list": self._list,
            "make-key": self._make_key,
            "public-key": self._public_key,
        }

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what was asked for, or say by a code why not."""
        asked = request.get("do")
        duty = self._duties.get(asked) if isinstance(asked, str) else None
        if duty is None:
            return {"refused": MALFORMED}
        try:
            return duty(request)
        except (InsigniaError, VcError) as error:
            return {"refused": error.code, "message": error.message}
        except (ValueError, TypeError, KeyError, AttributeError):
            return {"refused": MALFORMED}

    def _sign(self, request: dict[str, Any]) -> dict[str, Any]:
        ids = [UUID(text) for text in request["reservations"]]
        if len(ids) > RESERVATIONS_MOST:
            return {"refused": MALFORMED}
        self._pace.wait(len(ids))
        now = self._clock()
        room = self._room("reservation", self._limits.a_day, now)
        reading = reservations_read(ids[:room])
        answers = self._signer.signatures(reading, at=now)
        self._ledger.note(_lines(reading, answers), at=now)
        over = [Refusal(public_id, SignerLimitReached.code) for public_id in ids[room:]]
        return {"signatures": [_spelled(answer) for answer in (*answers, *over)]}

    def _list(self, request: dict[str, Any]) -> dict[str, Any]:
        now, at = self._clock(), datetime.fromisoformat(request["at"])
        # Who asks for a list dates it, but never far from the signer's own clock: one dated into the future would
        # outlive the revocations of its time.
        if abs(at - now) > CLOCKS_APART:
            return {"refused": CLOCKS_DIFFER, "message": f"It is {now:%Y-%m-%d %H:%M} by the signer's clock."}
        self._pace.wait(1)
        list_id = UUID(request["list"])
        made = self._signer.list_document(list_id, at=at)
        digest = hashlib.sha256(made.document).hexdigest()
        self._ledger.note([Line("list", str(list_id), [digest])], at=now)
        document = b64encode(made.document).decode()
        return {"document": document, "epoch": made.epoch, "events": made.events}

    def _make_key(self, request: dict[str, Any]) -> dict[str, Any]:
        now, key_id = self._clock(), UUID(request["key"])
        if not self._room("key", self._limits.keys_a_day, now):
            raise SignerLimitReached("The signer made as many keys today as it may.")
        public = self._signer.key_make(key_id, Algorithm(request["algorithm"])).public
        digest = hashlib.sha256(public.multibase.encode()).hexdigest()
        self._ledger.note([Line("key", str(key_id), [digest])], at=now)
        return {"public": public.multibase}

    def _public_key(self, request: dict[str, Any]) -> dict[str, Any]:
        key = SigningKey.objects.filter(public_id=UUID(request["key"])).first()
        if key is None:
            raise IssuerNotFound("There is no such key here.")
        return {"public": self._signer.key_public(key).multibase}

    def _room(self, kind: str, most: int, now: datetime) -> int:
        return max(0, most - self._ledger.signed_on(now.date().isoformat(), kind))


def _lines(reading: Reading, answers: Sequence[Signatures | Refusal]) -> list[Line]:
    return [
        Line("reservation", str(public_id), _digests(reading, public_id))
        for public_id, answer in zip(reading.ids, answers, strict=True)
        if isinstance(answer, Signatures)
    ]


def _digests(reading: Reading, public_id: UUID) -> list[str]:
    prepared = reading.prepared(public_id)
    signed = (prepared.data_integrity_input, prepared.jwt_signing_input)
    return [hashlib.sha256(data).hexdigest() for data in signed]


def _spelled(answer: Signatures | Refusal) -> dict[str, Any]:
    if isinstance(answer, Refusal):
        return {"refused": answer.code}
    return {"ed25519": answer.ed25519.hex(), "es256": answer.es256.hex(), "repeatable": answer.repeatable}
