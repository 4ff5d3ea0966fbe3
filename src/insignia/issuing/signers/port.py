"""The port between issuing and whoever holds the keys, whatever process or device that is.

Nothing here takes bytes to sign. A signer is told which committed reservation, or which list, and reads it by
itself; a door that signs what it is handed is a forger's oracle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from insignia.issuing.models import SigningKey
    from insignia.issuing.signers.reading import Reading
    from insignia.vc.keys import Algorithm, PublicKey, Signer


@dataclass(frozen=True)
class Signatures:
    """The two signatures over what one reservation holds, 64 bytes each.

    `repeatable` says that signing it again gives the same ones. Others count only once they are kept.
    """

    ed25519: bytes
    es256: bytes
    repeatable: bool = True


@dataclass(frozen=True)
class Refusal:
    """A reservation that was not signed, and the code of why."""

    reservation_id: UUID
    code: str


@dataclass(frozen=True)
class ListDocument:
    """A signed status list, with the epoch and the number of events that it was read at."""

    document: bytes
    epoch: int
    events: int


@dataclass(frozen=True)
class MadeKey:
    """A fresh key: its public half, and what its row keeps of the private one (nothing, if it lies elsewhere)."""

    public: PublicKey
    sealed_private: bytes


class SigningBackend(Protocol):
    """Whoever signs for this installation. Each method may raise SignerUnavailable: nothing is lost, ask again."""

    def signatures(self, reading: Reading, *, at: datetime) -> Sequence[Signatures | Refusal]:
        """Sign the reservations that were read, in their order; what may not be signed is named.

        Raises:
            MarkMissing, DatabaseBehindMark: the database cannot be trusted to be the newest.
        """

    def list_document(self, list_id: UUID, *, at: datetime) -> ListDocument:
        """Sign a status list as its committed row has it now.

        Raises:
            MarkMissing, DatabaseBehindMark: the database cannot be trusted to be the newest.
            IssuerMissing, KeyNotHeld: there is no key to sign with.
        """

    def key_make(self, key_id: UUID, algorithm: Algorithm) -> MadeKey:
        """Make a fresh key."""

    def key_public(self, key: SigningKey) -> PublicKey:
        """Give the public half of the private key that is held under this name.

        Raises:
            KeyNotHeld, SealBroken: there is none, or its envelope does not open.
        """


class KeyKeeper(Protocol):
    """Where the private halves lie. A signer of any kind keeps them in one."""

    repeatable: bool
    """Whether signing the same bytes twice gives the same signature."""

    def make(self, key_id: UUID, algorithm: Algorithm) -> MadeKey:
        """Make and keep a fresh key."""

    def signer(self, key: SigningKey) -> Signer:
        """Open a key for the signatures about to be made.

        Raises:
            KeyNotHeld, SealBroken: it does not lie here, or its envelope does not open.
        """
