"""The public page of an award, with its story and its checks, under load from a real server on this machine."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.installation import Installation, empty_place
from benchmarks.load import Load, percentile
from benchmarks.options import Options
from benchmarks.results import TARGET, Line
from benchmarks.servers import free_port, insignia

RATE = 200
WARM_SECONDS = 3
TARGET_SECONDS = 0.05
SHARES = {"pages.award.p50": 0.5, "pages.award.p95": 0.95, "pages.award.p99": 0.99}


class PageRefused(Exception):
    """The server did not answer 200 to every request."""


def measure(options: Options) -> Iterator[Line]:
    """Serve an award's page with `insignia run` and visit it 200 times a second."""
    port = free_port()
    with empty_place() as root:
        where = Installation(root / "data", origin=f"http://localhost:{port}")
        path = where.run("found", story=True)["path"]
        with insignia(["run"], port=port, environment=where.environment) as address:
            Load(address + path, RATE / 10, WARM_SECONDS).run()
            load = Load(address + path, RATE, options.load_seconds)
            load.run()
    if load.refused:
        raise PageRefused(f"{len(load.refused)} requests were not answered with 200: {set(load.refused)}")
    note = f"{RATE} requests a second for {options.load_seconds:.0f} s, answered {load.kept_up:.0f} a second"
    for name, share in SHARES.items():
        yield Line(name, percentile(load.seconds_taken, share), "s", TARGET, TARGET_SECONDS, note=note)
