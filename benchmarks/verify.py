"""Verifying, per core: a signed badge's bytes in, its proof held or not.

The peers check the proof alone, so the compared lines do too. `verify.report.*` is the whole report that a visitor
gets: every named check, the signed status list among them.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measuring import Samples, Task, one_core, rates
from benchmarks.options import Options
from benchmarks.peers import javascript, openbadges, raw
from benchmarks.results import RAW_VERIFYING, Line
from benchmarks.sample import AT, Issuer
from insignia.vc.limits import parse_object
from insignia.vc.proofs import data_integrity
from insignia.vc.verify import Verdict, verify

ANY = "verify.eddsa-rdfc-2022.any-shape"
REPORT = "verify.report.any-shape"
OPENBADGESLIB, JAVASCRIPT = "verify.openbadgeslib", "verify.digitalbazaar-js"
PYNACL, CRYPTOGRAPHY = "verify.raw.pynacl", "verify.raw.cryptography"


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
    return {
        ANY: general_verifying(issuer, signed),
        REPORT: report_writing(issuer, signed),
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


def report_writing(issuer: Issuer, signed: list[bytes]) -> Task:
    """Verify as the page /verify does, with DID document and status list at hand."""
    sources = issuer.sources()

    def judge(number: int) -> None:
        report = verify(signed[number % len(signed)], at=AT, sources=sources)
        assert report.verdict is Verdict.VALID

    return judge
