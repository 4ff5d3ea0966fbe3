"""openbadgeslib, the Python implementation that the product itself is held against in tests."""

from __future__ import annotations

import json

from openbadgeslib.ob3.ldp import add_data_integrity_proof, verify_data_integrity_proof

from benchmarks.measuring import Task
from benchmarks.sample import AT, METHOD, Issuer


def proof_value(issuer: Issuer) -> str:
    """Sign the first credential, to compare with what others say."""
    private, _public = issuer.pem()
    signed = add_data_integrity_proof(issuer.documents(1)[0], private, METHOD, created=AT)
    return str(signed["proof"]["proofValue"])


def signing(issuer: Issuer, count: int) -> Task:
    """Sign credentials with an eddsa-rdfc-2022 proof."""
    (private, _public), documents = issuer.pem(), issuer.documents(count)

    def sign(number: int) -> object:
        return add_data_integrity_proof(documents[number % count], private, METHOD, created=AT)

    return sign


def verifying(issuer: Issuer, signed: list[bytes]) -> Task:
    """Verify the proof of signed credentials, from their bytes."""
    _private, public = issuer.pem()

    def verify(number: int) -> None:
        verify_data_integrity_proof(json.loads(signed[number % len(signed)]), public)

    return verify
