"""A run of many awards, end to end: a CSV file in; signed, stored, indexed, recorded, mails queued at the end.

Timed is everything between: reading the file, the dry run of every row, the start, two signatures for each award
and their check, status indexes, the record and its numbers, the outbox. Not timed: making the file, and sending.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from benchmarks import sign
from benchmarks.installation import Installation, answer_of, installation
from benchmarks.options import MILLION, Options
from benchmarks.results import RAW_SIGNING, Line
from benchmarks.servers import production_postgresql

FEW = 10_000
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Case:
    """One line: where, how many rows, how many workers."""

    name: str
    database: str
    rows: int
    workers: int


class RowsLost(Exception):
    """After the run something is missing or doubled."""


def cases(rows: int) -> list[Case]:
    """List what is measured; `rows` stands for the million where less is asked for."""
    few = min(rows, FEW)
    return [
        Case("batch.sqlite.10k", SQLITE, few, 1),
        Case("batch.sqlite.10k.2-workers", SQLITE, few, 2),
        Case("batch.postgresql.10k.1-worker", POSTGRESQL, few, 1),
        Case("batch.postgresql.10k", POSTGRESQL, few, 2),
        Case("batch.postgresql.1m", POSTGRESQL, rows, 2),
    ]


def measure(options: Options) -> Iterator[Line]:
    """Measure each case on a database of its own."""
    raw_rate = sign.raw_rate(options)
    for case in cases(options.rows):
        try:
            with _database(case.database) as url, installation(url) as where:
                yield _line(case, where, raw_rate)
        except FileNotFoundError as error:
            print(f"{case.name}: left out. {error}")


def _database(kind: str) -> AbstractContextManager[str]:
    return production_postgresql() if kind == POSTGRESQL else nullcontext("")


def _line(case: Case, where: Installation, raw_rate: float) -> Line:
    found = where.run("rows_in", rows=case.rows, start=True, table=str(where.data.parent / "people.csv"))
    seconds = found["seconds"]
    began = time.perf_counter()
    workers = [where.start("worker", run=found["run"]) for _ in range(case.workers)]
    answers = [answer_of(worker, "worker") for worker in workers]
    seconds["signed, stored, recorded"] = time.perf_counter() - began
    _require_all(case, where.run("counted"))
    total = sum(seconds.values())
    return Line(case.name, case.rows / total, "1/s", RAW_SIGNING, raw_rate, note=_note(case, seconds, answers))


def _note(case: Case, seconds: dict[str, float], answers: list[dict[str, Any]]) -> str:
    stages = ", ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items())
    memory = " and ".join(f"{answer['megabytes']:.0f} MB" for answer in answers)
    halfway = " and ".join(f"{answer['halfway']:.0f}" for answer in answers)
    fewer = "" if case.rows in {FEW, MILLION} else f"only {case.rows:,} rows; "
    workers = "1 worker" if case.workers == 1 else f"{case.workers} workers"
    return f"{fewer}{workers}: {stages}; most memory {memory} (halfway {halfway})"


def _require_all(case: Case, counts: dict[str, int]) -> None:
    wanted = {name: 0 if name == "unnumbered" else case.rows for name in counts}
    if counts != wanted:
        raise RowsLost(f"{case.name}: after {case.rows:,} rows there are {counts}.")
