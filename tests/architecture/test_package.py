"""The package as an installer gets it: with its compiled module where there is a compiler, whole without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
MODULE = f"insignia/vc/canon/compiled{sysconfig.get_config_var('EXT_SUFFIX')}"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a package is built from, and as little more as will do."""
    root = tmp_path_factory.mktemp("sources")
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(
        ROOT / "src/insignia/vc/canon",
        root / "src/insignia/vc/canon",
        ignore=shutil.ignore_patterns("*.so", "__pycache__"),
    )
    return root


def wheel_of(sources: Path, **environment: str) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=sources,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (sources / "dist").glob("*.whl")
    return wheel.rename(sources / wheel.name)


def test_without_a_compiler_it_is_built_all_the_same(sources: Path) -> None:
    wheel = wheel_of(sources, CC="no-such-compiler")

    assert wheel.name.endswith("-py3-none-any.whl")
    with ZipFile(wheel) as package:
        assert "insignia/vc/canon/filling.py" in package.namelist()
        assert not [name for name in package.namelist() if name.endswith(".so")]


@pytest.mark.skipif(
    os.environ.get("CI") != "true" and not shutil.which("cc"), reason="there is no compiler on this machine"
)
def test_with_a_compiler_its_module_is_in_it(sources: Path) -> None:
    where = sources / "src/insignia/vc/canon"
    before = sorted(where.iterdir())
    wheel = wheel_of(sources)

    assert "-none-any" not in wheel.name
    assert sorted(where.iterdir()) == before, "the sources may lie where nobody may write"
    with ZipFile(wheel) as package:
        assert MODULE in package.namelist()
