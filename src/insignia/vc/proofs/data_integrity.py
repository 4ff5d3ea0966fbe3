"""Data Integrity proofs with RDF canonicalization (VC Data Integrity 1.0; DI EdDSA 1.0, 3.2; DI ECDSA 1.0, 3.2).

What is signed is hash(canonical proof options) followed by hash(canonical document): the proof comes first.
Proof sets are several proofs side by side; a proof chain names earlier proofs, which it signs as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.canon import rdfc_canonicalize
from insignia.vc.codec import serialize
from insignia.vc.errors import (
    KeyMalformed,
    KeyUnsupported,
    ProofMalformed,
    ProofUnsupported,
    SignatureMismatch,
)
from insignia.vc.keys import Algorithm
from insignia.vc.keys.encoding import base58_decode, base58_encode
from insignia.vc.limits import DEFAULT_LIMITS, Limits
from insignia.vc.model.moments import moment_write

if TYPE_CHECKING:
    from insignia.vc.contexts import ContextLoader
    from insignia.vc.keys import PublicKey
    from insignia.vc.model.json import Json, JsonObject

PROOF_TYPE = "DataIntegrityProof"
EDDSA_RDFC_2022 = "eddsa-rdfc-2022"
ECDSA_RDFC_2019 = "ecdsa-rdfc-2019"
PURPOSE = "assertionMethod"
MULTIBASE_BASE58 = "z"
# 96 bytes of a P-384 signature take 132 letters
LONGEST_PROOF_VALUE = 200

SUITES: Mapping[str, Mapping[Algorithm, str]] = {
    EDDSA_RDFC_2022: {Algorithm.ED25519: "SHA256"},
    ECDSA_RDFC_2019: {Algorithm.P256: "SHA256", Algorithm.P384: "SHA384"},
}
"""Suite -> kind of key -> hash, which also numbers the blank nodes."""


@dataclass(frozen=True)
class Proof:
    """One embedded proof as found: its members, without the signature, and the signature."""

    options: JsonObject
    cryptosuite: str
    verification_method: str
    purpose: str
    signature: bytes
    previous: tuple[str, ...]


def proof_options(
    *, verification_method: str, created: datetime, cryptosuite: str = EDDSA_RDFC_2022
) -> JsonObject:
    """Write the members of a proof that are signed; `created` is aware and written in UTC, whole seconds."""
    return {
        "type": PROOF_TYPE,
        "cryptosuite": cryptosuite,
        "created": moment_write(created),
        "verificationMethod": verification_method,
        "proofPurpose": PURPOSE,
    }


def signing_input(
    document: JsonObject,
    options: JsonObject,
    *,
    loader: ContextLoader,
    algorithm: Algorithm = Algorithm.ED25519,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """Compute the bytes that a key signs: proof hash, then document hash; 64 bytes, 96 for P-384.

    Args:
        document: without the proof being made; earlier proofs of a chain may stand in it.
        options: from `proof_options`, or a found proof without its `proofValue`.

    Raises:
        ProofUnsupported: an unknown suite.
        KeyUnsupported: the suite does not sign with this kind of key.
        VcError: what canonicalization refuses, by name.
    """
    hash_name = _hash_name(str(options.get("cryptosuite")), algorithm)
    configuration = {"@context": document.get("@context"), **options}
    return b"".join(
        hashlib.new(hash_name, rdfc_canonicalize(part, loader=loader, limits=limits, algorithm=hash_name)).digest()
        for part in (configuration, document)
    )


def _hash_name(cryptosuite: str, algorithm: Algorithm) -> str:
    if cryptosuite not in SUITES:
        raise ProofUnsupported(f"The cryptosuite {cryptosuite[:80]} is not known here.")
    if algorithm not in SUITES[cryptosuite]:
        raise KeyUnsupported(f"{cryptosuite} does not sign with a {algorithm} key.")
    return SUITES[cryptosuite][algorithm]


def attach(document: JsonObject, options: JsonObject, signature: bytes) -> JsonObject:
    """Give the document with its proof as the last member; the document passed in is left as it was."""
    value = MULTIBASE_BASE58 + base58_encode(signature)
    return {**document, "proof": {**options, "proofValue": value}}


def proof_opening(options: JsonObject) -> bytes:
    """Write what `attach` adds to a serialized document in place of its last brace, up to the signature's text."""
    return b',"proof":' + serialize(options)[:-1] + f',"proofValue":"{MULTIBASE_BASE58}'.encode()


PROOF_CLOSING = b'"}}'
"""What follows the signature's text."""


def parse(proof: Json) -> Proof:
    """Read one embedded proof.

    Raises:
        ProofUnsupported: another proof type or suite, by name.
        ProofMalformed: a member is missing or wrong.
    """
    if not isinstance(proof, dict):
        raise ProofMalformed("A proof is an object.")
    kind, suite = _text(proof, "type"), str(proof.get("cryptosuite"))
    if kind != PROOF_TYPE:
        raise ProofUnsupported(f"The proof type {kind[:80]} is not known here.")
    if suite not in SUITES:
        raise ProofUnsupported(f"The cryptosuite {suite[:80]} is not known here.")
    return Proof(
        options={name: value for name, value in proof.items() if name != "proofValue"},
        cryptosuite=suite,
        verification_method=_text(proof, "verificationMethod"),
        purpose=_text(proof, "proofPurpose"),
        signature=_signature(_text(proof, "proofValue")),
        previous=_previous(proof.get("previousProof")),
    )


def _text(proof: Mapping[str, Json], name: str) -> str:
    value = proof.get(name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str) or not value:
        raise ProofMalformed(f"The proof's {name} is missing or not text.")
    return value


def _signature(value: str) -> bytes:
    if not value.startswith(MULTIBASE_BASE58) or len(value) > LONGEST_PROOF_VALUE:
        raise ProofMalformed("The proofValue is not a signature in base58btc, beginning with 'z'.")
    try:
        return base58_decode(value[1:])
    except KeyMalformed as error:
        raise ProofMalformed("The proofValue is not base58btc.") from error


def _previous(value: Json) -> tuple[str, ...]:
    found = value if isinstance(value, list) else [] if value is None else [value]
    names = tuple(item for item in found if isinstance(item, str))
    if len(names) != len(found):
        raise ProofMalformed("previousProof names proofs by their ids.")
    return names


def proofs_of(document: JsonObject) -> tuple[Json, ...]:
    """List the embedded proofs of a document, one value or an array of them, unread."""
    proof = document.get("proof")
    return tuple(proof) if isinstance(proof, list) else () if proof is None else (proof,)


def check(
    document: JsonObject,
    proof: Proof,
    key: PublicKey,
    *,
    loader: ContextLoader,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Check one proof of a signed document against a key (Data Integrity 1.0, 4.4 and 4.5).

    Raises:
        SignatureMismatch: the signature is not by this key over this document.
        KeyUnsupported: the suite does not sign with this kind of key.
        ProofMalformed: it names an earlier proof that is not there.
        VcError: what canonicalization refuses, by name.
    """
    signed = _without_proof(document)
    if earlier := _earlier(proofs_of(document), proof.previous):
        signed["proof"] = list(earlier)
    data = signing_input(signed, proof.options, loader=loader, algorithm=key.algorithm, limits=limits)
    fit_require(proof, key, data)


def fit_require(proof: Proof, key: PublicKey, data: bytes) -> None:
    """Refuse a signature that is not by this key over these bytes.

    Raises:
        SignatureMismatch: it is not.
        KeyUnsupported: the suite does not sign with this kind of key.
    """
    _hash_name(proof.cryptosuite, key.algorithm)
    if not key.verify(proof.signature, data):
        raise SignatureMismatch("The signature does not fit the document: it was changed, or another key signed.")


def _without_proof(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name != "proof"}


def _earlier(proofs: Sequence[Json], names: Sequence[str]) -> tuple[Json, ...]:
    by_id = {
        proof["id"]: proof for proof in proofs if isinstance(proof, dict) and isinstance(proof.get("id"), str)
    }
    missing = [name for name in names if name not in by_id]
    if missing:
        raise ProofMalformed(f"The proof chain names a proof that is not there: {missing[0][:80]}.")
    return tuple(proof for identifier, proof in by_id.items() if identifier in names)
