"""One demo, played twice in a row for all tests of this folder."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.platform.demo.processes import insignia


@dataclass(frozen=True)
class Played:
    """A demo that was played twice in `folder`: its own data beside what it left in build/demo."""

    folder: Path
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]

    @property
    def left(self) -> Path:
        """Give the folder of the badge's files."""
        return self.folder / "build" / "demo"

    @property
    def data(self) -> Path:
        """Give the demo's data directory. Copy it before changing anything."""
        return self.folder / "world"

    def copy(self, target: Path) -> Path:
        """Copy the demo's data directory."""
        shutil.copytree(self.data, target)
        return target


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the demo twice in a row, in a folder of its own; several test processes share one."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, runs = shared / "demo", shared / "demo-runs.pickle"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not runs.exists():
            folder.mkdir()
            found = [insignia("demo", "--no-serve", "--data", "world", cwd=folder) for _ in range(2)]
            runs.write_bytes(pickle.dumps(found))
    first, second = pickle.loads(runs.read_bytes())  # noqa: S301  - written above, by this very test run
    return Played(folder, first, second)
