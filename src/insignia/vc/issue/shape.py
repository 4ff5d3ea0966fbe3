"""Compiled shapes: a badge with holes is rehearsed whole once, and each row of values gives what may be signed.

`prepare` on the filled document is the law. A shape only gives the same bytes sooner, where it can be sure to; any
other row it hands to `prepare` itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.canon.compiling import compile_template
from insignia.vc.canon.lines import lines_from_json, lines_to_json, parts_and_places
from insignia.vc.canon.pointers import text_at, with_texts
from insignia.vc.canon.quick import Filling
from insignia.vc.canon.template import GraphTemplate
from insignia.vc.codec import serialize
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import ShapeUncompilable, SignedBytesMismatch
from insignia.vc.issue.lint import lint_require
from insignia.vc.issue.prepare import ES256, prepare
from insignia.vc.issue.prepared import MAKER, PreparedCredential, Surroundings
from insignia.vc.issue.rows import VALIDITY, RowRules
from insignia.vc.limits import DEFAULT_LIMITS, parse_object
from insignia.vc.limits.values import KIB
from insignia.vc.model.moments import moment_write
from insignia.vc.proofs import data_integrity, vc_jwt

if TYPE_CHECKING:
    from insignia.vc.canon.lines import Line, Token
    from insignia.vc.model.json import JsonObject

_CREATED = "/created"
_ROOMY = DEFAULT_LIMITS.jwt_bytes // 4 * 3 - 8 * KIB
"""Bytes that fit into a token for sure, with its header and signature; of more the general path judges."""
_CLAIMED = {"jti": "/id", "sub": "/credentialSubject/id", "nbf": "/validFrom", "exp": "/validUntil"}


@dataclass(frozen=True)
class _Recipe:
    """Everything a shape is made of; what `stored` writes down."""

    specimen: JsonObject
    slots: tuple[str, ...]
    method: str
    kid: str
    algorithm: str
    graph: tuple[Line, ...]
    proof: tuple[Line, ...]


class CredentialShape:
    """A credential with holes, rehearsed whole once; each row of values gives what may be signed."""

    def __init__(self, recipe: _Recipe, loader: ContextLoader, maker: object) -> None:
        if maker is not MAKER:
            raise TypeError("Only compile() and from_stored() make a CredentialShape.")
        self._recipe, self._loader = recipe, loader
        self._graph, self._proof = GraphTemplate(recipe.graph), GraphTemplate(recipe.proof)
        self._ends = self._graph.ends
        self._rules = RowRules(recipe.specimen, recipe.slots, [end == b">" for end in self._ends])
        self._json = _Json(recipe)
        self._around: tuple[datetime | None, bytes, Surroundings | None] = (None, b"", None)

    @classmethod
    def compile(
        cls,
        specimen: JsonObject,
        slots: Sequence[str],
        *,
        verification_method: str,
        jwt_kid: str,
        created: datetime,
        loader: ContextLoader,
        jwt_algorithm: str = ES256,
    ) -> CredentialShape:
        """Rehearse a specimen whole and work out what its slots change.

        Args:
            specimen: a finished badge without proof, with any fitting value in each slot.
            slots: JSON pointers, each the place of one whole text.
            verification_method: id of the Ed25519 key, as the issuer's DID document names it.
            jwt_kid: the token's `kid`.
            created: the moment that the rehearsal verifies for.
            loader: the known contexts.
            jwt_algorithm: ES256 or RS256.

        Raises:
            LintRefused: the specimen breaks a rule.
            ShapeUncompilable: the general path is needed for badges like this.
            VcError: what canonicalization refuses, by name.
        """
        whole = prepare(
            specimen,
            verification_method=verification_method,
            jwt_kid=jwt_kid,
            created=created,
            loader=loader,
            jwt_algorithm=jwt_algorithm,
        )
        configuration: JsonObject = {"@context": specimen["@context"], **whole.proof_options}
        recipe = _Recipe(
            specimen,
            tuple(slots),
            verification_method,
            jwt_kid,
            jwt_algorithm,
            compile_template(specimen, slots, loader=loader).lines,
            compile_template(configuration, [_CREATED], loader=loader).lines,
        )
        shape = cls(recipe, loader, MAKER)
        if shape.prepare([text_at(specimen, slot) for slot in slots], created=created) != whole:
            raise ShapeUncompilable("The compiled shape does not say what the general path says.")
        return shape

    def prepare(self, values: Sequence[str], *, created: datetime) -> PreparedCredential:
        """Fill the slots and give what may be signed.

        Args:
            values: one text for each slot, in the slots' order.
            created: `created` of the proof.

        Raises:
            LintRefused: the filled badge breaks a rule.
            VcError: what canonicalization refuses, by name.
        """
        if len(values) != len(self._ends):
            raise ValueError(f"This shape has {len(self._ends)} slots, not {len(values)}.")
        texts = self._rules.plain(values)
        if texts is not None:
            digest = self._graph.digest(texts)
        else:
            texts = self._rules.written(values)
            slots = None if texts is None else self._graph.render(values)
            digest = None if slots is None else self._graph.digest(slots)
        if texts is None or digest is None:
            return self._by_general_path(values, created)
        moment, options_hash, around = self._around
        if around is None or moment != created:
            options_hash, around = self._surround(created)
        document, claims = self._json.document(texts), self._json.claims(texts)
        if len(document) + len(claims) > _ROOMY:
            return self._by_general_path(values, created)
        return PreparedCredential(document, options_hash + digest, claims, around, MAKER)

    def _surround(self, created: datetime) -> tuple[bytes, Surroundings]:
        recipe = self._recipe
        options = data_integrity.proof_options(verification_method=recipe.method, created=created)
        rendered = self._proof.render([moment_write(created)])
        digest = None if rendered is None else self._proof.digest(rendered)
        if digest is None:
            raise ShapeUncompilable("The proof's options changed their shape.")
        around = Surroundings.of(options, kid=recipe.kid, algorithm=recipe.algorithm)
        self._around = (created, digest, around)
        return digest, around

    def _by_general_path(self, values: Sequence[str], created: datetime) -> PreparedCredential:
        recipe = self._recipe
        return prepare(
            with_texts(recipe.specimen, recipe.slots, values),
            verification_method=recipe.method,
            jwt_kid=recipe.kid,
            created=created,
            loader=self._loader,
            jwt_algorithm=recipe.algorithm,
        )

    def stored(self) -> bytes:
        """Write the shape down, so that another process need not rehearse it again."""
        recipe = self._recipe
        content: JsonObject = {
            "specimen": recipe.specimen,
            "slots": list(recipe.slots),
            "verification_method": recipe.method,
            "jwt_kid": recipe.kid,
            "jwt_algorithm": recipe.algorithm,
            "graph": lines_to_json(recipe.graph),
            "proof": lines_to_json(recipe.proof),
        }
        return serialize({"shape": content, "sha256": hashlib.sha256(serialize(content)).hexdigest()})

    @classmethod
    def from_stored(cls, stored: bytes, *, loader: ContextLoader | None = None) -> CredentialShape:
        """Read back what `stored` wrote, and lint the specimen again: rules and storage may have changed.

        Args:
            stored: the bytes.
            loader: the contexts that the shape was compiled with, when they are not the known ones.

        Raises:
            LintRefused: the specimen breaks a rule.
            SignedBytesMismatch: not what `stored` wrote.
            VcError: not even JSON.
        """
        whole = parse_object(stored)
        content = whole.get("shape")
        if not isinstance(content, dict) or hashlib.sha256(serialize(content)).hexdigest() != whole.get("sha256"):
            raise SignedBytesMismatch("What was stored is not a compiled shape.")
        recipe = _recipe_of(content)
        lint_require(recipe.specimen)
        return cls(recipe, loader or ContextLoader(), MAKER)


def _recipe_of(content: JsonObject) -> _Recipe:
    specimen, slots = content.get("specimen"), content.get("slots")
    names = [content.get(name) for name in ("verification_method", "jwt_kid", "jwt_algorithm")]
    graph, proof = lines_from_json(content.get("graph")), lines_from_json(content.get("proof"))
    if not isinstance(specimen, dict) or not isinstance(slots, list):
        raise SignedBytesMismatch("What was stored is not a compiled shape.")
    method, kid, algorithm = map(str, names)
    return _Recipe(specimen, tuple(map(str, slots)), method, kid, algorithm, graph, proof)


class _Json:
    """The document and the token's claims as JSON with holes, for the texts that `RowRules` gives."""

    def __init__(self, recipe: _Recipe) -> None:
        self.document = Filling(*parts_and_places(_document_line(recipe))).fill
        self.claims = Filling(*parts_and_places(_claims_line(recipe))).fill


def _document_line(recipe: _Recipe) -> Line:
    name = "x" + hashlib.sha256(serialize(recipe.specimen)).hexdigest()
    markers = [f"{name}{number:06d}" for number in range(len(recipe.slots))]
    raw = serialize(with_texts(recipe.specimen, recipe.slots, markers))
    parts = re.split(f"{name}([0-9]{{6}})".encode(), raw)
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))


def _claims_line(recipe: _Recipe) -> Line:
    tokens: list[Token] = [b"{"]
    for name, value in vc_jwt.claims(recipe.specimen).items():
        place = _CLAIMED.get(name)
        tokens.append(f'"{name}":'.encode())
        if place not in recipe.slots:
            tokens.append(json.dumps(value, ensure_ascii=False).encode())
        elif place in VALIDITY:
            tokens.append(len(recipe.slots) + VALIDITY.index(place))
        else:
            tokens += [b'"', recipe.slots.index(place), b'"']
        tokens.append(b",")
    return tuple(tokens)
