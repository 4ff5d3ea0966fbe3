"""From a document to the canonical N-Quads of its graph (RDF Dataset Canonicalization, RDFC-1.0).

PyLD makes the quads, our own guard bounds the work, pyoxigraph canonicalizes.
"""

from __future__ import annotations

from typing import Any

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    serialize,
)

from insignia.vc.canon.terms import expand
from insignia.vc.canon.work import require_bounded_work
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import GraphTooLarge, MalformedJson, RelativeIri, TermsDropped
from insignia.vc.limits import DEFAULT_LIMITS, Limits
from insignia.vc.model.json import JsonObject

_ALGORITHMS = {
    "SHA256": CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "SHA384": CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}
_LANGUAGE_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


def rdfc_canonicalize(
    document: JsonObject,
    *,
    loader: ContextLoader,
    limits: Limits = DEFAULT_LIMITS,
    algorithm: str = "SHA256",
) -> bytes:
    """Give the canonical N-Quads of a JSON-LD document; `algorithm` is the inner hash, SHA256 or SHA384.

    Raises:
        TermsUnsigned: something in the document would not be in its graph.
        GraphTooLarge, CanonWorkExceeded: too large, or made to be slow.
        MalformedJson: not JSON-LD.
    """
    quads = _quads(expand(document, loader=loader, limits=limits), limits)
    return canonical_quads(quads, limits=limits, algorithm=algorithm)


def canonical_quads(quads: list[Quad], *, limits: Limits, algorithm: str = "SHA256") -> bytes:
    """Canonicalize quads, refusing in advance what would take too long.

    Raises:
        GraphTooLarge, CanonWorkExceeded: too large, or made to be slow.
    """
    if len(quads) > limits.quads:
        raise GraphTooLarge(f"The graph has more than {limits.quads} statements.")
    require_bounded_work(quads, limits=limits)
    dataset = Dataset(quads)
    dataset.canonicalize(_ALGORITHMS[algorithm])
    lines = serialize(dataset, format=RdfFormat.N_QUADS)
    if not lines:
        return b""
    return b"".join(sorted(set(lines.splitlines(keepends=True))))


def _quads(expanded: list[dict[str, Any]], limits: Limits) -> list[Quad]:
    from pyld import jsonld  # 0.2 s to import: only when a graph is needed

    processor = jsonld.JsonLdProcessor()
    issuer = jsonld.IdentifierIssuer("_:b")
    options = {"produceGeneralizedRdf": False, "processingMode": "json-ld-1.1"}
    try:
        node_map: dict[str, Any] = {"@default": {}}
        processor._create_node_map(expanded, node_map, "@default", issuer)  # noqa: SLF001  - to_rdf would expand again
        triples = {
            name: processor._graph_to_rdf(graph, issuer, options)  # noqa: SLF001  - as above
            for name, graph in node_map.items()
        }
    except (jsonld.JsonLdError, RecursionError) as error:
        raise MalformedJson("The document does not make a graph.") from error
    if sum(map(len, triples.values())) > limits.quads:
        raise GraphTooLarge(f"The graph has more than {limits.quads} statements.")
    return [_quad(triple, name) for name, found in triples.items() for triple in found]


def _quad(triple: dict[str, Any], graph: str) -> Quad:
    name = DefaultGraph() if graph == "@default" else _node(graph)
    predicate = _node(triple["predicate"]["value"])
    if not isinstance(predicate, NamedNode):
        raise TermsDropped("A member has no global meaning.", terms=[triple["predicate"]["value"]])
    return Quad(_node(triple["subject"]["value"]), predicate, _object(triple["object"]), name)


def _object(term: dict[str, Any]) -> NamedNode | BlankNode | Literal:
    if term["type"] != "literal":
        return _node(term["value"])
    value, datatype = str(term["value"]), term["datatype"]
    if "\x00" in value:
        raise MalformedJson("A text holds the character U+0000.")
    try:
        if datatype == _LANGUAGE_STRING:
            return Literal(value, language=term["language"])
        return Literal(value, datatype=NamedNode(datatype))
    except ValueError as error:
        raise RelativeIri(f"{str(datatype)[:120]!r} is not a datatype's address.") from error


def _node(value: str) -> NamedNode | BlankNode:
    try:
        return BlankNode(value[2:]) if value.startswith("_:") else NamedNode(value)
    except ValueError as error:
        raise RelativeIri(f"{value[:120]!r} is not an absolute address.", iri=value[:120]) from error
