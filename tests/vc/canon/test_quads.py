"""Our quads against PyLD's: the same graph wherever PyLD loses nothing."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from pyld import jsonld
from pyoxigraph import Quad, RdfFormat, parse

from insignia.vc.canon.graph import canonical_quads, rdfc_canonicalize
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import VcError
from insignia.vc.limits import DEFAULT_LIMITS
from insignia.vc.model.json import JsonObject
from tests.examples import examples
from tests.shared_data import STANDARDS, VECTORS, needs_shared, shared_bytes, shared_json
from tests.vc.canon.test_coverage import HOSTILE, LOADER, WORDS_OF_HOSTILE, Shape, marked, shapes

EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
EXAMPLES = sorted((STANDARDS / "examples" / "ob_v3p0").glob("*.json"))
CANONICAL = [
    ("vc-di-eddsa/unsigned.json", "vc-di-eddsa/eddsa-rdfc-2022/canonDocDataInt.txt"),
    ("vc-di-eddsa/eddsa-rdfc-2022/proofConfigDataInt.json", "vc-di-eddsa/eddsa-rdfc-2022/proofCanonDataInt.txt"),
    ("vc-di-ecdsa/unsigned.json", "vc-di-ecdsa/ecdsa-rdfc-2019-p256/canonDocECDSAP256.txt"),
    (
        "vc-di-ecdsa/ecdsa-rdfc-2019-p256/proofConfigECDSAP256.json",
        "vc-di-ecdsa/ecdsa-rdfc-2019-p256/proofCanonECDSAP256.txt",
    ),
    ("vc-di-ecdsa/unsigned.json", "vc-di-ecdsa/ecdsa-rdfc-2019-p384/canonDocECDSAP384.txt"),
    (
        "vc-di-ecdsa/ecdsa-rdfc-2019-p384/proofConfigECDSAP384.json",
        "vc-di-ecdsa/ecdsa-rdfc-2019-p384/proofCanonECDSAP384.txt",
    ),
    ("ob3-clr2-spec/obv3p0/01-Credential.json", "ob3-clr2-spec/obv3p0/document-canon.txt"),
    ("ob3-clr2-spec/clrv2p0/01-Credential.json", "ob3-clr2-spec/clrv2p0/document-canon.txt"),
]


def pyld_quads(document: JsonObject, loader: ContextLoader) -> list[Quad]:
    """Let PyLD make the graph, from JSON-LD to N-Quads, on its own."""
    options = {"documentLoader": loader, "contextResolver": loader.resolver, "format": "application/n-quads"}
    lines: str = jsonld.to_rdf(document, {**options, "base": "relative://here/"})
    return list(parse(lines.encode(), format=RdfFormat.N_QUADS))


class TestAgainstPyld:
    @given(shapes(WORDS_OF_HOSTILE))
    @examples(300)
    def test_makes_the_same_graph(self, shape: Shape) -> None:
        body = marked(shape, itertools.count(), [])
        assert isinstance(body, dict)
        document: JsonObject = {"@context": HOSTILE, **body}
        try:
            ours = rdfc_canonicalize(document, loader=LOADER)
        except VcError:
            return
        assert canonical_quads(pyld_quads(document, LOADER), limits=DEFAULT_LIMITS) == ours

    @needs_shared
    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
    def test_makes_the_same_graph_of_the_specifications_examples(self, path: Path) -> None:
        document = json.loads(path.read_text("utf-8"))
        loader = ContextLoader()
        try:
            ours = rdfc_canonicalize(document, loader=loader)
        except VcError as error:
            pytest.skip(f"not judged here: {error.code}")
        assert canonical_quads(pyld_quads(document, loader), limits=DEFAULT_LIMITS) == ours


@needs_shared
class TestPublishedForms:
    @pytest.mark.parametrize(("document", "canonical"), CANONICAL)
    def test_is_met_byte_for_byte(self, document: str, canonical: str) -> None:
        examples = shared_json("standards/contexts/w3c/credentials-examples-v2.jsonld")
        loader = ContextLoader({EXAMPLES_V2: examples})
        given_document: dict[str, Any] = shared_json(f"standards/vectors/{document}")
        algorithm = "SHA384" if "P384" in canonical else "SHA256"
        found = rdfc_canonicalize(given_document, loader=loader, algorithm=algorithm)
        assert found == shared_bytes(f"standards/vectors/{canonical}")

    @pytest.mark.parametrize("standard", ["obv3p0", "clrv2p0"])
    def test_is_met_for_the_proof_options_of_1edtech(self, standard: str) -> None:
        folder = f"standards/vectors/ob3-clr2-spec/{standard}"
        signed = shared_json(f"{folder}/07-Signed_credential.json")
        proof = signed["proof"]
        options = proof[0] if isinstance(proof, list) else proof
        assert isinstance(options, dict)
        stripped: JsonObject = {name: value for name, value in options.items() if name != "proofValue"}
        found = rdfc_canonicalize({"@context": signed["@context"], **stripped}, loader=ContextLoader())
        assert found == shared_bytes(f"{folder}/proof-canon.txt")

    def test_lists_files_that_exist(self) -> None:
        assert [name for pair in CANONICAL for name in pair if not (VECTORS / name).exists()] == []
