"""The public halves of all our keys, kept beside the mark with when each was retired or withdrawn.

A database put back from a backup has forgotten keys made since, and that older ones were given up. This file has
not: `recover` reads it, so that a withdrawn key never signs again and what a newer one signed goes on verifying.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from insignia.issuing.durable import durable_write, locked


@dataclass(frozen=True)
class KeptKey:
    """One public key and whose it is. Ids are public ids."""

    public_id: UUID
    issuer_id: UUID
    algorithm: str
    public_jwk: dict[str, Any]
    public_multibase: str
    created_at: datetime
    retired_at: datetime | None = None
    compromised_at: datetime | None = None

    def merged(self, other: KeptKey) -> KeptKey:
        """Keep whichever says first that the key was given up; neither is ever taken back."""
        return replace(
            self,
            retired_at=_first(self.retired_at, other.retired_at),
            compromised_at=_first(self.compromised_at, other.compromised_at),
        )


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def keys_path() -> Path:
    """Name the file; it belongs to this machine and never into a backup of the database."""
    return Path(settings.INSIGNIA_DATA) / "public-keys.json"


def keys_kept() -> list[KeptKey]:
    """Read the keys, oldest first; none where this machine kept none yet."""
    try:
        raw = json.loads(keys_path().read_bytes())
    except FileNotFoundError:
        return []
    return [_read(one) for one in raw["keys"]]


def keys_add(keys: Iterable[KeptKey]) -> None:
    """Keep these keys too, and do not return before they are on the disk."""
    with locked(keys_path()) as path:
        before = keys_kept()
        merged = {one.public_id: one for one in before}
        for one in keys:
            merged[one.public_id] = merged.get(one.public_id, one).merged(one)
        after = sorted(merged.values(), key=lambda one: (one.created_at, one.public_id))
        if after != before:
            durable_write(path, json.dumps({"keys": [asdict(one) for one in after]}, default=_text).encode())


def _text(value: UUID | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(raw: dict[str, Any]) -> KeptKey:
    ids = {name: UUID(raw[name]) for name in ("public_id", "issuer_id")}
    times = {
        name: datetime.fromisoformat(raw[name]) if raw[name] else None
        for name in ("created_at", "retired_at", "compromised_at")
    }
    return KeptKey(**{**raw, **ids, **times})
