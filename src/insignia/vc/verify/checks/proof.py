"""Is the document secured, in forms that we know, for the purpose of asserting something?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.errors import VcError
from insignia.vc.proofs import data_integrity, vc_jwt
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.model.json import Json
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("proof", "VC Data Integrity 1.0, 4.4")
TOKEN_CHECK = Check("proof", "Open Badges 3.0, 8.2")


def check(subject: Subject) -> CheckResult:
    """Check how the document is secured; whether the signature fits is another check."""
    if subject.token is not None:
        return _token(subject, subject.token)
    proofs = subject.raw_proofs
    if not proofs:
        return CHECK.failed("proof-missing", "The document carries no proof.")
    if len(proofs) > subject.policy.limits.proofs:
        return CHECK.undetermined("too-many-proofs", f"The document carries {len(proofs)} proofs.")
    return CHECK.worst((_embedded(proof) for proof in proofs), none="")


def _embedded(raw: Json) -> CheckResult:
    try:
        proof = data_integrity.parse(raw)
    except VcError as error:
        return CHECK.of_error(error)
    if proof.purpose != data_integrity.PURPOSE:
        return CHECK.failed("proof-purpose", "The proof was not made to assert a credential.")
    return CHECK.passed(f"The document carries a proof: {proof.cryptosuite}.", format=proof.cryptosuite)


def _token(subject: Subject, token: vc_jwt.Jwt) -> CheckResult:
    if "vc" in token.payload:
        return TOKEN_CHECK.undetermined("vcdm-1.1", "A token of VC Data Model 1.1 is not judged here.")
    try:
        vc_jwt.header_check(token.header, algorithms=subject.policy.jwt_algorithms)
    except VcError as error:
        return TOKEN_CHECK.of_error(error)
    if different := vc_jwt.claim_mismatches(token):
        names = ", ".join(different)
        return TOKEN_CHECK.failed("jwt-claims", f"The token's claims differ from the credential: {names}.")
    return TOKEN_CHECK.passed("The document is a VC-JWT.", format="vc-jwt", alg=token.header["alg"])
