from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Quad, RdfFormat, parse

from insignia.vc.canon.graph import canonical_quads, rdfc_canonicalize
from insignia.vc.canon.work import walk_labels
from insignia.vc.codec import serialize
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import CanonWorkExceeded, GraphTooLarge, LimitExceeded
from insignia.vc.limits import DEFAULT_LIMITS
from insignia.vc.model.json import JsonObject
from tests.examples import examples

EDGE = "_:{} <urn:p> _:{} .\n"


def quads(text: str) -> list[Quad]:
    return list(parse(text.encode(), format=RdfFormat.N_QUADS))


def clique(size: int) -> str:
    return "".join(EDGE.format(f"a{i}", f"a{j}") for i in range(size) for j in range(size) if i != j)


def stars(count: int, leaves: int) -> str:
    return "".join(EDGE.format(f"c{i}", f"l{i}x{j}") for i in range(count) for j in range(leaves))


def test_a_small_document_that_repeats_a_long_text_is_refused_before_it_is_a_large_graph() -> None:
    document: JsonObject = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": "https://x.example/" + "a" * 40_000,
        "type": [f"https://x.example/{number}" for number in range(1_000)],
    }
    assert len(serialize(document)) < 80_000
    with pytest.raises(GraphTooLarge, match="longer than we judge"):
        rdfc_canonicalize(document, loader=ContextLoader())


class TestBoundedWork:
    @pytest.mark.parametrize("size", [7, 8, 9, 30])
    def test_refuses_cliques(self, size: int) -> None:
        with pytest.raises(CanonWorkExceeded):
            canonical_quads(quads(clique(size)), limits=DEFAULT_LIMITS)

    @pytest.mark.parametrize(("count", "leaves"), [(2, 9), (2, 40), (50, 9)])
    def test_refuses_stars_of_equal_leaves(self, count: int, leaves: int) -> None:
        with pytest.raises(CanonWorkExceeded):
            canonical_quads(quads(stars(count, leaves)), limits=DEFAULT_LIMITS)

    def test_lets_many_equal_leaves_of_one_named_node_pass(self) -> None:
        text = "".join(f"<urn:x> <urn:p> _:l{number} .\n" for number in range(1024))
        assert canonical_quads(quads(text), limits=DEFAULT_LIMITS).count(b"\n") == 1024

    def test_refuses_a_crowd_of_nodes(self) -> None:
        text = "".join(f'_:n{number} <urn:p> "{number}" .\n' for number in range(2001))
        with pytest.raises(GraphTooLarge):
            canonical_quads(quads(text), limits=DEFAULT_LIMITS)

    def test_refuses_a_long_chain_without_overflowing(self) -> None:
        ring = "".join(EDGE.format(f"r{i}", f"r{(i + 1) % 1500}") for i in range(1500))
        with pytest.raises(LimitExceeded):
            canonical_quads(quads(ring), limits=DEFAULT_LIMITS)

    @given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("pq"), st.integers(0, 5)), max_size=10))
    @examples(100)
    def test_our_walk_labels_as_the_library_does(self, edges: list[tuple[int, str, int]]) -> None:
        text = "".join(f"_:n{i} <urn:{p}> _:n{j} .\n" for i, p, j in edges)
        try:
            labels = walk_labels(quads(text), limits=DEFAULT_LIMITS)
        except CanonWorkExceeded:
            return
        relabelled = {f"_:{labels[f'n{i}']} <urn:{p}> _:{labels[f'n{j}']} ." for i, p, j in edges}
        assert set(canonical_quads(quads(text), limits=DEFAULT_LIMITS).decode().splitlines()) == relabelled
