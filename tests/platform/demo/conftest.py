"""One demo, played once (twice, in fact) for all tests of this folder."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser import *  # noqa: F403  - pytest finds fixtures by name in this module
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
    """Play the demo twice in a row, in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    first = insignia("demo", "--no-serve", "--data", "world", cwd=folder)
    second = insignia("demo", "--no-serve", "--data", "world", cwd=folder)
    return Played(folder, first, second)
