"""Does every signature fit the document and the key?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.contexts import OB3_CONTEXT, ContextLoader, older_ob3_context
from insignia.vc.errors import SignatureMismatch, VcError
from insignia.vc.proofs import data_integrity, vc_jwt
from insignia.vc.verify.keys import FoundKey
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.model.json import Json
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("signature", "VC Data Integrity 1.0, 4.4; DI EdDSA Cryptosuites 1.0, 3.2")
TOKEN_CHECK = Check("signature", "Open Badges 3.0, 8.2; RFC 7515, 5.2")


def check(subject: Subject) -> CheckResult:
    """Check every signature whose key was found."""
    if subject.token is not None:
        results = [_token(subject, subject.token, key) for key in subject.found_keys]
        return TOKEN_CHECK.worst(results, none="No key was found.")
    pairs = zip(subject.proofs, subject.keys, strict=True)
    results = [_embedded(subject, proof, key) for proof, key in pairs if isinstance(key, FoundKey)]
    return CHECK.worst(results, none="No key was found.")


def _token(subject: Subject, token: vc_jwt.Jwt, key: FoundKey) -> CheckResult:
    try:
        algorithm = vc_jwt.header_check(token.header, algorithms=subject.policy.jwt_algorithms)
        vc_jwt.check(token, key.key, algorithm=algorithm)
    except VcError as error:
        return TOKEN_CHECK.of_error(error)
    return TOKEN_CHECK.passed("The signature fits the token and the issuer's key.")


def _embedded(subject: Subject, proof: data_integrity.Proof, key: FoundKey) -> CheckResult:
    try:
        _fits(subject, proof, key)
    except VcError as error:
        return CHECK.of_error(error)
    return CHECK.passed("The signature fits the document and the issuer's key.")


def _fits(subject: Subject, proof: data_integrity.Proof, key: FoundKey) -> None:
    document, loader, limits = subject.document, subject.sources.loader, subject.policy.limits
    try:
        data_integrity.check(document, proof, key.key, loader=loader, limits=limits)
    except SignatureMismatch:
        if not _means_other_under_older(document):
            raise
        # The Open Badges context 3.0.3 was changed in place: this may have been signed before the change.
        older = ContextLoader({OB3_CONTEXT: older_ob3_context()})
        data_integrity.check(document, proof, key.key, loader=older, limits=limits)


def _means_other_under_older(value: Json) -> bool:
    if isinstance(value, dict):
        return "endorsementJwt" in value or any(map(_means_other_under_older, value.values()))
    return isinstance(value, list) and any(map(_means_other_under_older, value))
