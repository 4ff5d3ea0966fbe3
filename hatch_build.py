"""Build the kernel's one compiled module where there is a compiler; everything works without it, only slower."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from Cython.Build import cythonize
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError, ExecError, PlatformError

SOURCE = Path("src/insignia/vc/canon/compiled.pyx")
NAME = "insignia.vc.canon.compiled"


class CompiledModule(BuildHookInterface[Any]):
    """Puts the module into a wheel; of an editable installation, beside its source."""

    _where: TemporaryDirectory[str]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, or leave it out and say so."""
        self._where = TemporaryDirectory()
        source = Path(self.root) / SOURCE
        try:
            made = _compiled(source, Path(self._where.name))
            if version == "editable":
                _replace(made, beside=source)
        except (CCompilerError, ExecError, PlatformError, OSError) as error:
            self.app.display_warning(f"without its compiled module, which needs a C compiler: {error}")
            return
        if version == "standard":
            build_data["pure_python"], build_data["infer_tag"] = False, True
            build_data["force_include"][str(made)] = f"insignia/vc/canon/{made.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  - the hook's form
        """Leave nothing behind."""
        self._where.cleanup()


def _compiled(source: Path, where: Path) -> Path:
    extensions = cythonize([Extension(NAME, [str(source)])], build_dir=str(where), quiet=True)
    command = build_ext(Distribution({"name": "insignia", "ext_modules": extensions}))
    command.build_lib, command.build_temp = str(where / "lib"), str(where / "temp")
    command.ensure_finalized()
    command.run()
    return Path(command.get_ext_fullpath(NAME))


def _replace(made: Path, *, beside: Path) -> None:
    for old in beside.parent.glob("compiled.*.so"):
        old.unlink()
    shutil.copy(made, beside.parent)
