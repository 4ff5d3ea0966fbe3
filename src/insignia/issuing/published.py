"""Copies of our newest published status lists, kept beside the mark and outside the database.

A database put back from a backup has forgotten its last revocations. These files have not: `recover` reads them.
The epoch is part of a copy's name, so a slow publisher that writes late can never stand for the newest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from insignia.issuing.durable import durable_write


@dataclass(frozen=True)
class Copy:
    """Where one published list is kept. `set_id` and `list_id` are public ids."""

    set_id: UUID
    list_id: UUID
    purpose: str
    epoch: int

    @property
    def path(self) -> Path:
        """Name the file."""
        return published_directory() / str(self.set_id) / f"{self.purpose}.{self.list_id}.{self.epoch}.json"


def published_directory() -> Path:
    """Name the directory; it belongs to this machine and never into a backup of the database."""
    return Path(settings.INSIGNIA_DATA) / "published"


def copy_keep(copy: Copy, document: bytes) -> None:
    """Keep a published list, then remove the copies of its earlier epochs."""
    copy.path.parent.mkdir(parents=True, exist_ok=True)
    durable_write(copy.path, document)
    for other in copies_kept():
        if other.list_id == copy.list_id and other.epoch < copy.epoch:
            other.path.unlink(missing_ok=True)


def copies_kept() -> Iterator[Copy]:
    """Walk the copies on this machine, each list's lower epochs first."""
    found = [_copy(path) for path in published_directory().glob("*/*.*.*.json")]
    yield from sorted(found, key=lambda copy: (str(copy.list_id), copy.epoch))


def _copy(path: Path) -> Copy:
    purpose, list_id, epoch, _ = path.name.split(".")
    return Copy(UUID(path.parent.name), UUID(list_id), purpose, int(epoch))
