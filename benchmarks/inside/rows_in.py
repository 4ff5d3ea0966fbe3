"""What a registrar does first: bring a table of people, let every row be looked at, start the run if asked."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from benchmarks.inside.found import BADGE, SCHOOL
from benchmarks.inside.step import begin, end, peak_megabytes

T = TypeVar("T")
NAMES = (
    "Itzel Marroquín",
    "Noor Haddad",
    "Mai 木村",
    "Ana O'Neill",
    "Łukasz Żak",
    "Zoë Ñandú",
    "Jo Li",
    "Sáng Lê",
)


def main() -> None:
    """Measure; the answer holds the seconds of each stage and what the dry run found."""
    arguments = begin()
    from insignia.runs.selectors import run_by_id

    table = Path(arguments["table"])
    _table_write(table, arguments["rows"])
    seconds: dict[str, float] = {}
    run_id = _timed(seconds, "rows in", lambda: _read(table))
    _timed(seconds, "dry run", lambda: _looked_at(run_id))
    if arguments["start"]:
        _timed(seconds, "start", lambda: _started(run_id))
    run = run_by_id(run_id)
    end({"run": str(run_id), "seconds": seconds, "due": run.due, "megabytes": peak_megabytes()})


def _timed(seconds: dict[str, float], name: str, work: Callable[[], T]) -> T:
    began = time.perf_counter()
    found = work()
    seconds[name] = time.perf_counter() - began
    return found


def _table_write(path: Path, rows: int) -> None:
    """Write the file that the registrar has; this is not measured."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("Name", "Email", "Student number"))
        for number in range(rows):
            name = f"{NAMES[number % len(NAMES)]} {number}"
            writer.writerow((name, f"learner{number}@quillwater.example", f"Q{number:07}"))


def _read(table: Path) -> UUID:
    from insignia.achievements.models import AchievementVersion
    from insignia.demo.stage import SETUP
    from insignia.runs.readers import file_read
    from insignia.runs.services import run_create

    version = AchievementVersion.objects.get(achievement__slug=BADGE, organization__slug=SCHOOL)
    with table.open("rb") as file:
        found = file_read(file, filename=table.name)
        run = run_create(
            organization=version.organization,
            version=version,
            key=table.name,
            source="file",
            rows=found.rows,
            columns=found.columns,
            actor=SETUP,
            at=datetime.now(UTC),
        )
    return run.public_id


def _looked_at(run_id: UUID) -> None:
    from insignia.demo.stage import SETUP
    from insignia.runs.selectors import run_by_id
    from insignia.runs.services import run_check, run_converge

    run_check(run_id=run_id, actor=SETUP, at=datetime.now(UTC))
    while run_by_id(run_id).state == "checking":
        run_converge(datetime.now(UTC))


def _started(run_id: UUID) -> None:
    from insignia.demo.stage import SETUP
    from insignia.runs.services import run_start

    run_start(run_id=run_id, actor=SETUP, at=datetime.now(UTC))


if __name__ == "__main__":
    main()
