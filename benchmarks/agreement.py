"""The fast paths against the general path, on far more cases than the tests have time for.

Speed that sometimes gives other bytes is none: a disagreement ends the benchmark.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from benchmarks.options import Options
from benchmarks.results import Line
from benchmarks.sample import Issuer
from benchmarks.verify import shapes_learned
from insignia.vc.canon import dropped_terms
from insignia.vc.errors import VcError
from insignia.vc.limits import parse_object
from insignia.vc.proofs import data_integrity
from tests.vc.shapes import SHAPES, disagreements

BYTES = b'"\\{}[],: 0aZ.-\x00\x7f\xff\xc3'
LEARNED_FROM = 40


class PathsDisagree(Exception):
    """A fast path says something else than the general one."""


def measure(options: Options) -> Iterator[Line]:
    """Compare; this gives a sentence for each path and no figure."""
    rows_compare(options.cases)
    print(f"  {options.cases:,} rows, half of them hostile: compiled shapes give what the general path gives")
    met = documents_compare(options.cases)
    print(f"  {options.cases:,} changed documents, {met:,} of a known shape: read as the general path reads them")
    yield from ()


def rows_compare(cases: int) -> None:
    """Prepare rows both ways, on every core.

    Raises:
        PathsDisagree: some row is prepared otherwise.
    """
    with ProcessPoolExecutor() as pool:
        jobs = {name: pool.submit(disagreements, name, count=-(-cases // len(SHAPES))) for name in SHAPES}
        found = {name: job.result() for name, job in jobs.items()}
    wrong = {name: rows for name, rows in found.items() if rows}
    if wrong:
        raise PathsDisagree(f"The compiled shape prepares these rows otherwise: {wrong}")


def documents_compare(cases: int) -> int:
    """Change signed documents at random; give how many of them a known shape still reads.

    Raises:
        PathsDisagree: it reads one otherwise than the general path.
    """
    issuer, chance, met = Issuer.fixed(), random.Random(cases), 0  # noqa: S311  - the same cases each time
    signed = issuer.signed(LEARNED_FROM)
    shapes = shapes_learned(issuer, signed)
    for _ in range(cases):
        changed = _changed(signed, chance)
        reading = shapes.read(changed)
        if reading is not None:
            met += 1
            _reads_alike(changed, reading.signing_input, issuer)
    return met


def _changed(signed: list[bytes], chance: random.Random) -> bytes:
    """Put a text of one document in the place of a text of another, or some bytes in the place of others."""
    raw, other = chance.sample(signed, 2)
    if chance.random() < 0.5:
        place, piece = _text(raw, chance), _text(other, chance)
        return raw[: place.start()] + piece.group() + raw[place.end() :]
    at, start = chance.randrange(len(raw)), chance.randrange(len(other))
    fresh = bytes([chance.choice(BYTES)]) if chance.random() < 0.5 else other[start : start + chance.randrange(40)]
    return raw[:at] + fresh + raw[at + chance.randrange(3) :]


def _text(raw: bytes, chance: random.Random) -> re.Match[bytes]:
    return chance.choice(list(re.finditer(rb'"[^"]*"', raw)))


def _reads_alike(raw: bytes, signing_input: bytes, issuer: Issuer) -> None:
    try:
        document = parse_object(raw)
        proof = data_integrity.parse(document.pop("proof"))
        general = data_integrity.signing_input(document, proof.options, loader=issuer.loader)
        dropped = dropped_terms(document, loader=issuer.loader)
    except VcError as error:
        raise PathsDisagree(
            f"A known shape reads what the general path refuses ({error.code}): {raw!r}"
        ) from error
    if dropped or general != signing_input:
        raise PathsDisagree(f"A known shape reads this otherwise than the general path: {raw!r}")
