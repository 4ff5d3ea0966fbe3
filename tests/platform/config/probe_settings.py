"""Settings of an installation whose jobs are probes. Where nothing sweeps them, each run comes from a hint."""

from __future__ import annotations

import os

from insignia.config.settings import *  # noqa: F403  - as for an installation

INSIGNIA_JOBS = {
    "probe.together": "tests.platform.config.probes:together",
    "probe.alone": "tests.platform.config.probes:alone",
}
INSIGNIA_JOBS_TOGETHER = frozenset({"probe.together"})
INSIGNIA_LANES = (frozenset({"probe.alone"}),)  # type: ignore[assignment]  # an installation has more
INSIGNIA_SWEEP_SECONDS = 1.0 if os.environ.get("PROBE_SWEEPS") == "1" else float("inf")
