"""The W3C test suite of RDF Dataset Canonicalization, and the canonical forms of the cryptosuites' vectors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyoxigraph import Quad, RdfFormat, parse

from insignia.vc.canon.graph import canonical_quads, rdfc_canonicalize
from insignia.vc.canon.work import first_degree_hashes, walk_labels
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import CanonWorkExceeded
from insignia.vc.limits import DEFAULT_LIMITS
from tests.shared_data import STANDARDS, needs_shared, shared_bytes, shared_json

SUITE = STANDARDS / "suites" / "rdf-canon"
MANIFEST = SUITE / "manifest.jsonld"
ENTRIES: list[dict[str, Any]] = json.loads(MANIFEST.read_text())["entries"] if MANIFEST.exists() else []
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"


def of_type(kind: str) -> list[dict[str, Any]]:
    return [entry for entry in ENTRIES if entry["type"] == f"rdfc:{kind}"]


# The guard counts steps with SHA-256 only: the inner hash does not change their number.
WALKED = [entry for entry in of_type("RDFC10MapTest") if entry.get("hashAlgorithm", "SHA256") == "SHA256"]


def quads_of(path: str) -> list[Quad]:
    return list(parse(shared_bytes(f"standards/suites/rdf-canon/{path}"), format=RdfFormat.N_QUADS))


@needs_shared
class TestRdfCanonSuite:
    @pytest.mark.parametrize("entry", of_type("RDFC10EvalTest"), ids=lambda entry: str(entry["id"]))
    def test_evaluates(self, entry: dict[str, Any]) -> None:
        algorithm = entry.get("hashAlgorithm", "SHA256")
        canonical = canonical_quads(quads_of(entry["action"]), limits=DEFAULT_LIMITS, algorithm=algorithm)
        assert canonical == (SUITE / entry["result"]).read_bytes()

    @pytest.mark.parametrize("entry", WALKED, ids=lambda entry: str(entry["id"]))
    def test_our_walk_of_the_algorithm_gives_the_same_labels(self, entry: dict[str, Any]) -> None:
        quads = quads_of(entry["action"])
        expected = json.loads((SUITE / entry["result"]).read_text())
        assert walk_labels(quads, limits=DEFAULT_LIMITS) == expected
        assert set(first_degree_hashes(quads)) == set(expected)

    @pytest.mark.parametrize("entry", of_type("RDFC10NegativeEvalTest"), ids=lambda entry: str(entry["id"]))
    def test_refuses_poison(self, entry: dict[str, Any]) -> None:
        with pytest.raises(CanonWorkExceeded):
            canonical_quads(quads_of(entry["action"]), limits=DEFAULT_LIMITS)

    def test_is_the_whole_suite(self) -> None:
        assert (len(of_type("RDFC10EvalTest")), len(of_type("RDFC10MapTest"))) == (64, 21)


@needs_shared
class TestSpecificationVectors:
    @pytest.mark.parametrize(
        ("document", "canonical"),
        [
            ("vc-di-eddsa/unsigned.json", "vc-di-eddsa/eddsa-rdfc-2022/canonDocDataInt.txt"),
            ("ob3-clr2-spec/obv3p0/01-Credential.json", "ob3-clr2-spec/obv3p0/document-canon.txt"),
            ("ob3-clr2-spec/clrv2p0/01-Credential.json", "ob3-clr2-spec/clrv2p0/document-canon.txt"),
        ],
    )
    def test_gives_the_canonical_form_byte_for_byte(self, document: str, canonical: str) -> None:
        examples = shared_json("standards/contexts/w3c/credentials-examples-v2.jsonld")
        loader = ContextLoader({EXAMPLES_V2: examples})
        given = shared_json(f"standards/vectors/{document}")
        expected = shared_bytes(f"standards/vectors/{canonical}")
        assert rdfc_canonicalize(given, loader=loader) == expected
