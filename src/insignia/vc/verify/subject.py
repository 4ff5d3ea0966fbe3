"""What is being verified: one document, how it was secured, and what the verifier may ask and demands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from insignia.vc.errors import VcError
from insignia.vc.proofs import data_integrity
from insignia.vc.verify.keys import FoundKey, find_for_token, find_method
from insignia.vc.verify.reading import id_of

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject
    from insignia.vc.proofs.vc_jwt import Jwt
    from insignia.vc.verify.known import KnownShapes, Reading
    from insignia.vc.verify.policy import Policy
    from insignia.vc.verify.sources import Sources

T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """One document under verification; what several checks need is worked out once.

    Attributes:
        document: the credential, without the claims that a token puts around it.
        token: the token that secures it, or None when proofs are embedded.
        at: the moment for which the verdict holds.
        raw: the document's bytes, when it came as JSON.
    """

    document: JsonObject
    token: Jwt | None
    at: datetime
    sources: Sources
    policy: Policy
    raw: bytes | None = None

    @cached_property
    def reading(self) -> Reading | None:
        """Give what a shape met before says of the document; None when there is none."""
        shapes = self.shapes
        return None if shapes is None or self.raw is None else shapes.read(self.raw)

    @property
    def shapes(self) -> KnownShapes | None:
        """Give the shapes met before, if they were met with these contexts and limits."""
        shapes = self.sources.known_shapes
        return shapes if shapes and shapes.serve(self.sources.loader, self.policy.limits) else None

    def learn(self) -> None:
        """Note the shape of this document, which was found good, unless it was known before."""
        if self.shapes is not None and self.raw is not None and self.reading is None:
            self.shapes.learn(self.raw, self.document)

    @property
    def issuer_id(self) -> str | None:
        """Give the issuer's identifier."""
        return id_of(self.document.get("issuer"))

    @property
    def raw_proofs(self) -> tuple[Json, ...]:
        """List the embedded proofs, unread."""
        return data_integrity.proofs_of(self.document)

    @cached_property
    def proofs(self) -> tuple[data_integrity.Proof, ...]:
        """List the embedded proofs that we can judge; the check `proof` reports the others."""
        limit = self.policy.limits.proofs
        parsed = [_attempt(partial(data_integrity.parse, raw)) for raw in self.raw_proofs[:limit]]
        return tuple(proof for proof in parsed if isinstance(proof, data_integrity.Proof))

    @cached_property
    def keys(self) -> tuple[FoundKey | VcError, ...]:
        """Find the key of every judgeable proof, or of the token; a key not found is its error."""
        issuer, resolver = self.issuer_id or "", self.sources.resolver
        if self.token is not None:
            return (_attempt(partial(find_for_token, self.token.header, issuer_id=issuer, resolver=resolver)),)
        return tuple(
            _attempt(partial(find_method, proof.verification_method, issuer_id=issuer, resolver=resolver))
            for proof in self.proofs
        )

    @property
    def found_keys(self) -> tuple[FoundKey, ...]:
        """List the keys that were found."""
        return tuple(key for key in self.keys if isinstance(key, FoundKey))


def _attempt(action: Callable[[], T]) -> T | VcError:
    try:
        return action()
    except VcError as error:
        return error
