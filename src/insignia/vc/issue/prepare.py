"""The rehearsal: lint a document, sign both forms with throwaway keys, verify them as anybody would.

What comes out is a `PreparedCredential`. Nothing else makes one, and the signer takes nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.codec import serialize
from insignia.vc.did import ControllerDocument, VerificationMethod
from insignia.vc.errors import Unreachable
from insignia.vc.issue.lint import Finding, lint_require, refuse
from insignia.vc.issue.prepared import MAKER, PreparedCredential, Surroundings
from insignia.vc.keys import LocalSigner
from insignia.vc.limits import parse_object
from insignia.vc.proofs import data_integrity, vc_jwt
from insignia.vc.verify import NoStatusLists, Outcome, Policy, Report, Sources, verify, verify_jwt

if TYPE_CHECKING:
    from insignia.vc.contexts import ContextLoader
    from insignia.vc.model.json import Json, JsonObject

# A badge may begin later or stand on a list that is not published yet: what is rehearsed is form and signature.
REHEARSED = frozenset(
    {"readable", "context", "terms", "types", "dates", "proof", "key", "controller", "signature", "schema"}
)
ES256 = "ES256"
_PURPOSE = "assertionMethod"


def prepare(
    document: JsonObject,
    *,
    verification_method: str,
    jwt_kid: str,
    created: datetime,
    loader: ContextLoader,
    jwt_algorithm: str = ES256,
) -> PreparedCredential:
    """Lint an unsigned badge, rehearse both secured forms with throwaway keys, give what may be signed.

    Args:
        document: the finished badge without proof.
        verification_method: id of the Ed25519 key, as the issuer's DID document names it.
        jwt_kid: the token's `kid`.
        created: `created` of the proof; the rehearsal verifies for this moment.
        loader: the known contexts.
        jwt_algorithm: ES256 or RS256.

    Raises:
        LintRefused: a rule is broken, or the rehearsed badge did not verify; `data["findings"]` says where.
        VcError: what canonicalization refuses, by name.
    """
    lint_require(document)
    prepared = _prepared(document, verification_method, jwt_kid, created, loader, jwt_algorithm)
    _rehearse(prepared, verification_method, jwt_kid, created, loader)
    return prepared


def _prepared(
    document: JsonObject, method: str, kid: str, created: datetime, loader: ContextLoader, algorithm: str
) -> PreparedCredential:
    options = data_integrity.proof_options(verification_method=method, created=created)
    return PreparedCredential(
        document_bytes=serialize(document),
        data_integrity_input=data_integrity.signing_input(document, options, loader=loader),
        jwt_claims=vc_jwt.claims_beginning(vc_jwt.claims(document)),
        around=Surroundings.of(options, kid=kid, algorithm=algorithm),
        maker=MAKER,
    )


def _rehearse(
    prepared: PreparedCredential, method: str, kid: str, created: datetime, loader: ContextLoader
) -> None:
    ed25519 = LocalSigner.generate(prepared.data_integrity_algorithm)
    other = LocalSigner.generate(prepared.jwt_key_algorithm)
    issuer = _issuer_id(parse_object(prepared.document_bytes))
    sources = Sources(_Stage(issuer, {method: ed25519, kid: other}), NoStatusLists(), loader)
    policy = Policy(required=REHEARSED)
    signed = prepared.with_proof(ed25519.sign(prepared.data_integrity_input))
    token = vc_jwt.assemble(prepared.jwt_signing_input, other.sign(prepared.jwt_signing_input))
    _hold_require(verify(signed, at=created, sources=sources, policy=policy))
    _hold_require(verify_jwt(token, at=created, sources=sources, policy=policy))


def _issuer_id(document: JsonObject) -> str:
    issuer: Json = document["issuer"]
    return str(issuer["id"] if isinstance(issuer, dict) else issuer)


class _Stage:
    """Answers, for one rehearsal, as if the issuer published the throwaway keys under the real names."""

    def __init__(self, issuer: str, signers: dict[str, LocalSigner]) -> None:
        methods = tuple(
            VerificationMethod(name, issuer, signer.public, frozenset({_PURPOSE}))
            for name, signer in signers.items()
        )
        self._document = ControllerDocument(id=issuer, methods=methods, raw={"id": issuer})

    def resolve(self, identifier: str) -> ControllerDocument:
        """Give the issuer's document, and no other.

        Raises:
            Unreachable: another identifier was asked for.
        """
        if identifier != self._document.id:
            raise Unreachable("The document names a key that is not the issuer's.")
        return self._document


def _hold_require(report: Report) -> None:
    wrong = [
        Finding("", result.check_id, result.message)
        for result in report.checks
        if result.check_id in REHEARSED and result.outcome is not Outcome.PASSED
    ]
    if wrong:
        refuse(wrong)
