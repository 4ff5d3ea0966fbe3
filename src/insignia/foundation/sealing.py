"""Envelope encryption: AES-256-GCM under a person's data key, which the master key wraps.

Sealed bytes are `0x01 || nonce (12) || ciphertext || tag (16)`. The purpose is bound as associated data, so
that sealed bytes moved to another column do not open there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from insignia.foundation.errors import Gone, Unavailable
from insignia.foundation.master import KEY_BYTES, derived_key
from insignia.foundation.models import DataKey

VERSION = b"\x01"
NONCE_BYTES = 12


class Erased(Gone):
    """The person's key was destroyed: nothing sealed under it can ever be read again."""

    code = "erased"


class SealBroken(Unavailable):
    """The bytes do not open: another master key, another purpose, or they were changed."""

    code = "seal-broken"


@dataclass(frozen=True, repr=False)
class OpenKey:
    """A data key in the clear, for as long as one piece of work takes: opened once, used for many rows."""

    raw: bytes

    def seal(self, plain: bytes, *, purpose: str) -> bytes:
        """Encrypt `plain` for one purpose."""
        return _lock(plain, self.raw, purpose.encode())

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """Decrypt what was sealed under this key for the same purpose.

        Raises:
            SealBroken: wrong key or purpose, or changed bytes.
        """
        return _unlock(bytes(sealed), self.raw, purpose.encode())


def datakey_open(key: DataKey | None) -> OpenKey:
    """Open a data key; `None` is the installation's own.

    Raises:
        Erased: the key was destroyed.
    """
    return OpenKey(datakey_bytes(key))


def datakey_draw() -> tuple[OpenKey, bytes]:
    """Draw a fresh data key: open, and sealed as its row will hold it. For rows that are inserted in bulk."""
    raw = secrets.token_bytes(KEY_BYTES)
    return OpenKey(raw), _lock(raw, derived_key("data-keys"), b"data-key")


def datakey_create(*, at: datetime) -> DataKey:
    """Make and store a fresh data key."""
    _opened, sealed = datakey_draw()
    return DataKey.objects.create(sealed=sealed, created_at=at)


def datakey_destroy(key: DataKey, *, at: datetime) -> None:
    """Erase for good what is sealed under `key`. There is no way back."""
    DataKey.objects.filter(pk=key.pk, destroyed_at__isnull=True).update(sealed=None, destroyed_at=at)


def datakey_bytes(key: DataKey | None) -> bytes:
    """Return the 32 raw bytes of a data key; `None` is the installation's own key, for what has no person.

    Raises:
        Erased: the key was destroyed.
    """
    return derived_key("installation") if key is None else sealed_open(key.sealed).raw


def sealed_open(sealed: bytes | memoryview | None) -> OpenKey:
    """Open a data key as its row holds it.

    Raises:
        Erased: the key was destroyed.
    """
    if sealed is None:
        raise Erased("This was erased at the person's request.")
    return OpenKey(_unlock(bytes(sealed), derived_key("data-keys"), b"data-key"))


def seal(plain: bytes, *, key: DataKey | None, purpose: str) -> bytes:
    """Encrypt `plain` for one purpose under a person's key.

    Raises:
        Erased: the key was destroyed.
    """
    return datakey_open(key).seal(plain, purpose=purpose)


def unseal(sealed: bytes, *, key: DataKey | None, purpose: str) -> bytes:
    """Decrypt what `seal` made for the same purpose.

    Raises:
        Erased: the key was destroyed.
        SealBroken: wrong key or purpose, or changed bytes.
    """
    return datakey_open(key).unseal(sealed, purpose=purpose)


def seal_private_key(plain: bytes, *, name: str) -> bytes:
    """Wrap a signing key under the master key; `name` (its public id) is bound to it."""
    return _lock(plain, derived_key("signing-keys"), name.encode())


def unseal_private_key(sealed: bytes, *, name: str) -> bytes:
    """Unwrap a signing key.

    Raises:
        SealBroken: another master key, another name, or changed bytes.
    """
    return _unlock(bytes(sealed), derived_key("signing-keys"), name.encode())


def _lock(plain: bytes, key: bytes, purpose: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, purpose)


def _unlock(sealed: bytes, key: bytes, purpose: bytes) -> bytes:
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if sealed[:1] != VERSION or len(body) < 16:
        raise SealBroken("These bytes were not sealed by this installation.")
    try:
        return AESGCM(key).decrypt(nonce, body, purpose)
    except InvalidTag as error:
        raise SealBroken("The seal does not open: another master key, or the bytes were changed.") from error
