"""Status lists: one more entry set in a list of a million, until the new signed list is what everybody gets."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.installation import Installation, installation
from benchmarks.measuring import Samples
from benchmarks.options import MILLION, Options
from benchmarks.results import TARGET, Line
from benchmarks.servers import production_postgresql

NAME = "status.1m"
TARGET_SECONDS = 0.1
CHANGES = 10


def measure(options: Options) -> Iterator[Line]:
    """Change and publish on SQLite, the embedded default, and on PostgreSQL."""
    with installation() as embedded:
        yield _line(NAME, embedded, options)
    try:
        with production_postgresql() as url, installation(url) as served:
            yield _line(f"{NAME}.postgresql", served, options)
    except FileNotFoundError as error:
        print(f"{NAME}.postgresql: left out. {error}")


def _line(name: str, where: Installation, options: Options) -> Line:
    entries = min(options.rows, MILLION)
    found = where.run("status_list", entries=entries, changes=CHANGES)
    samples = Samples(tuple(found["seconds"]))
    note = f"{found['length']:,} entries, 2% of them set"
    return Line(name, samples.median, "s", TARGET, TARGET_SECONDS, samples.spread, note)
