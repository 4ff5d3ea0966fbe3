"""The high-water mark: how far this installation's counters ever got, kept outside the database.

A restored database is the past. It would hand out used indexes again and un-revoke what was revoked, so
nothing is reserved, signed or published while the database is behind this file.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from insignia.issuing.rules import Mark


def mark_path() -> Path:
    """Name the file; it belongs to this machine and never into a backup."""
    return Path(settings.INSIGNIA_DATA) / "mark.json"


def mark_read() -> Mark | None:
    """Read the mark; None when this machine has none."""
    try:
        raw = json.loads(mark_path().read_bytes())
    except FileNotFoundError:
        return None
    return Mark(reserved=raw["reserved"], epochs=raw["epochs"])


def mark_advance(higher: Mark) -> None:
    """Raise the mark to at least `higher` and do not return before it is on the disk."""
    with _locked(mark_path()) as path:
        known = mark_read() or Mark()
        merged = known.merged(higher)
        if merged != known or not path.exists():
            _write(path, {"reserved": dict(merged.reserved), "epochs": dict(merged.epochs)})


@contextmanager
def _locked(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _write(path: Path, content: Mapping[str, Mapping[str, int]]) -> None:
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(content, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
