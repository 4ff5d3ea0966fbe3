"""`python -m benchmarks`: measure, print a line for each figure as it comes, write them down.

All groups in one go also write the table of docs/reference/benchmarks.md; a single group or fewer rows only
`build/bench.json` and `build/bench.md`, since figures of different runs do not belong into one table.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import agreement, batch, dryrun, pages, sign, status, verify
from benchmarks.machine import facts
from benchmarks.measuring import Effort
from benchmarks.options import MILLION, Options
from benchmarks.report import PAGE, report, report_insert
from benchmarks.results import Line, line_readable, lines_write

GROUPS: dict[str, Callable[[Options], Iterator[Line]]] = {
    "sign": sign.measure,
    "verify": verify.measure,
    "batch": batch.measure,
    "dryrun": dryrun.measure,
    "status": status.measure,
    "pages": pages.measure,
    "agreement": agreement.measure,
}
BUILD = Path("build")


def main() -> None:
    """Measure what was asked for."""
    arguments = _arguments()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(1)
    )  # servers are stopped and data removed on this way out too
    options = Options(Effort(arguments.rounds, arguments.seconds), rows=arguments.rows, cases=arguments.cases)
    machine = facts()
    for name, value in machine.items():
        print(f"{name + ':':<18}{value}")
    lines = list(_measured(arguments.only, options))
    text = report(lines, machine)
    lines_write(lines, BUILD / "bench.json")
    (BUILD / "bench.md").write_text(text)
    print(f"\nWritten: {BUILD}/bench.json, {BUILD}/bench.md")
    if not arguments.only and options.rows == MILLION:
        report_insert(text)
        print(f"Written: {PAGE}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=list(GROUPS), help="one group instead of all")
    parser.add_argument("--rows", type=int, default=MILLION, help="rows of the largest run (default: a million)")
    parser.add_argument("--cases", type=int, default=Options.cases, help="cases of fast against general path")
    parser.add_argument("--rounds", type=int, default=Effort.rounds, help="rounds of each rate")
    parser.add_argument("--seconds", type=float, default=Effort.seconds, help="seconds of each round")
    return parser.parse_args()


def _measured(only: str | None, options: Options) -> Iterator[Line]:
    for name, measure in GROUPS.items():
        if only in {None, name}:
            print(f"\n{name}")
            for line in measure(options):
                print(f"  {line_readable(line)}", flush=True)
                yield line


if __name__ == "__main__":
    main()
