"""From a specimen to a template: the general path judges marked copies of it, and the template must agree."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from insignia.vc.canon.graph import rdfc_canonicalize
from insignia.vc.canon.lines import lines_of
from insignia.vc.canon.plain import jcs
from insignia.vc.canon.pointers import text_at, tokens_of, with_texts
from insignia.vc.canon.quads import RELATIVE, quads_of
from insignia.vc.canon.template import GraphTemplate
from insignia.vc.canon.terms import expand
from insignia.vc.errors import ShapeUncompilable, VcError
from insignia.vc.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from insignia.vc.canon.lines import Line
    from insignia.vc.contexts import ContextLoader
    from insignia.vc.model.json import Json, JsonObject

_MARKERS = ("urn:{}:{:06d}", "did:{}:{:06d}", "https://{}.example/{:06d}")
# a word that the contexts of every credential define, and that would not stay itself as a term
_WORD = "VerifiableCredential"


def compile_template(
    document: JsonObject, slots: Sequence[str], *, loader: ContextLoader, limits: Limits = DEFAULT_LIMITS
) -> GraphTemplate:
    """Make the template of all documents that differ from this one at some places only.

    Args:
        document: a whole document as the general path takes it.
        slots: JSON pointers, each the place of one text.

    Raises:
        ShapeUncompilable: no template can be trusted here.
        VcError: what canonicalization refuses, by name.
    """
    _places_require(slots)
    values = [text_at(document, slot) for slot in slots]
    copies = [_marked(document, slots, form) for form in _MARKERS]
    graphs = [_graph(copy, markers, loader, limits) for copy, markers in copies]
    if len(set(graphs)) > 1:
        raise ShapeUncompilable("The graph changes with a slot's value.")
    template = GraphTemplate(graphs[0])
    _not_words_require(document, slots, template, loader, limits)
    for copy, texts in ((document, values), *copies):
        rendered = template.render(texts)
        expected = rdfc_canonicalize(copy, loader=loader, limits=limits)
        if rendered is None or template.canonical(rendered) != expected:
            raise ShapeUncompilable("The template does not say what the general path says.")
        if template.digest(rendered) != hashlib.sha256(expected).digest():
            raise ShapeUncompilable("The template does not hash what the general path says.")
    return template


def marked_copies(document: JsonObject, slots: Sequence[str]) -> list[JsonObject]:
    """Give the document with other texts in its slots: addresses of each scheme that a template takes."""
    return [_marked(document, slots, form)[0] for form in _MARKERS]


def _places_require(slots: Sequence[str]) -> None:
    if len(set(slots)) < len(slots):
        raise ShapeUncompilable("A place is named twice.")
    for slot in slots:
        if any(token.startswith("@") for token in tokens_of(slot)):
            raise ShapeUncompilable(f"What stands at {slot[:80]} changes the meaning of other things.")


def _marked(document: JsonObject, slots: Sequence[str], form: str) -> tuple[JsonObject, list[str]]:
    # the document's own hash cannot stand in it
    name = "x" + hashlib.sha256(jcs(document)).hexdigest()[:24]
    markers = [form.format(name, number) for number in range(len(slots))]
    return with_texts(document, slots, markers), markers


def _graph(
    document: JsonObject, markers: Sequence[str], loader: ContextLoader, limits: Limits
) -> tuple[Line, ...]:
    try:
        quads = quads_of(expand(document, loader=loader, limits=limits), limits=limits)
    except VcError as error:
        raise ShapeUncompilable(f"Not every value can stand in its slot: {error.message}") from error
    return lines_of(quads, markers)


def _not_words_require(
    document: JsonObject,
    slots: Sequence[str],
    template: GraphTemplate,
    loader: ContextLoader,
    limits: Limits,
) -> None:
    """Refuse a slot for an address where a word of the context would be taken for that word's address."""
    places = [slot for slot, end in zip(slots, template.ends, strict=True) if end == b">"]
    worded = with_texts(document, places, [_WORD] * len(places))
    kept = _count(expand(worded, loader=loader, limits=limits), f"{RELATIVE}://here/{_WORD}")
    if kept != len(places):
        raise ShapeUncompilable("A slot stands where a word of the context could.")


def _count(value: Json | list[JsonObject], text: str) -> int:
    if isinstance(value, dict):
        return sum(_count(member, text) for member in value.values())
    if isinstance(value, list):
        return sum(_count(member, text) for member in value)
    return int(value == text)
