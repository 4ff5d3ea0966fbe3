"""Files that must be whole or absent after a power cut: written aside, synced, renamed, synced again."""

from __future__ import annotations

import os
from pathlib import Path


def durable_write(path: Path, content: bytes) -> None:
    """Put `content` at `path` and do not return before both are on the disk."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
