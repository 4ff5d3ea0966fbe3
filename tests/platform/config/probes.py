"""Jobs that write down when they ran and in which process, for tests of the engines with real processes."""

from __future__ import annotations

import fcntl
import os
import time
from datetime import datetime
from pathlib import Path

LONG_SECONDS = 0.4
DIARY = "diary"


def note(what: str) -> None:
    """Append one line, whole, with the time that all processes of this machine share."""
    with Path(os.environ["INSIGNIA_DATA"], DIARY).open("a") as diary:
        fcntl.flock(diary, fcntl.LOCK_EX)
        diary.write(f"{what} {os.getpid()} {os.getppid()} {time.monotonic_ns()}\n")


def together(at: datetime) -> None:
    """Take a while; other workers may be at it too."""
    note("together-begins")
    time.sleep(LONG_SECONDS)
    note("together-ends")


def alone(at: datetime) -> None:
    """Take a while; no other worker may be at it."""
    note("alone-begins")
    time.sleep(LONG_SECONDS)
    note("alone-ends")
