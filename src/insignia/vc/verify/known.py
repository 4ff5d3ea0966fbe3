"""Shapes of documents that were verified before: what a compiled template says instead of the general path.

A shape is learned from two documents that the general path found good in every term and signature, and that
differ in some texts only. It says of a third one what the general path would say: which 64 bytes its signature
covers, and that they cover every word. It says nothing when anything else differs, or when a text might change
more than its own place.

A stranger may bring any number of shapes. So they are few and small, each is worked out only after many checks by
the general path, one that is not met again goes first, and none that is in use is driven out by new ones alone.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insignia.vc.canon import dropped_terms
from insignia.vc.canon.compiling import compile_template, marked_copies
from insignia.vc.canon.pointers import text_at
from insignia.vc.canon.template import ADDRESS, PLAIN_TEXT, GraphTemplate
from insignia.vc.errors import ShapeUncompilable, VcError
from insignia.vc.proofs import data_integrity
from insignia.vc.verify.spans import Span, around, read, spans_of

if TYPE_CHECKING:
    from insignia.vc.contexts import ContextLoader
    from insignia.vc.limits import Limits
    from insignia.vc.model.json import Json, JsonObject

MOST_SHAPES = 32
MOST_SEEN_ONCE = 128
MOST_BYTES = 65_536
MOST_CANONICAL = 262_144
"""Bytes of what a shape hashes of one document: a text may be repeated in hundreds of its lines."""
MOST_SLOTS = 96
CHECKS_PER_SHAPE = 16
"""How many checks by the general path pay for working out one shape."""
MOST_PASSED_OVER = 64
"""How many documents of a kind that could not be worked out are let go at most before it is tried again."""

_BETWEEN = b"\x00"
_PROOF = "/proof"
_VALUE = "/proofValue"
_SIGNATURE = r"z[1-9A-HJ-NP-Za-km-z]+"
_OF_A_SIGNATURE = re.compile(r"/proof(/0)?/(created|proofValue)")
_CHANGING = frozenset({"/created", "/verificationMethod"})


@dataclass(frozen=True)
class Reading:
    """What a known shape says of a document.

    Attributes:
        signing_input: the bytes that the signature covers: every word of the document and of its proof.
        proof_value: the signature as written.
    """

    signing_input: bytes
    proof_value: str


class KnownShapes:
    """The shapes met so far, for one set of contexts and limits; threads may share it.

    Args:
        loader: the contexts; what is asked with other ones is not answered.
        limits: the limits; as above.
    """

    def __init__(self, loader: ContextLoader, limits: Limits) -> None:
        self._loader, self._limits = loader, limits
        self._shapes: tuple[_Shape, ...] = ()
        self._once: OrderedDict[bytes, _Seen] = OrderedDict()
        self._checks = CHECKS_PER_SHAPE
        self._lock = threading.Lock()

    def serve(self, loader: ContextLoader, limits: Limits) -> bool:
        """Say whether they were learned with these contexts and limits."""
        return self._loader is loader and self._limits == limits

    def read(self, raw: bytes) -> Reading | None:
        """Say what is known of a document with one proof; None when the general path must judge."""
        if len(raw) > MOST_BYTES:
            return None
        shapes = self._shapes
        for place, shape in enumerate(shapes):
            found = shape.read(raw)
            if found is not None:
                if place:
                    self._prefer(shape)
                return found
        return None

    def _prefer(self, shape: _Shape) -> None:
        with self._lock:
            if shape in self._shapes:
                self._shapes = (shape, *(other for other in self._shapes if other is not shape))

    def learn(self, raw: bytes, document: JsonObject) -> None:
        """Take note of a document that the general path found good; with its second of a kind, learn the shape."""
        if len(raw) > MOST_BYTES or not _has_one_proof(document):
            return
        spans = spans_of(raw, document)
        kind = hashlib.sha256(b"".join(around(raw, spans))).digest()
        earlier = self._note(kind, raw)
        if earlier is None:
            return
        shape = self._worked_out(raw, document, _differing(raw, spans, earlier))
        with self._lock:
            if shape is None:
                self._pass_over(kind)
                return
            middle = len(self._shapes) // 2
            self._shapes = (*self._shapes[:middle], shape, *self._shapes[middle:])[:MOST_SHAPES]

    def _note(self, kind: bytes, raw: bytes) -> bytes | None:
        """Keep a document, and give an earlier one of its kind, if a shape may be worked out now."""
        with self._lock:
            self._checks = min(self._checks + 1, CHECKS_PER_SHAPE)  # a quiet day pays for no burst
            seen = self._once.setdefault(kind, _Seen())
            earlier, seen.raw = seen.raw, raw
            self._once.move_to_end(kind)
            if len(self._once) > MOST_SEEN_ONCE:
                self._once.popitem(last=False)
            if seen.passed_over:
                seen.passed_over -= 1
                return None
            if not earlier or self._checks < CHECKS_PER_SHAPE:
                return None
            self._checks -= CHECKS_PER_SHAPE
            return earlier

    def _pass_over(self, kind: bytes) -> None:
        """Let more and more documents of a kind go that could not be worked out: two odd ones must not bar it."""
        seen = self._once.get(kind)
        if seen is not None:
            seen.failures += 1
            seen.passed_over = min(2**seen.failures, MOST_PASSED_OVER)

    def _worked_out(self, raw: bytes, document: JsonObject, spans: Sequence[Span]) -> _Shape | None:
        if len(spans) > MOST_SLOTS:
            return None
        try:
            return _Shape(raw, document, spans, self._loader, self._limits)
        except VcError:
            return None


@dataclass
class _Seen:
    """A kind of document that was met: the last of it, and how often working it out failed."""

    raw: bytes = b""
    failures: int = 0
    passed_over: int = 0


class _Shape:
    """One shape: the bytes around its texts, and the templates of its two graphs."""

    def __init__(
        self, raw: bytes, document: JsonObject, spans: Sequence[Span], loader: ContextLoader, limits: Limits
    ) -> None:
        pointers = [span.pointer for span in spans]
        proof = _PROOF + ("/0" if isinstance(document["proof"], list) else "")
        own = [pointer.removeprefix(proof) for pointer in pointers if pointer.startswith(f"{proof}/")]
        if _VALUE not in own or not set(own) <= _CHANGING | {_VALUE}:
            raise ShapeUncompilable("More of the proof changes than its moment and its key.")
        _every_word_require(document, pointers, loader, limits)
        unsigned: JsonObject = {name: value for name, value in document.items() if name != "proof"}
        options = {"@context": document["@context"], **_options(document)}
        said = [pointer for pointer in pointers if not pointer.startswith(f"{proof}/")]
        secured = [pointer for pointer in own if pointer != _VALUE]
        self._graph = GraphTemplate(compile_template(unsigned, said, loader=loader, limits=limits).lines)
        self._proof = GraphTemplate(compile_template(options, secured, loader=loader, limits=limits).lines)
        self._size = self._graph.size + self._proof.size
        self._repeats = max(self._graph.repeats, self._proof.repeats)
        if self._size > MOST_CANONICAL:
            raise ShapeUncompilable("Long texts are repeated too often in what would be hashed.")
        self._pieces = around(raw, spans)
        self._said = [pointers.index(pointer) for pointer in said]
        self._secured = [pointers.index(proof + pointer) for pointer in secured]
        self._value = pointers.index(proof + _VALUE)
        self._pattern = self._row_pattern(len(pointers))
        self._ids = _Ids(document, pointers)

    def _row_pattern(self, count: int) -> re.Pattern[str]:
        patterns = [_SIGNATURE] * count
        ends = zip((*self._said, *self._secured), (*self._graph.ends, *self._proof.ends), strict=True)
        for place, end in ends:
            patterns[place] = ADDRESS if end == b">" else PLAIN_TEXT
        return re.compile("\x00".join(f"(?:{pattern})" for pattern in patterns))

    def read(self, raw: bytes) -> Reading | None:
        """Give what is known of a document; None when it is of another shape."""
        texts = read(raw, self._pieces)
        if texts is None:
            return None
        try:
            row = _BETWEEN.join(texts).decode()
        except UnicodeDecodeError:
            return None
        if self._size + len(row) * self._repeats > MOST_CANONICAL:
            return None
        if not self._pattern.fullmatch(row) or not self._ids.differ(texts):
            return None
        said = self._graph.digest([texts[place] for place in self._said])
        secured = self._proof.digest([texts[place] for place in self._secured])
        if said is None or secured is None:
            return None
        return Reading(secured + said, texts[self._value].decode())


class _Ids:
    """The ids in a document: none may be that of the document itself, or it would be described twice."""

    def __init__(self, document: JsonObject, pointers: Sequence[str]) -> None:
        places = {pointer: place for place, pointer in enumerate(pointers)}
        self._own = places.get("/id")
        own = document.get("id")
        self._own_id = own.encode() if isinstance(own, str) else b""
        others = [pointer for pointer in _id_places(document, "") if pointer != "/id"]
        self._places = [places[pointer] for pointer in others if pointer in places]
        self._fixed = frozenset(text_at(document, p).encode() for p in others if p not in places)

    def differ(self, texts: Sequence[bytes]) -> bool:
        """Say whether no other thing has the document's id."""
        own = self._own_id if self._own is None else texts[self._own]
        return own not in self._fixed and own not in [texts[place] for place in self._places]


def _id_places(value: Json, pointer: str) -> list[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [f"{pointer}/id"] if isinstance(value, dict) and isinstance(value.get("id"), str) else []
    for name, member in members:
        found += _id_places(member, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")
    return found


def _has_one_proof(document: JsonObject) -> bool:
    proofs = data_integrity.proofs_of(document)
    proof = proofs[0] if len(proofs) == 1 else None
    return (
        isinstance(proof, dict)
        and proof.get("cryptosuite") == data_integrity.EDDSA_RDFC_2022
        and "previousProof" not in proof
    )


def _options(document: JsonObject) -> JsonObject:
    proof = data_integrity.proofs_of(document)[0]
    return data_integrity.parse(proof).options


def _differing(raw: bytes, spans: Sequence[Span], earlier: bytes) -> list[Span]:
    """Give the texts that are other ones in an earlier document of the same kind, and those of any signature."""
    texts = read(earlier, around(raw, spans)) or [b""] * len(spans)
    return [
        span
        for span, text in zip(spans, texts, strict=True)
        if raw[span.start : span.end] != text or _OF_A_SIGNATURE.fullmatch(span.pointer)
    ]


def _every_word_require(
    document: JsonObject, pointers: Sequence[str], loader: ContextLoader, limits: Limits
) -> None:
    """Refuse a shape in which some text could stay unsigned."""
    for copy in marked_copies(document, pointers):
        if dropped_terms(copy, loader=loader, limits=limits):
            raise ShapeUncompilable("With other texts, not every word would be signed.")
