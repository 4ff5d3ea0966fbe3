"""A worker: carries the run on and numbers the record, as a background worker does, until nothing is left.

It says when it is ready and begins at the first line it is sent.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from uuid import UUID

from benchmarks.inside.step import begin, end, peak_megabytes

JOBS = ("runs.converge", "audit.sequence")


def main() -> None:
    """Work; the answer holds the most memory held, halfway and at the end, and the seconds of processor time."""
    arguments = begin()
    from insignia.foundation.jobs import job_named
    from insignia.runs.selectors import run_by_id

    run_id = UUID(arguments["run"])
    run_by_id(run_id)
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.process_time()
    halfway = 0.0
    while (run := run_by_id(run_id)).state == "running":
        for name in JOBS:
            job_named(name)(datetime.now(UTC))
        if run.issued <= run.due // 2:
            halfway = peak_megabytes()
    job_named("audit.sequence")(datetime.now(UTC))
    end({"halfway": halfway, "megabytes": peak_megabytes(), "processor": time.process_time() - begun})


if __name__ == "__main__":
    main()
