"""Files that are on the disk when the call returns."""

from __future__ import annotations

import os
from pathlib import Path


def file_create(path: Path, content: bytes) -> None:
    """Make a file of mode 0600 that was not there, whole or not at all.

    Raises:
        FileExistsError: it is there; it stays as it is.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    finally:
        temporary.unlink()
    directory_sync(path.parent)


def directory_sync(directory: Path) -> None:
    """Bring the names in a directory to the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
