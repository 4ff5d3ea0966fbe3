"""A run of many awards, end to end: a CSV file in; signed, stored, indexed, recorded, mails queued at the end.

Timed is everything between: reading the file, the dry run of every row, the start, two signatures for each award
and their check, status indexes, the record and its numbers, the outbox. Not timed: making the file, and sending.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from benchmarks import sign
from benchmarks.installation import Installation, StepFailed, answer_of, installation
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
    """List what is measured; `rows` of the largest run. The name of a line always says how many they were."""
    few = min(rows, FEW)
    found = [
        Case(f"batch.sqlite.{_words(few)}", SQLITE, few, 1),
        Case(f"batch.sqlite.{_words(few)}.2-workers", SQLITE, few, 2),
        Case(f"batch.postgresql.{_words(few)}.1-worker", POSTGRESQL, few, 1),
        Case(f"batch.postgresql.{_words(few)}", POSTGRESQL, few, 2),
    ]
    return found if rows == few else [*found, Case(f"batch.postgresql.{_words(rows)}", POSTGRESQL, rows, 2)]


def _words(rows: int) -> str:
    for size, letter in ((MILLION, "m"), (1000, "k")):
        if rows % size == 0:
            return f"{rows // size}{letter}"
    return str(rows)


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
    workers = [where.start("worker", run=found["run"]) for _ in range(case.workers)]
    began = begin_together(workers)
    answers = [answer_of(worker, "worker") for worker in workers]
    seconds["signed, stored, recorded"] = time.perf_counter() - began
    all_require(case, where.run("counted"))
    total = sum(seconds.values())
    return Line(case.name, case.rows / total, "1/s", RAW_SIGNING, raw_rate, note=_note(case, seconds, answers))


def begin_together(workers: Sequence[subprocess.Popen[str]]) -> float:
    """Let workers begin once all of them stand ready, as those of a running installation do; say when."""
    for worker in workers:
        assert worker.stdout is not None
        if not worker.stdout.readline():
            raise StepFailed("A worker ended before it began.")
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    return began


def _note(case: Case, seconds: dict[str, float], answers: list[dict[str, Any]]) -> str:
    stages = ", ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items())
    memory = " and ".join(f"{answer['megabytes']:.0f} MB" for answer in answers)
    halfway = " and ".join(f"{answer['halfway']:.0f}" for answer in answers)
    workers = "1 worker" if case.workers == 1 else f"{case.workers} workers"
    each = sum(answer["processor"] for answer in answers) / case.rows * 1e6
    return f"{workers}: {stages}; {each:.0f} µs of worker an award; most memory {memory} (halfway {halfway})"


def all_require(case: Case, counts: dict[str, int]) -> None:
    """Hold what is there after a run against its rows.

    Raises:
        RowsLost: something is missing or doubled.
    """
    wanted = {name: 0 if name == "unnumbered" else case.rows for name in counts}
    if counts != wanted:
        raise RowsLost(f"{case.name}: after {case.rows:,} rows there are {counts}.")
