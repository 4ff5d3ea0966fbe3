"""A fresh installation for one measurement: its own data directory and database, and processes of its own.

Nothing of the platform is loaded in the process that measures; each step is a program in `inside/`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path("build/bench/data")


class StepFailed(Exception):
    """A step in an installation ended with an error; its own words are above."""


@dataclass(frozen=True)
class Installation:
    """Where the installation lies."""

    data: Path
    database_url: str = ""
    origin: str = "https://badges.example"

    @property
    def environment(self) -> dict[str, str]:
        """Give what its processes are told; jobs run where the benchmark runs them, and nowhere else."""
        return {
            "INSIGNIA_DATA": str(self.data),
            "INSIGNIA_DATABASE_URL": self.database_url,
            "INSIGNIA_ORIGIN": self.origin,
            "INSIGNIA_WAKE": "worker",
            "INSIGNIA_LOG": "ERROR",
        }

    def start(self, step: str, **arguments: object) -> subprocess.Popen[str]:
        """Start a step."""
        return subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.inside.{step}", json.dumps(arguments)],
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, step: str, **arguments: object) -> dict[str, Any]:
        """Run a step and give its answer.

        Raises:
            StepFailed: it ended with an error.
        """
        return answer_of(self.start(step, **arguments), step)


def answer_of(process: subprocess.Popen[str], step: str) -> dict[str, Any]:
    """Wait for a step and read its answer, the last line it wrote.

    Raises:
        StepFailed: it ended with an error.
    """
    try:
        written, _ = process.communicate()
    finally:
        process.kill()  # of no effect on one that has ended
    if process.returncode != 0:
        raise StepFailed(f"{step} ended with {process.returncode}.")
    answer: dict[str, Any] = json.loads(written.strip().splitlines()[-1])
    return answer


@contextmanager
def installation(database_url: str = "") -> Iterator[Installation]:
    """Make an installation with schools and a published badge; remove it afterwards."""
    with empty_place() as root:
        made = Installation(root / "data", database_url)
        made.run("found", story=False)
        yield made


@contextmanager
def empty_place() -> Iterator[Path]:
    """Make a directory on the disk of the checkout; remove it afterwards."""
    ROOT.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(dir=ROOT)).resolve()
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)
