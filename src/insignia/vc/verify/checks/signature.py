"""Does every signature fit the document and the key?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.errors import SignatureMismatch, VcError
from insignia.vc.proofs import data_integrity, vc_jwt
from insignia.vc.verify.keys import FoundKey
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject
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
        if subject.reading is not None:
            data_integrity.fit_require(proof, key.key, subject.reading.signing_input)
        else:
            _fits(subject, subject.document, proof, key)
    except SignatureMismatch as error:
        return _older_body(subject, proof, key) or CHECK.of_error(error)
    except VcError as error:
        return CHECK.of_error(error)
    return CHECK.passed("The signature fits the document and the issuer's key.")


def _fits(subject: Subject, document: JsonObject, proof: data_integrity.Proof, key: FoundKey) -> None:
    loader, limits = subject.sources.loader, subject.policy.limits
    data_integrity.check(document, proof, key.key, loader=loader, limits=limits)


def _older_body(subject: Subject, proof: data_integrity.Proof, key: FoundKey) -> CheckResult | None:
    # The Open Badges context 3.0.3 was changed in place. Under its older body endorsementJwt meant nothing and was
    # not signed. Whether the issuer wrote it then, or somebody added it since, cannot be told.
    stripped = _without_tokens(subject.document)
    if stripped == subject.document or not isinstance(stripped, dict):
        return None
    try:
        _fits(subject, stripped, proof, key)
    except VcError:
        return None
    return CHECK.undetermined("context-older", "The signature fits all but endorsementJwt, which it leaves out.")


def _without_tokens(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_tokens(member) for name, member in value.items() if name != "endorsementJwt"}
    return [_without_tokens(member) for member in value] if isinstance(value, list) else value
