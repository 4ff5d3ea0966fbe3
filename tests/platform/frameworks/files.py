"""The real framework files that tests read where they lie beside the repository, and ones made up here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.shared_data import shared_bytes

REPOSITORY = Path(__file__).parents[3]
DEMO = REPOSITORY / "src" / "insignia" / "demo" / "data"

# name: (format, items, ties that are not parents)
REAL_FILES = {
    "opensalt_sample_ccss_math.case.json": ("case", 16, 23),
    "smarter_balanced_mockPT.case.json": ("case", 164, 76),
    "smarter_balanced_mockMATHPackage.case.json": ("case", 48, 19),
    "smarter_balanced_mockHSMATH.case.json": ("case", 86, 40),
    "opensalt_sample_case.csv": ("opensalt-csv", 10, 4),
    "onet_basic_skills.ceasn.json": ("ctdl-asn", 12, 0),
    "onet_cross_functional_skills.ceasn.json": ("ctdl-asn", 30, 0),
    "onet_knowledge.ceasn.json": ("ctdl-asn", 41, 0),
    "digcomp_3_0.jsonld": ("digcomp", 911, 0),
}


def real_file(name: str) -> bytes:
    """Read a real file, or skip the test that wants it."""
    return shared_bytes(f"frameworks/{name}")


def demo_file(name: str = "quillwater_framework.case.json") -> bytes:
    """Read a framework file that the product ships."""
    return (DEMO / name).read_bytes()


def uuid_of(number: int) -> str:
    """Make a readable UUID."""
    return f"00000000-0000-4000-8000-{number:012d}"


def item(number: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  - JSON
    """Make a CFItem; `None` removes a field."""
    made = {
        "identifier": uuid_of(number),
        "uri": f"https://skills.example/items/{number}",
        "fullStatement": f"Do thing number {number}",
        "humanCodingScheme": f"T.{number}",
        "CFItemType": "Skill",
        **fields,
    }
    return {key: value for key, value in made.items() if value is not None}


def tie(origin: int, destination: int, kind: str = "isChildOf", **fields: Any) -> dict[str, Any]:  # noqa: ANN401  - JSON
    """Make a CFAssociation."""
    return {
        "identifier": uuid_of(origin * 1000 + destination),
        "associationType": kind,
        "originNodeURI": {"identifier": uuid_of(origin)},
        "destinationNodeURI": {"identifier": uuid_of(destination)},
        **fields,
    }


def package(items: list[Any], ties: list[Any] | None = None, **document: Any) -> bytes:  # noqa: ANN401  - JSON
    """Make a CASE package; item 0 stands for the document."""
    return json.dumps(
        {
            "CFDocument": {"identifier": uuid_of(0), "title": "Test skills", "creator": "Testers", **document},
            "CFItems": items,
            "CFAssociations": ties or [],
        }
    ).encode()
