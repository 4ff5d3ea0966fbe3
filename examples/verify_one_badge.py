"""Verify one badge with the kernel alone, offline.

    python examples/verify_one_badge.py build/example/badge.svg build/example/did.json

Takes JSON, a token, PNG or SVG, and the issuer's DID document. Ends with 0 valid, 1 invalid, 2 undetermined.
"""

# ruff: noqa: T201, TID251  - an example is a door: it prints, and it reads the clock

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from insignia.vc.contexts import ContextLoader
from insignia.vc.did import ChainResolver, KeyResolver, SuppliedResolver
from insignia.vc.limits import parse_object
from insignia.vc.open import judge
from insignia.vc.verify import NoStatusLists, Outcome, Sources, Verdict


def main(badge: Path, did_document: Path) -> int:
    """Judge the badge and print every check that was made."""
    supplied = SuppliedResolver([parse_object(did_document.read_bytes())])
    sources = Sources(
        resolver=ChainResolver(supplied, KeyResolver()),
        status_lists=NoStatusLists(),
        loader=ContextLoader(),
    )
    report = judge(badge.read_bytes(), at=datetime.now(UTC), sources=sources)
    for check in report.checks:
        if check.outcome is not Outcome.SKIPPED:
            print(f"{check.outcome:<13}{check.check_id:<20}{check.message}")
    print(f"{report.verdict}: {report.credential.name}, for {report.credential.recipient}")
    return {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNDETERMINED: 2}[report.verdict]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: python examples/verify_one_badge.py BADGE DID_DOCUMENT")
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
