"""What may be signed: a document whose both secured forms were rehearsed."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from insignia.vc.codec import serialize
from insignia.vc.errors import SignedBytesMismatch
from insignia.vc.issue.lint import lint_require
from insignia.vc.keys import Algorithm
from insignia.vc.keys.encoding import base58_ascii
from insignia.vc.limits import parse_object
from insignia.vc.proofs import data_integrity, vc_jwt

if TYPE_CHECKING:
    from insignia.vc.model.json import JsonObject

MAKER: Final = object()
"""Held by what rehearses: `prepare`, compiled shapes, and what reads rehearsed documents back."""
_DIGESTS_BYTES = 64


@dataclass(frozen=True)
class Surroundings:
    """What all documents of one key and one moment are secured with.

    Attributes:
        proof_options: the proof to come, without its value.
        proof_opening: the same as bytes, as it follows the document.
        token_beginning: the token's encoded header and its dot.
    """

    proof_options: JsonObject
    proof_opening: bytes
    token_beginning: bytes

    @classmethod
    def of(cls, options: JsonObject, *, kid: str, algorithm: str) -> Surroundings:
        """Work out the bytes.

        Raises:
            KeyUnsupported: an algorithm that tokens are not issued with.
        """
        beginning = vc_jwt.header_beginning(kid=kid, algorithm=algorithm)
        return cls(options, data_integrity.proof_opening(options), beginning)

    @cached_property
    def token_algorithm(self) -> Algorithm:
        """Say which kind of key signs the token."""
        header = self.token_beginning.rstrip(b".")
        named = parse_object(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))["alg"]
        return vc_jwt.ALGORITHMS[str(named)]


@dataclass(frozen=True, init=False)
class PreparedCredential:
    """A document whose both secured forms were rehearsed, as the exact bytes that are to be signed.

    Attributes:
        document_bytes: the unsigned document.
        data_integrity_input: the 64 bytes that the Ed25519 key signs.
        jwt_claims: the beginning of the token's payload; the document's members follow.
        around: what it is secured with.
    """

    document_bytes: bytes
    data_integrity_input: bytes
    jwt_claims: bytes
    around: Surroundings

    def __init__(
        self,
        document_bytes: bytes,
        data_integrity_input: bytes,
        jwt_claims: bytes,
        around: Surroundings,
        maker: object,
    ) -> None:
        """Refuse to be made by anybody but those who rehearse.

        Raises:
            TypeError: somebody else tried.
        """
        if maker is not MAKER:
            raise TypeError("Only prepare() and compiled shapes make a PreparedCredential.")
        # One is made for each award; a frozen class would set its attributes one by one, at twice the cost.
        self.__dict__.update(
            document_bytes=document_bytes,
            data_integrity_input=data_integrity_input,
            jwt_claims=jwt_claims,
            around=around,
        )

    @property
    def proof_options(self) -> JsonObject:
        """Give the proof to come, without its value."""
        return self.around.proof_options

    @cached_property
    def jwt_signing_input(self) -> bytes:
        """Give header and payload that the token's key signs."""
        return self.around.token_beginning + vc_jwt.encoded(self.jwt_claims + self.document_bytes[1:])

    @property
    def data_integrity_algorithm(self) -> Algorithm:
        """Say which kind of key signs the embedded proof."""
        return Algorithm.ED25519

    @property
    def jwt_key_algorithm(self) -> Algorithm:
        """Say which kind of key signs the token."""
        return self.around.token_algorithm

    def with_proof(self, signature: bytes) -> bytes:
        """Give the signed document's bytes: the document, its proof as last member."""
        value = base58_ascii(signature)
        return b"".join((self.document_bytes[:-1], self.around.proof_opening, value, data_integrity.PROOF_CLOSING))

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
        lint_require(document)
        claims = vc_jwt.claims_beginning(vc_jwt.claims(document))
        around = Surroundings(
            options, data_integrity.proof_opening(options), token.partition(".")[0].encode() + b"."
        )
        _hex_require(digests)
        found = cls(raw.encode("utf-8"), bytes.fromhex(digests), claims, around, MAKER)
        if serialize(document) != found.document_bytes or found.jwt_signing_input != token.encode():
            raise SignedBytesMismatch("The parts of what was reserved do not belong together.")
        return found


def _hex_require(digests: str) -> None:
    if len(digests) != 2 * _DIGESTS_BYTES or set(digests) - set("0123456789abcdef"):
        raise SignedBytesMismatch("The parts of what was reserved do not belong together.")
