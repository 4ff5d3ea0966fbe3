"""A worker: carries the run on and numbers the record, as a background worker does, until nothing is left."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from benchmarks.inside.step import begin, end, peak_megabytes

JOBS = ("runs.converge", "audit.sequence")


def main() -> None:
    """Work; the answer holds the most memory held, halfway and at the end."""
    arguments = begin()
    from insignia.foundation.wake import job_named
    from insignia.runs.selectors import run_by_id

    run_id = UUID(arguments["run"])
    halfway = 0.0
    while (run := run_by_id(run_id)).state == "running":
        for name in JOBS:
            job_named(name)(datetime.now(UTC))
        if run.issued <= run.due // 2:
            halfway = peak_megabytes()
    job_named("audit.sequence")(datetime.now(UTC))
    end({"halfway": halfway, "megabytes": peak_megabytes()})


if __name__ == "__main__":
    main()
