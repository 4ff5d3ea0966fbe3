"""The Signer port: what issuing asks of a key. The private half never leaves its backend."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from nacl.bindings import crypto_sign, crypto_sign_BYTES

from insignia.vc.errors import KeyMalformed, KeyUnsupported
from insignia.vc.keys.public import Algorithm, PublicKey

RawPrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_CURVES: dict[Algorithm, tuple[ec.EllipticCurve, hashes.HashAlgorithm, int]] = {
    Algorithm.P256: (ec.SECP256R1(), hashes.SHA256(), 32),
    Algorithm.P384: (ec.SECP384R1(), hashes.SHA384(), 48),
}
_RSA_BITS = 2048


class Signer(Protocol):
    """Somebody who can sign with one key."""

    @property
    def public(self) -> PublicKey:
        """Give the public half."""

    def sign(self, data: bytes) -> bytes:
        """Sign: Ed25519; deterministic ECDSA (RFC 6979) as r||s; RSA PKCS#1 v1.5 with SHA-256."""


class LocalSigner:
    """A key in this process's memory."""

    def __init__(self, private: RawPrivateKey) -> None:
        self._private = private
        self._public = PublicKey(_algorithm_of(private), private.public_key())
        # libsodium signs with the seed and the point; it is nearly twice as fast as OpenSSL
        self._seed_and_point = b""
        if isinstance(private, ed25519.Ed25519PrivateKey):
            self._seed_and_point = private.private_bytes_raw() + self._public.encoded

    @classmethod
    def generate(cls, algorithm: Algorithm) -> LocalSigner:
        """Make a fresh key."""
        if algorithm == Algorithm.ED25519:
            return cls(ed25519.Ed25519PrivateKey.generate())
        if algorithm == Algorithm.RSA:
            return cls(rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS))
        return cls(ec.generate_private_key(_CURVES[algorithm][0]))

    @classmethod
    def from_private_bytes(cls, algorithm: Algorithm, data: bytes) -> LocalSigner:
        """Read what `private_bytes` wrote: the 32-byte seed, the scalar (big-endian), or DER for RSA.

        Raises:
            KeyMalformed: bytes that are no such key.
        """
        try:
            if algorithm == Algorithm.ED25519:
                return cls(ed25519.Ed25519PrivateKey.from_private_bytes(data))
            if algorithm == Algorithm.RSA:
                return cls(_rsa(data))
            curve, _digest, size = _CURVES[algorithm]
            if len(data) != size:
                raise KeyMalformed(f"A private {algorithm} key has {size} bytes.")
            return cls(ec.derive_private_key(int.from_bytes(data, "big"), curve))
        except ValueError as error:
            raise KeyMalformed(f"These bytes are no private {algorithm} key.") from error

    @property
    def public(self) -> PublicKey:
        """Give the public half."""
        return self._public

    @property
    def private_bytes(self) -> bytes:
        """Write the private half, for sealing it away: seed, scalar (big-endian) or DER."""
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            return self._private.private_bytes_raw()
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            return self._private.private_numbers().private_value.to_bytes(
                _CURVES[self._public.algorithm][2], "big"
            )
        return self._private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, data: bytes) -> bytes:
        """Sign `data`; the same data gives the same signature, whatever the kind of key."""
        if self._seed_and_point:
            return crypto_sign(data, self._seed_and_point)[:crypto_sign_BYTES]
        if isinstance(self._private, rsa.RSAPrivateKey):
            return self._private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            return self._ecdsa(self._private, data)
        raise KeyUnsupported(f"Keys of the kind {self._public.algorithm} sign nothing here.")

    def _ecdsa(self, private: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
        _curve, digest, size = _CURVES[self._public.algorithm]
        r, s = decode_dss_signature(private.sign(data, ec.ECDSA(digest, deterministic_signing=True)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _rsa(data: bytes) -> rsa.RSAPrivateKey:
    key = load_der_private_key(data, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyMalformed("These bytes are no private RSA key.")
    return key


def _algorithm_of(private: RawPrivateKey) -> Algorithm:
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return Algorithm.ED25519
    if isinstance(private, rsa.RSAPrivateKey):
        return Algorithm.RSA
    for algorithm, (curve, _digest, _size) in _CURVES.items():
        if private.curve.name == curve.name:
            return algorithm
    raise KeyUnsupported("This curve is not used here.")
