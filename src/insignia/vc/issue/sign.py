"""Signing what was rehearsed, and checking the result by a second code path (invariant I3)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.codec import serialize
from insignia.vc.errors import KeyMalformed, KeyUnsupported, SignedBytesMismatch
from insignia.vc.keys.encoding import base58_decode
from insignia.vc.limits import parse_object
from insignia.vc.proofs import data_integrity, vc_jwt

if TYPE_CHECKING:
    from insignia.vc.contexts import ContextLoader
    from insignia.vc.issue.prepared import PreparedCredential
    from insignia.vc.keys import PublicKey, Signer
    from insignia.vc.model.json import Json, JsonObject


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
    return SignedCredential(
        json_bytes=prepared.with_proof(data_integrity.sign(prepared.data_integrity_input)),
        jwt=vc_jwt.assemble(prepared.jwt_signing_input, jwt.sign(prepared.jwt_signing_input)),
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

    Takes the finished bytes apart again instead of looking at what the signer did: the reserved bytes first, and
    then nothing but the proof.

    Raises:
        SignedBytesMismatch: something differs from what was reserved, or a signature is not by that key.
        MalformedJson: what was signed is not JSON.
    """
    value = _proof_value(_proof_after(prepared.document_bytes, signed.json_bytes), prepared.proof_options)
    if not data_integrity_key.verify(value, prepared.data_integrity_input):
        raise SignedBytesMismatch("The document's signature is not by the recorded key.")
    head, _, tail = signed.jwt.rpartition(".")
    if head.encode() != prepared.jwt_signing_input:
        raise SignedBytesMismatch("The signed token is not the reserved one.")
    if not jwt_key.verify(_base64url(tail), prepared.jwt_signing_input):
        raise SignedBytesMismatch("The token's signature is not by the recorded key.")


def _proof_after(document: bytes, signed: bytes) -> Json:
    """Read what follows the reserved document in the signed one."""
    added = b"{" + signed[len(document) :]
    if signed[: len(document)] != document[:-1] + b",":
        raise SignedBytesMismatch("The signed document is not the reserved one.")
    members = parse_object(added)
    if members.keys() != {"proof"} or serialize(members) != added:
        raise SignedBytesMismatch("The signed document holds more than was reserved and its proof.")
    return members["proof"]


def _proof_value(proof: Json, options: JsonObject) -> bytes:
    if not isinstance(proof, dict):
        raise SignedBytesMismatch("The signed document has not exactly one proof.")
    rest = dict(proof)
    value = rest.pop("proofValue", None)
    if rest != options or not isinstance(value, str) or value[:1] != "z":
        raise SignedBytesMismatch("The signed document's proof is not the reserved one.")
    try:
        return base58_decode(value[1:])
    except KeyMalformed as error:
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
