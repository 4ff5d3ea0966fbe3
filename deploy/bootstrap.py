"""Make `.venv` and put the locked installer (uv) into it; uses nothing but Python's standard library.

Debian's python3 comes without `ensurepip`; where it is missing this installs `python3-venv` when it may,
and otherwise says the one command that does.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
INSTALLER = Path("requirements/installer.txt")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def install_venv_package() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"Python has no ensurepip here; then run make again: sudo apt-get install {package}")
    say(f"install: {package} (Debian's Python comes without it)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Insignia needs Python 3.11 or newer; make PY=/path/to/python3.11 chooses one.")
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_package()
    if not (VENV / "bin" / "python").exists():
        say("install: a virtual environment in .venv")
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip = [str(VENV / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(INSTALLER)], check=True)


if __name__ == "__main__":
    main()
