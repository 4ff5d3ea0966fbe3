"""The rehearsal: lint a document, sign both forms with throwaway keys, verify them as anybody would.

What comes out is a `PreparedCredential`. Nothing else makes one, and the signer takes nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from insignia.vc.codec import serialize
from insignia.vc.did import ControllerDocument, VerificationMethod
from insignia.vc.errors import LintRefused, SignedBytesMismatch, Unreachable
from insignia.vc.issue.lint import Finding, lint
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.limits import parse_object
from insignia.vc.proofs import data_integrity, vc_jwt
from insignia.vc.verify import NoStatusLists, Outcome, Policy, Report, Sources, verify, verify_jwt

if TYPE_CHECKING:
    from insignia.vc.contexts import ContextLoader
    from insignia.vc.model.json import Json, JsonObject

_MAKER: Final = object()
# A badge may begin later or stand on a list that is not published yet: what is rehearsed is form and signature.
REHEARSED = frozenset(
    {"readable", "context", "terms", "types", "dates", "proof", "key", "controller", "signature", "schema"}
)
ES256 = "ES256"
_PURPOSE = "assertionMethod"
_DIGESTS_BYTES = 64


@dataclass(frozen=True)
class PreparedCredential:
    """A document whose both secured forms were rehearsed, as the exact bytes that are to be signed.

    Attributes:
        document_bytes: the unsigned document.
        proof_options: the proof to come, without its value.
        data_integrity_input: the 64 bytes that the Ed25519 key signs.
        jwt_signing_input: header and payload that the token's key signs.
    """

    document_bytes: bytes
    proof_options: JsonObject
    data_integrity_input: bytes
    jwt_signing_input: bytes
    maker: object

    def __post_init__(self) -> None:
        """Refuse to be made by anybody but `prepare` and `from_stored`.

        Raises:
            TypeError: somebody else tried.
        """
        if self.maker is not _MAKER:
            raise TypeError("Only prepare() makes a PreparedCredential.")

    @property
    def data_integrity_algorithm(self) -> Algorithm:
        """Say which kind of key signs the embedded proof."""
        return Algorithm.ED25519

    @property
    def jwt_key_algorithm(self) -> Algorithm:
        """Say which kind of key signs the token."""
        header = self.jwt_signing_input.partition(b".")[0]
        named = parse_object(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))["alg"]
        return vc_jwt.ALGORITHMS[str(named)]

    def with_proof(self, signature: bytes) -> bytes:
        """Give the signed document's bytes: the document, its proof as last member."""
        document = parse_object(self.document_bytes)
        return serialize(data_integrity.attach(document, self.proof_options, signature))

    def stored(self) -> bytes:
        """Write everything down, for the reservation."""
        return serialize(
            {
                "document": self.document_bytes.decode("utf-8"),
                "proof_options": self.proof_options,
                "data_integrity_input": self.data_integrity_input.hex(),
                "jwt_signing_input": self.jwt_signing_input.decode("ascii"),
            }
        )

    @classmethod
    def from_stored(cls, stored: bytes) -> PreparedCredential:
        """Read back what `stored` wrote, and lint the document again: rules and storage may have changed.

        Raises:
            LintRefused: the document breaks a rule.
            SignedBytesMismatch: the parts do not belong together.
            VcError: not what `stored` wrote.
        """
        parts = parse_object(stored)
        texts = [parts.get(name) for name in ("document", "data_integrity_input", "jwt_signing_input")]
        options = parts.get("proof_options")
        if not all(isinstance(text, str) for text in texts) or not isinstance(options, dict):
            raise SignedBytesMismatch("What was reserved is not a rehearsed document.")
        raw, digests, token = (str(text) for text in texts)
        document = parse_object(raw.encode("utf-8"))
        _lint_require(document)
        _belong_together(document, raw, digests, token)
        return cls(raw.encode("utf-8"), options, bytes.fromhex(digests), token.encode("ascii"), _MAKER)


def _belong_together(document: JsonObject, raw: str, digests: str, token: str) -> None:
    body = token.partition(".")[2]
    payload = base64.urlsafe_b64encode(serialize(vc_jwt.payload(document))).rstrip(b"=").decode("ascii")
    is_hex = len(digests) == 2 * _DIGESTS_BYTES and not set(digests) - set("0123456789abcdef")
    if serialize(document).decode("utf-8") != raw or body != payload or not is_hex:
        raise SignedBytesMismatch("The parts of what was reserved do not belong together.")


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
    _lint_require(document)
    prepared = _prepared(document, verification_method, jwt_kid, created, loader, jwt_algorithm)
    _rehearse(prepared, verification_method, jwt_kid, created, loader)
    return prepared


def _prepared(
    document: JsonObject, method: str, kid: str, created: datetime, loader: ContextLoader, algorithm: str
) -> PreparedCredential:
    options = data_integrity.proof_options(verification_method=method, created=created)
    return PreparedCredential(
        document_bytes=serialize(document),
        proof_options=options,
        data_integrity_input=data_integrity.signing_input(document, options, loader=loader),
        jwt_signing_input=vc_jwt.signing_input(vc_jwt.payload(document), kid=kid, algorithm=algorithm),
        maker=_MAKER,
    )


def _lint_require(document: JsonObject) -> None:
    if found := lint(document):
        _refuse(found)


def _refuse(found: Sequence[Finding]) -> None:
    first = found[0]
    raise LintRefused(f"The badge breaks a rule: {first.pointer} {first.message}", findings=tuple(found))


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
        _refuse(wrong)
