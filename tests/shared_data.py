"""Reference data that tests read and the repository does not hold: specifications' schemas, vectors, examples.

It lies in a folder `shared` beside the checkout. Where it is absent, tests that need it skip and say so.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from insignia.vc.model.json import JsonObject

SHARED = Path(__file__).resolve().parents[2] / "shared"
STANDARDS = SHARED / "standards"
VECTORS = STANDARDS / "vectors"

needs_shared = pytest.mark.skipif(
    not STANDARDS.is_dir(), reason=f"the reference data is not here: no folder {SHARED}"
)


def shared_bytes(path: str) -> bytes:
    """Read a reference file by its path under `shared`, or skip the test."""
    file = SHARED / path
    if not file.exists():
        pytest.skip(f"the reference data is not here: {file}")
    return file.read_bytes()


def shared_json(path: str) -> JsonObject:
    """Read a reference JSON file by its path under `shared`, or skip the test."""
    document: JsonObject = json.loads(shared_bytes(path))
    return document
