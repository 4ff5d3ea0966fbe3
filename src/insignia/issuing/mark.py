"""The high-water mark: how far this installation's counters ever got, kept outside the database.

A restored database is the past. It would hand out used indexes again and un-revoke what was revoked, so
nothing is reserved, signed or published while the database is behind this file.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from insignia.issuing.durable import durable_write, locked
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
    with locked(mark_path()) as path:
        known = mark_read() or Mark()
        merged = known.merged(higher)
        if merged != known or not path.exists():
            _write(path, merged)


def mark_forget(*, sets: Collection[str], lists: Collection[str]) -> None:
    """Drop sets and lists that nothing here knows any more, so that others can go on. Only recovery does so."""
    with locked(mark_path()) as path:
        known = mark_read() or Mark()
        reserved = {name: count for name, count in known.reserved.items() if name not in sets}
        epochs = {name: count for name, count in known.epochs.items() if name not in lists}
        _write(path, Mark(reserved, epochs))


def mark_replace(mark: Mark) -> None:
    """Put another mark in the place of this one, lower or not. Only a signer that was told to does so."""
    with locked(mark_path()) as path:
        _write(path, mark)


def _write(path: Path, mark: Mark) -> None:
    content = {"reserved": dict(mark.reserved), "epochs": dict(mark.epochs)}
    durable_write(path, json.dumps(content, sort_keys=True).encode())
