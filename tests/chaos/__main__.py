"""Play a round on each database and print what is there afterwards; exit with 1 on any finding.

ROWS (100,000), KILLS (1,000), SEED and DATABASES ("sqlite postgresql") are settable by the environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.with_postgresql import server

REPOSITORY = Path(__file__).parents[2]


def played(database: str) -> int:
    """Play one round in a data directory of its own; give its exit code."""
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="insignia-chaos-"))
        url = stack.enter_context(server(options="")) if database == "postgresql" else ""
        environment = {
            **os.environ,
            "INSIGNIA_DATA": data,
            "INSIGNIA_DATABASE_URL": url,
            "INSIGNIA_ORIGIN": "https://badges.example.org",
            "INSIGNIA_WAKE": "worker",
            "INSIGNIA_LOG": "CRITICAL",  # what dies complains
            "PYTHONPATH": os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "src"))),
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "tests.chaos.round", database]
        return subprocess.run(command, env=environment, cwd=REPOSITORY, check=False).returncode


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as an exception, so that the server is stopped too
    codes = [played(database) for database in os.environ.get("DATABASES", "sqlite postgresql").split()]
    sys.exit(max(codes))
