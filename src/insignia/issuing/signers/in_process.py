"""Signing in this very process: the default, and what the other processes do inside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.foundation.errors import InsigniaError
from insignia.issuing.errors import SignerUnavailable
from insignia.issuing.guard import mark_hold
from insignia.issuing.signers.judging import own_keys_require, signable_require
from insignia.issuing.signers.lists import list_read, list_signed
from insignia.issuing.signers.port import ListDocument, MadeKey, Refusal, Signatures
from insignia.vc.errors import VcError

if TYPE_CHECKING:
    from insignia.issuing.models import Issuer, SigningKey
    from insignia.issuing.signers.port import KeyKeeper
    from insignia.issuing.signers.reading import Reading
    from insignia.vc.keys import Algorithm, PublicKey, Signer


class InProcess:
    """A signer that keeps its keys in `keys` and asks `hold` whether the database is the newest."""

    def __init__(self, keys: KeyKeeper, *, hold: Callable[[Issuer], None] = mark_hold) -> None:
        self._keys = keys
        self._hold = hold

    def signatures(self, reading: Reading, *, at: datetime) -> list[Signatures | Refusal]:  # noqa: ARG002  - a reservation brings its own time
        """Sign what may be signed; each key is opened once for all of it."""
        for issuer in reading.issuers:
            self._hold(issuer)
        opened: dict[int, Signer] = {}
        return [self._signed(reading, public_id, opened) for public_id in reading.ids]

    def list_document(self, list_id: UUID, *, at: datetime) -> ListDocument:
        """Sign a status list as its row has it."""
        row = list_read(list_id)
        self._hold(row.status_set.issuer)
        return list_signed(row, keys=self._keys, at=at)

    def key_make(self, key_id: UUID, algorithm: Algorithm) -> MadeKey:
        """Make a fresh key."""
        return self._keys.make(key_id, algorithm)

    def key_public(self, key: SigningKey) -> PublicKey:
        """Open a key and give its public half."""
        return self._keys.signer(key).public

    def _signed(self, reading: Reading, public_id: UUID, opened: dict[int, Signer]) -> Signatures | Refusal:
        try:
            row = reading.row(public_id)
            signable_require(row)
            prepared = reading.prepared(public_id)
            own_keys_require(row, prepared)
            return Signatures(
                ed25519=self._opened(row.ed25519_key, opened).sign(prepared.data_integrity_input),
                es256=self._opened(row.p256_key, opened).sign(prepared.jwt_signing_input),
                repeatable=self._keys.repeatable,
            )
        except SignerUnavailable:
            raise  # nothing is wrong with this row: the next would fare the same
        except (InsigniaError, VcError) as error:
            return Refusal(public_id, error.code)

    def _opened(self, key: SigningKey, opened: dict[int, Signer]) -> Signer:
        if key.pk not in opened:
            opened[key.pk] = self._keys.signer(key)
        return opened[key.pk]
