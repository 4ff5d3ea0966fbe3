"""Private halves in envelopes: in the database under the master key, or in files that only the signer has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.foundation.master import key_of_file
from insignia.foundation.sealing import OpenKey, seal_private_key, unseal_private_key
from insignia.issuing.errors import KeyNotHeld
from insignia.issuing.signers.durable import file_create
from insignia.issuing.signers.port import MadeKey
from insignia.vc.keys import Algorithm, LocalSigner

if TYPE_CHECKING:
    from insignia.issuing.models import SigningKey


class RowKeys:
    """Keys that lie in their own rows, sealed under the installation's master key."""

    repeatable = True

    def make(self, key_id: UUID, algorithm: Algorithm) -> MadeKey:
        """Make a key; its row keeps the envelope."""
        made = LocalSigner.generate(algorithm)
        return MadeKey(made.public, seal_private_key(made.private_bytes, name=str(key_id)))

    def signer(self, key: SigningKey) -> LocalSigner:
        """Unseal a private key.

        Raises:
            KeyNotHeld: its private half lies with another signer.
            SealBroken: the envelope does not open.
        """
        sealed = bytes(key.sealed_private)
        if not sealed:
            raise KeyNotHeld("The private half of this key lies with another signer. Rotate the keys.")
        private = unseal_private_key(sealed, name=str(key.public_id))
        return LocalSigner.from_private_bytes(Algorithm(key.algorithm), private)


class FileKeys:
    """Keys of an external signer: envelopes in its own directory, under a key file of its own. No row has them."""

    repeatable = True

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "keys"
        self._master = directory / "signer-key"
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def make(self, key_id: UUID, algorithm: Algorithm) -> MadeKey:
        """Make a key and do not return before its envelope is on the disk."""
        made = LocalSigner.generate(algorithm)
        sealed = self._opened().seal(made.private_bytes, purpose=_purpose(key_id, algorithm))
        file_create(self._directory / str(key_id), sealed)
        return MadeKey(made.public, b"")

    def signer(self, key: SigningKey) -> LocalSigner:
        """Unseal a private key.

        Raises:
            KeyNotHeld: no such key was made here, or its row shows another public half.
            SealBroken: the envelope does not open.
        """
        algorithm = Algorithm(key.algorithm)
        try:
            sealed = (self._directory / str(key.public_id)).read_bytes()
        except FileNotFoundError as error:
            raise KeyNotHeld("The signer does not hold this key. Rotate the keys.") from error
        private = self._opened().unseal(sealed, purpose=_purpose(key.public_id, algorithm))
        return LocalSigner.from_private_bytes(algorithm, private)

    def _opened(self) -> OpenKey:
        return OpenKey(key_of_file(self._master))


def _purpose(key_id: UUID, algorithm: Algorithm) -> str:
    return f"signer-key {algorithm.value} {key_id}"
