"""The bare arithmetic: Ed25519 over 64 bytes, which every signature of these badges comes down to."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import SigningKey

from benchmarks.measuring import Task

INPUTS = 1000
_SEED = hashlib.sha256(b"benchmark ed25519").digest()


def inputs() -> list[bytes]:
    """Give 64 bytes for each signature, as the two hashes of a proof."""
    return [hashlib.sha512(str(number).encode()).digest() for number in range(INPUTS)]


def pynacl_signing() -> Task:
    """Sign with libsodium."""
    key, data = SigningKey(_SEED), inputs()
    return lambda number: key.sign(data[number % INPUTS])


def pynacl_verifying() -> Task:
    """Verify with libsodium."""
    key, data = SigningKey(_SEED), inputs()
    public, signatures = key.verify_key, [key.sign(item).signature for item in data]
    return lambda number: public.verify(data[number % INPUTS], signatures[number % INPUTS])


def cryptography_signing() -> Task:
    """Sign with OpenSSL."""
    key, data = Ed25519PrivateKey.from_private_bytes(_SEED), inputs()
    return lambda number: key.sign(data[number % INPUTS])


def cryptography_verifying() -> Task:
    """Verify with OpenSSL."""
    key, data = Ed25519PrivateKey.from_private_bytes(_SEED), inputs()
    public, signatures = key.public_key(), [key.sign(item) for item in data]
    return lambda number: public.verify(signatures[number % INPUTS], data[number % INPUTS])
