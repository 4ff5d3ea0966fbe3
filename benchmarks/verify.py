"""Verifying, per core: a signed badge's bytes in, its proof held or not.

The peers check the proof alone, so the compared lines do too. `verify.report.*` is the whole report that a visitor
gets: every named check, the signed status list among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.measuring import Samples, Task, one_core, rates
from benchmarks.options import Options
from benchmarks.peers import javascript, openbadges, raw
from benchmarks.results import RAW_VERIFYING, Line
from benchmarks.sample import AT, Issuer
from insignia.vc.keys.encoding import base58_decode
from insignia.vc.limits import DEFAULT_LIMITS, parse_object
from insignia.vc.proofs import data_integrity
from insignia.vc.verify import KnownShapes, Sources, Verdict, verify

ANY, KNOWN = "verify.eddsa-rdfc-2022.any-shape", "verify.eddsa-rdfc-2022.known-shape"
REPORT, REPORT_KNOWN = "verify.report.any-shape", "verify.report.known-shape"
OPENBADGESLIB, JAVASCRIPT = "verify.openbadgeslib", "verify.digitalbazaar-js"
PYNACL, CRYPTOGRAPHY = "verify.raw.pynacl", "verify.raw.cryptography"


class ShapeUnknown(Exception):
    """What should be a known shape is none, so that there is nothing to measure."""


def measure(options: Options) -> Iterator[Line]:
    """Measure ours, the peers and the bare arithmetic in turns."""
    issuer = Issuer.fixed()
    with one_core():
        found = rates(_contenders(issuer, options.inputs), options.effort)
        raw_rate = found[PYNACL].median
        for name, samples in found.items():
            yield _line(name, samples, raw_rate)
        try:
            theirs = javascript.measure(issuer, options.effort)
        except javascript.NodeMissing as error:
            print(f"{JAVASCRIPT}: left out, {error}")
            return
    yield _line(JAVASCRIPT, theirs.verify, raw_rate)


def _line(name: str, samples: Samples, raw_rate: float) -> Line:
    return Line(name, samples.median, "1/s", RAW_VERIFYING, raw_rate, samples.spread)


def _contenders(issuer: Issuer, count: int) -> dict[str, Task]:
    signed = issuer.signed(count)
    shapes = shapes_learned(issuer, signed)
    return {
        KNOWN: known_verifying(issuer, signed, shapes),
        ANY: general_verifying(issuer, signed),
        REPORT_KNOWN: report_writing(signed, replace(issuer.sources(), known_shapes=shapes)),
        REPORT: report_writing(signed, issuer.sources()),
        OPENBADGESLIB: openbadges.verifying(issuer, signed),
        PYNACL: raw.pynacl_verifying(),
        CRYPTOGRAPHY: raw.cryptography_verifying(),
    }


def general_verifying(issuer: Issuer, signed: list[bytes]) -> Task:
    """Verify the proof by the general path, which knows nothing of the document beforehand."""

    def check(number: int) -> None:
        document = parse_object(signed[number % len(signed)])
        proof = data_integrity.parse(document["proof"])
        data_integrity.check(document, proof, issuer.ed25519.public, loader=issuer.loader)

    return check


def shapes_learned(issuer: Issuer, signed: list[bytes]) -> KnownShapes:
    """Let known shapes meet signed badges, as they do when the general path has found them good.

    Raises:
        ShapeUnknown: they did not learn to read them all.
    """
    shapes = KnownShapes(issuer.loader, DEFAULT_LIMITS)
    for raw_bytes in signed:
        if shapes.read(raw_bytes) is None:
            shapes.learn(raw_bytes, parse_object(raw_bytes))
    unread = sum(shapes.read(raw_bytes) is None for raw_bytes in signed)
    if unread:
        raise ShapeUnknown(f"{unread} of {len(signed)} badges of one shape are not read by it.")
    return shapes


def known_verifying(issuer: Issuer, signed: list[bytes], shapes: KnownShapes) -> Task:
    """Verify the proof of a badge whose shape was met before."""

    def check(number: int) -> None:
        reading = shapes.read(signed[number % len(signed)])
        assert reading is not None
        signature = base58_decode(reading.proof_value[1:])
        assert issuer.ed25519.public.verify(signature, reading.signing_input)

    return check


def report_writing(signed: list[bytes], sources: Sources) -> Task:
    """Verify as the page /verify does, with DID document and status list at hand."""

    def judge(number: int) -> None:
        report = verify(signed[number % len(signed)], at=AT, sources=sources)
        assert report.verdict is Verdict.VALID

    return judge
