"""Public keys: Multikey (Controlled Identifiers 1.0, 2.2.2), JWK (RFC 7517, RFC 8037), and checking with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.bindings import crypto_sign_BYTES, crypto_sign_open
from nacl.exceptions import BadSignatureError

from insignia.vc.errors import KeyMalformed, KeyUnsupported
from insignia.vc.keys.encoding import (
    base58_decode,
    base58_encode,
    base64url_decode,
    base64url_encode,
    integer_decode,
    integer_encode,
)
from insignia.vc.model.json import Json, JsonObject

RawKey: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class Algorithm(StrEnum):
    """The kinds of keys we use, by the name of their curve or family."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    P384 = "P-384"
    RSA = "RSA"


# Multicodec prefixes of Multikey public keys (varint), Controlled Identifiers 1.0, 2.2.2.
_PREFIXES: dict[bytes, tuple[Algorithm, int]] = {
    b"\xed\x01": (Algorithm.ED25519, 32),
    b"\x80\x24": (Algorithm.P256, 33),
    b"\x81\x24": (Algorithm.P384, 49),
}
_CURVES: dict[Algorithm, tuple[ec.EllipticCurve, hashes.HashAlgorithm, int]] = {
    Algorithm.P256: (ec.SECP256R1(), hashes.SHA256(), 32),
    Algorithm.P384: (ec.SECP384R1(), hashes.SHA384(), 48),
}
_RSA_BITS = (2048, 8192)
_PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@dataclass(frozen=True)
class PublicKey:
    """One public key. `raw` is what the cryptography library works with."""

    algorithm: Algorithm
    raw: RawKey

    @classmethod
    def from_multibase(cls, text: str) -> PublicKey:
        """Read a Multikey value such as `z6Mk...`, `zDn...`, `z82...`.

        Raises:
            KeyMalformed: not base58btc, or the wrong length.
            KeyUnsupported: another kind of key.
        """
        if not text.startswith("z") or len(text) > 200:
            raise KeyMalformed("A multibase key starts with z (base58btc).")
        decoded = base58_decode(text[1:])
        algorithm, length = _PREFIXES.get(decoded[:2], (None, 0))
        if algorithm is None:
            raise KeyUnsupported("This kind of multibase key is not used here.")
        body = decoded[2:]
        if len(body) != length:
            raise KeyMalformed(f"A {algorithm} key has {length} bytes, not {len(body)}.")
        return cls(algorithm, _raw_from_bytes(algorithm, body))

    @classmethod
    def from_jwk(cls, jwk: JsonObject) -> PublicKey:
        """Read a JSON Web Key (OKP Ed25519, EC P-256/P-384, RSA).

        Raises:
            KeyMalformed: a member is missing, wrong or private.
            KeyUnsupported: another kind of key.
        """
        if _PRIVATE_MEMBERS & jwk.keys():
            raise KeyMalformed("The key holds private parts. It must be replaced at once.")
        kind, curve = jwk.get("kty"), jwk.get("crv")
        if (kind, curve) == ("OKP", "Ed25519"):
            return cls(Algorithm.ED25519, _raw_from_bytes(Algorithm.ED25519, _member(jwk, "x")))
        if kind == "EC" and curve in (Algorithm.P256, Algorithm.P384):
            return cls(Algorithm(str(curve)), _ec_from_jwk(Algorithm(str(curve)), jwk))
        if kind == "RSA":
            return cls(Algorithm.RSA, _rsa_from_jwk(jwk))
        raise KeyUnsupported("This kind of JSON Web Key is not used here.")

    @property
    def multibase(self) -> str:
        """Write the key as Multikey value.

        Raises:
            KeyUnsupported: RSA keys have no Multikey form here.
        """
        for prefix, (algorithm, _length) in _PREFIXES.items():
            if algorithm == self.algorithm:
                return "z" + base58_encode(prefix + self.encoded)
        raise KeyUnsupported("RSA keys are written as JSON Web Keys.")

    @property
    def encoded(self) -> bytes:
        """Give the raw key: 32 bytes for Ed25519, the compressed point for P-256 and P-384, DER for RSA."""
        if isinstance(self.raw, ed25519.Ed25519PublicKey):
            return self.raw.public_bytes_raw()
        if isinstance(self.raw, ec.EllipticCurvePublicKey):
            return self.raw.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return self.raw.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def jwk(self) -> JsonObject:
        """Write the key as public JSON Web Key."""
        if isinstance(self.raw, ed25519.Ed25519PublicKey):
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(self.encoded)}
        if isinstance(self.raw, ec.EllipticCurvePublicKey):
            size = _CURVES[self.algorithm][2]
            numbers = self.raw.public_numbers()
            x, y = (base64url_encode(number.to_bytes(size, "big")) for number in (numbers.x, numbers.y))
            return {"kty": "EC", "crv": self.algorithm.value, "x": x, "y": y}
        public = self.raw.public_numbers()
        return {"kty": "RSA", "n": integer_encode(public.n), "e": integer_encode(public.e)}

    @cached_property
    def _point(self) -> bytes:
        return self.encoded

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Say whether `signature` is this key's over `data`; never raises for a bad signature.

        Ed25519 (RFC 8032, strictly: no points of small order), ECDSA as r||s (IEEE P1363) with SHA-256 on P-256
        and SHA-384 on P-384, RSA PKCS#1 v1.5 with SHA-256.
        """
        if isinstance(self.raw, ed25519.Ed25519PublicKey):
            return _ed25519_fits(signature, data, self._point)
        try:
            if isinstance(self.raw, ec.EllipticCurvePublicKey):
                _curve, digest, size = _CURVES[self.algorithm]
                self.raw.verify(_der(signature, size), data, ec.ECDSA(digest))
            else:
                self.raw.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


def _ed25519_fits(signature: bytes, data: bytes, point: bytes) -> bool:
    if len(signature) != crypto_sign_BYTES:
        return False
    try:
        crypto_sign_open(signature + data, point)
    except BadSignatureError:
        return False
    return True


def _der(signature: bytes, size: int) -> bytes:
    if len(signature) != 2 * size:
        raise ValueError("wrong length")
    return encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))


def _raw_from_bytes(algorithm: Algorithm, body: bytes) -> RawKey:
    try:
        if algorithm == Algorithm.ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(body)
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[algorithm][0], body)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyMalformed(f"These bytes are no {algorithm} key.") from error


def _ec_from_jwk(algorithm: Algorithm, jwk: JsonObject) -> RawKey:
    size = _CURVES[algorithm][2]
    x, y = _member(jwk, "x"), _member(jwk, "y")
    if len(x) != size or len(y) != size:
        raise KeyMalformed(f"The coordinates of a {algorithm} key have {size} bytes each.")
    return _raw_from_bytes(algorithm, b"\x04" + x + y)


def _rsa_from_jwk(jwk: JsonObject) -> RawKey:
    modulus, exponent = integer_decode(_text(jwk, "n")), integer_decode(_text(jwk, "e"))
    if not _RSA_BITS[0] <= modulus.bit_length() <= _RSA_BITS[1]:
        raise KeyMalformed(f"An RSA key has {_RSA_BITS[0]} to {_RSA_BITS[1]} bits.")
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as error:
        raise KeyMalformed("These numbers are no RSA key.") from error


def _member(jwk: JsonObject, name: str) -> bytes:
    return base64url_decode(_text(jwk, name))


def _text(jwk: JsonObject, name: str) -> str:
    value: Json = jwk.get(name)
    if not isinstance(value, str):
        raise KeyMalformed(f'The key lacks "{name}".')
    return value
