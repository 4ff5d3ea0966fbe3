"""Signing what was rehearsed, and checking the result by a second code path (invariant I3)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.codec import serialize
from insignia.vc.errors import KeyMalformed, KeyUnsupported, SignedBytesMismatch
from insignia.vc.keys.encoding import base58_decode
from insignia.vc.proofs import data_integrity, vc_jwt

if TYPE_CHECKING:
    from insignia.vc.contexts import ContextLoader
    from insignia.vc.issue.prepared import PreparedCredential
    from insignia.vc.keys import PublicKey, Signer
    from insignia.vc.model.json import JsonObject


@dataclass(frozen=True)
class SignedCredential:
    """One credential in its two secured forms: JSON with a Data Integrity proof, and a compact JWS."""

    json_bytes: bytes
    jwt: str


def sign(prepared: PreparedCredential, *, data_integrity: Signer, jwt: Signer) -> SignedCredential:
    """Sign a rehearsed credential with the issuer's real keys; the same keys give the same bytes again.

    Raises:
        KeyUnsupported: a signer's key is not of the kind that was rehearsed.
    """
    _algorithm_require(data_integrity, prepared.data_integrity_algorithm)
    _algorithm_require(jwt, prepared.jwt_key_algorithm)
    return assemble(
        prepared,
        ed25519=data_integrity.sign(prepared.data_integrity_input),
        es256=jwt.sign(prepared.jwt_signing_input),
    )


def assemble(prepared: PreparedCredential, *, ed25519: bytes, es256: bytes) -> SignedCredential:
    """Put a rehearsed credential and its two signatures together; nothing is checked here."""
    return SignedCredential(
        json_bytes=prepared.with_proof(ed25519), jwt=vc_jwt.assemble(prepared.jwt_signing_input, es256)
    )


def _algorithm_require(signer: Signer, algorithm: str) -> None:
    if signer.public.algorithm != algorithm:
        raise KeyUnsupported(f"A {algorithm} key was rehearsed; this signer has {signer.public.algorithm}.")


def check_signed(
    signed: SignedCredential,
    prepared: PreparedCredential,
    *,
    data_integrity_key: PublicKey,
    jwt_key: PublicKey,
) -> None:
    """Check that both forms are the reserved bytes plus a signature by the recorded keys, and nothing more.

    Takes the finished bytes apart again instead of looking at what the signer did.

    Raises:
        SignedBytesMismatch: something differs from what was reserved, or a signature is not by that key.
    """
    opening = prepared.document_bytes[:-1] + prepared.around.proof_opening
    closing = data_integrity.PROOF_CLOSING
    if not (signed.json_bytes.startswith(opening) and signed.json_bytes.endswith(closing)):
        raise SignedBytesMismatch("The signed document is not the reserved one.")
    value = _base58(signed.json_bytes[len(opening) : -len(closing)])
    if not data_integrity_key.verify(value, prepared.data_integrity_input):
        raise SignedBytesMismatch("The document's signature is not by the recorded key.")
    head, _, tail = signed.jwt.rpartition(".")
    if head.encode() != prepared.jwt_signing_input:
        raise SignedBytesMismatch("The signed token is not the reserved one.")
    if not jwt_key.verify(_base64url(tail), prepared.jwt_signing_input):
        raise SignedBytesMismatch("The token's signature is not by the recorded key.")


def _base58(text: bytes) -> bytes:
    try:
        return base58_decode(text.decode("ascii"))
    except (KeyMalformed, ValueError) as error:
        raise SignedBytesMismatch("The signed document's proof is not the reserved one.") from error


def _base64url(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise SignedBytesMismatch("The signed token is not the reserved one.") from error


def sign_status_list(
    document: JsonObject,
    *,
    verification_method: str,
    created: datetime,
    signer: Signer,
    loader: ContextLoader,
) -> bytes:
    """Sign a status list credential with an eddsa-rdfc-2022 proof and give its bytes.

    Raises:
        KeyUnsupported: the signer has no Ed25519 key.
        VcError: what canonicalization refuses, by name.
    """
    options = data_integrity.proof_options(verification_method=verification_method, created=created)
    data = data_integrity.signing_input(document, options, loader=loader, algorithm=signer.public.algorithm)
    return serialize(data_integrity.attach(document, options, signer.sign(data)))
