"""Facts of the machine that bound the figures. No date and no name: the same machine writes the same text."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

from insignia.vc.canon.quick import COMPILED
from tests.with_postgresql import binaries

CPUINFO = Path("/proc/cpuinfo")


def facts() -> dict[str, str]:
    """Give what a reader needs to compare the figures with their own machine's."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "SHA instructions": "yes" if has_sha() else "no",
        "compiled module": "yes" if COMPILED else "no",
        "memory": f"{_memory_gib()} GiB",
        "Python": platform.python_version(),
        "PostgreSQL": _postgresql(),
    }


def has_sha(cpuinfo: str | None = None) -> bool:
    """Say whether the processor hashes SHA-256 by itself: signing needs three of those for each badge."""
    text = _cpuinfo() if cpuinfo is None else cpuinfo
    return bool(re.search(r"^(?:flags|Features)\s*:.*\b(?:sha_ni|sha2)\b", text, re.MULTILINE))


def _cpuinfo() -> str:
    return CPUINFO.read_text() if CPUINFO.exists() else ""


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _cpuinfo(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _postgresql() -> str:
    try:
        command = [str(binaries() / "postgres"), "--version"]
    except FileNotFoundError:
        return "not installed"
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1].strip("()")
