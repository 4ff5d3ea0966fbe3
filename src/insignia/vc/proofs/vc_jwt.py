"""VC-JWT by the 1EdTech profile (Open Badges 3.0, 8.2): a compact JWS whose payload is the credential itself.

The header says `alg`, `kid` (or `jwk`) and `typ`, nothing else. Algorithms come from the caller's policy and
must fit the key; the token's own word is never enough. Keys are never fetched from where a header points.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pybase64

from insignia.vc.codec import serialize
from insignia.vc.errors import (
    JwtMalformed,
    JwtTooLarge,
    KeyUnsupported,
    MalformedCredential,
    ProofUnsupported,
    SignatureMismatch,
)
from insignia.vc.keys import Algorithm
from insignia.vc.limits import DEFAULT_LIMITS, Limits, parse_object
from insignia.vc.model.moments import moment_read

if TYPE_CHECKING:
    from insignia.vc.keys import PublicKey
    from insignia.vc.model.json import Json, JsonObject

ALGORITHMS: Mapping[str, Algorithm] = {
    "EdDSA": Algorithm.ED25519,
    "ES256": Algorithm.P256,
    "RS256": Algorithm.RSA,
}
ISSUING = frozenset({"ES256", "RS256"})
HEADERS = frozenset({"alg", "kid", "jwk", "typ"})
TYP = "JWT"
CLAIMS = ("iss", "jti", "nbf", "sub", "exp")
REGISTERED = frozenset({*CLAIMS, "aud", "iat"})
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True)
class Jwt:
    """A token taken apart: header and payload as parsed, the bytes that were signed, the signature."""

    header: JsonObject
    payload: JsonObject
    signing_input: bytes
    signature: bytes

    @property
    def document(self) -> JsonObject:
        """Give the credential in the payload, without the registered claims around it."""
        return {name: value for name, value in self.payload.items() if name not in REGISTERED}


def payload(credential: JsonObject) -> JsonObject:
    """Write the payload: the credential with `iss`, `jti`, `nbf`, `sub` and, when it expires, `exp`.

    Raises:
        JwtMalformed: issuer, id, validFrom or the subject's id is missing: the profile requires all four.
    """
    return {**claims(credential), **credential}


def claims(credential: JsonObject) -> JsonObject:
    """Write the claims that stand before the credential in a payload.

    Raises:
        JwtMalformed: as `payload`; or the credential has a member with the name of a claim.
    """
    found = expected_claims(credential)
    missing = [name for name in ("iss", "jti", "nbf", "sub") if name not in found]
    if missing:
        raise JwtMalformed(f"A token needs the claim {missing[0]}, and the credential does not say it.")
    if taken := sorted(REGISTERED & credential.keys()):
        raise JwtMalformed(f"In a token the credential's member {taken[0]} would be taken for a claim.")
    return found


def claims_beginning(claims: JsonObject) -> bytes:
    """Write claims as the beginning of a payload, after which the credential's own members go on."""
    return serialize(claims)[:-1] + b","


def expected_claims(credential: Mapping[str, Json]) -> JsonObject:
    """Derive the registered claims that the profile ties to the credential; absent ones are left out."""
    claims: dict[str, Json] = {
        "iss": _id_of(credential.get("issuer")),
        "jti": _id_of(credential.get("id")),
        "nbf": _seconds(credential.get("validFrom")),
        "sub": _id_of(_single(credential.get("credentialSubject"))),
        "exp": _seconds(credential.get("validUntil")),
    }
    return {name: value for name, value in claims.items() if value is not None}


def _single(value: Json) -> Json:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _id_of(value: Json) -> str | None:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def _seconds(value: Json) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return int(moment_read(value).timestamp() // 1)
    except MalformedCredential:
        return None


def claim_mismatches(token: Jwt) -> tuple[str, ...]:
    """Name the registered claims that differ from the credential, or are missing; none is what is wanted."""
    expected = expected_claims(token.document)
    required = {"iss", "jti", "nbf", "sub"} | expected.keys()
    return tuple(
        name
        for name in CLAIMS
        if (name in required or name in token.payload) and not _same(token.payload.get(name), expected.get(name))
    )


def _same(claimed: Json, expected: Json) -> bool:
    if isinstance(claimed, bool) or claimed is None:
        return False
    if isinstance(claimed, float) and isinstance(expected, int):
        return int(claimed) == expected
    return claimed == expected


def signing_input(payload: JsonObject, *, kid: str, algorithm: str) -> bytes:
    """Write the bytes that a key signs: base64url(header) "." base64url(payload).

    Raises:
        KeyUnsupported: an algorithm that the profile does not issue with.
    """
    return header_beginning(kid=kid, algorithm=algorithm) + encoded(serialize(payload))


def header_beginning(*, kid: str, algorithm: str) -> bytes:
    """Write the beginning of those bytes: the encoded header and its dot.

    Raises:
        KeyUnsupported: as `signing_input`.
    """
    if algorithm not in ISSUING:
        raise KeyUnsupported(f"Tokens are issued with ES256 or RS256, not {algorithm[:80]}.")
    header: JsonObject = {"alg": algorithm, "kid": kid, "typ": TYP}
    return encoded(serialize(header)) + b"."


def encoded(raw: bytes) -> bytes:
    """Write bytes as base64url without padding."""
    return pybase64.urlsafe_b64encode(raw).rstrip(b"=")


def assemble(signing_input: bytes, signature: bytes) -> str:
    """Put signed bytes and signature together as a compact JWS."""
    return (signing_input + b"." + encoded(signature)).decode("ascii")


def parse(token: str, limits: Limits = DEFAULT_LIMITS) -> Jwt:
    """Take a compact JWS apart, judging nothing but its shape.

    Raises:
        JwtTooLarge: the token or its header is larger than the limit.
        JwtMalformed: not three base64url parts, or header and payload are not JSON objects.
        VcError: what the bounded JSON reader refuses, by name.
    """
    if len(token) > limits.jwt_bytes:
        raise JwtTooLarge(f"The token is longer than {limits.jwt_bytes} bytes.")
    parts = token.split(".")
    if len(parts) != 3:
        raise JwtMalformed("A token has three parts: header, payload, signature.")
    header, body, signature = (_decoded(part) for part in parts)
    if len(header) > limits.jwt_header_bytes:
        raise JwtTooLarge(f"The token's header is longer than {limits.jwt_header_bytes} bytes.")
    return Jwt(
        header=parse_object(header, limits=limits),
        payload=parse_object(body, limits=limits),
        signing_input=token.rpartition(".")[0].encode("ascii"),
        signature=signature,
    )


def _decoded(part: str) -> bytes:
    if not BASE64URL.fullmatch(part):
        raise JwtMalformed("A part of the token is empty or not base64url.")
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error as error:
        raise JwtMalformed("A part of the token is not base64url.") from error
    if encoded(raw).decode("ascii") != part:
        # the unused bits of the last letter must be zero, or two texts would mean one token
        raise JwtMalformed("A part of the token is not written in the one canonical way.")
    return raw


def header_check(header: Mapping[str, Json], *, algorithms: frozenset[str]) -> Algorithm:
    """Check a header against the profile and the caller's algorithms; give the kind of key it calls for.

    Raises:
        ProofUnsupported: another token profile, or an algorithm outside the policy.
        JwtMalformed: members the profile forbids, private key parts, neither kid nor jwk.
    """
    typ = header.get("typ", TYP)
    if typ != TYP:
        raise ProofUnsupported(f"Tokens of type {str(typ)[:80]} are not known here.")
    forbidden = sorted(header.keys() - HEADERS)
    if forbidden:
        raise JwtMalformed(f"The token's header has {forbidden[0][:80]}, which the profile forbids.")
    _key_reference_check(header)
    name = header.get("alg")
    if not isinstance(name, str) or name not in ALGORITHMS or name not in algorithms:
        raise JwtMalformed(f"The token's algorithm {str(name)[:80]} is not accepted.")
    return ALGORITHMS[name]


def _key_reference_check(header: Mapping[str, Json]) -> None:
    kid, jwk = header.get("kid"), header.get("jwk")
    if kid is None and jwk is None:
        raise JwtMalformed("The token names no key: neither kid nor jwk.")
    if kid is not None and (not isinstance(kid, str) or not kid):
        raise JwtMalformed("The token's kid is not text.")
    if jwk is not None and (not isinstance(jwk, dict) or jwk.keys() & PRIVATE_MEMBERS):
        raise JwtMalformed("The token's jwk is not a public key.")


def check(token: Jwt, key: PublicKey, *, algorithm: Algorithm) -> None:
    """Check a token's signature with a key of the kind its header called for.

    Raises:
        KeyUnsupported: the key is of another kind.
        SignatureMismatch: the signature is not by this key over this token.
    """
    if key.algorithm != algorithm:
        raise KeyUnsupported(f"The token says {algorithm}, the issuer's key is {key.algorithm}.")
    if not key.verify(token.signature, token.signing_input):
        raise SignatureMismatch("The signature does not fit the token: it was changed, or another key signed.")
