"""Install what the tests need besides Python: a browser, a PostgreSQL server, Redis, a PKCS#11 device.

`prepare_machine.py compiler` installs only what compiles the kernel's one compiled module, before all else.

As root it installs Debian's packages; otherwise it says the one command that does. With CI=true a missing one is
an error, never a silent skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

# Chromium's engine without the frame around it: the tests of pages take half the time.
QUICK_BROWSER = "chromium-headless-shell"


def has_browser() -> bool:
    return any(shutil.which(name) for name in (QUICK_BROWSER, "chromium", "chromium-browser", "google-chrome"))


def has_postgresql() -> bool:
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_device() -> bool:
    return bool(shutil.which("softhsm2-util"))


def has_redis() -> bool:
    return bool(shutil.which("redis-server"))


def has_compiler() -> bool:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    return bool(shutil.which(compiler)) and (Path(sysconfig.get_path("include")) / "Python.h").exists()


def missing_packages(what: str) -> list[str]:
    if what == "compiler":
        return [] if has_compiler() else ["gcc", f"python3.{sys.version_info.minor}-dev"]
    wanted = {
        QUICK_BROWSER: has_browser(),
        "postgresql": has_postgresql(),
        "redis-server": has_redis(),
        "softhsm2": has_device(),
    }
    return [package for package, there in wanted.items() if not there]


def install(packages: list[str], *, must: bool = True) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    sys.stdout.write(f"install: {' and '.join(packages)} for the tests (Debian packages; a minute or two)\n")
    sys.stdout.flush()
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        subprocess.run(command, check=must, stdout=subprocess.DEVNULL, env=environment)


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else "everything"
    missing = missing_packages(what)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        if missing:
            install(missing)
        elif what == "everything" and not shutil.which(QUICK_BROWSER):
            install([QUICK_BROWSER], must=False)  # the browser that is there does too, only slower
        return
    if not missing:
        return
    sentence = f"For every test, install what is missing: sudo apt-get install {' '.join(missing)}"
    if os.environ.get("CI") == "true":
        sys.exit(sentence)
    sys.stdout.write(sentence + " (tests that need it are skipped until then)\n")


if __name__ == "__main__":
    main()
