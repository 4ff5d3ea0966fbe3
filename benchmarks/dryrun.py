"""The dry run of a file of 50,000 people: read, stored, every row looked at and classed."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.installation import Installation, installation
from benchmarks.options import Options
from benchmarks.results import TARGET, Line
from benchmarks.servers import production_postgresql

NAME = "dryrun.50k"
ROWS = 50_000
TARGET_SECONDS = 10


def measure(options: Options) -> Iterator[Line]:
    """Do it on SQLite, the embedded default, and on PostgreSQL."""
    with installation() as embedded:
        yield _line(NAME, embedded, options)
    try:
        with production_postgresql() as url, installation(url) as served:
            yield _line(f"{NAME}.postgresql", served, options)
    except FileNotFoundError as error:
        print(f"{NAME}.postgresql: left out. {error}")


def _line(name: str, where: Installation, options: Options) -> Line:
    rows = min(ROWS, options.rows)
    found = where.run("rows_in", rows=rows, start=False, table=str(where.data.parent / "people.csv"))
    if found["due"] != rows:
        raise RuntimeError(f"Of {rows} rows only {found['due']} were found due.")
    seconds = found["seconds"]
    fewer = "" if rows == ROWS else f"only {rows:,} rows; "
    note = fewer + ", ".join(f"{stage} {taken:.1f} s" for stage, taken in seconds.items())
    return Line(name, sum(seconds.values()), "s", TARGET, TARGET_SECONDS, note=note)
