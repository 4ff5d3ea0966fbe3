"""From a document to the canonical N-Quads of its graph (RDF Dataset Canonicalization, RDFC-1.0).

PyLD expands, our own writer makes the quads and our own guard bounds the work, pyoxigraph canonicalizes.
"""

from __future__ import annotations

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, serialize

from insignia.vc.canon.quads import quads_of
from insignia.vc.canon.terms import expand
from insignia.vc.canon.work import require_bounded_work
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import GraphTooLarge, TermsDropped
from insignia.vc.limits import DEFAULT_LIMITS, Limits
from insignia.vc.model.json import JsonObject

_ALGORITHMS = {
    "SHA256": CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "SHA384": CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


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
    quads = quads_of(expand(document, loader=loader, limits=limits), limits=limits)
    return canonical_quads(quads, limits=limits, algorithm=algorithm)


def dropped_terms(
    document: JsonObject, *, loader: ContextLoader, limits: Limits = DEFAULT_LIMITS
) -> tuple[str, ...]:
    """Name what the signature would not cover; empty when everything is covered.

    Raises:
        VcError: the document cannot be read as JSON-LD at all.
    """
    try:
        quads_of(expand(document, loader=loader, limits=limits), limits=limits)
    except TermsDropped as error:
        return tuple(error.data.get("terms") or error.data.get("pointers") or [error.message])
    return ()


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
