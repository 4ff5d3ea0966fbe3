"""How the chain is computed: plain values in, bytes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785

GENESIS = bytes(32)


def moment(at: datetime) -> str:
    """Write a moment the one way the chain knows it: UTC, microseconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_bytes(entry: Mapping[str, Any]) -> bytes:
    """Write an entry's facts as canonical JSON (RFC 8785)."""
    return rfc8785.dumps(dict(entry))


def link_hash(number: int, previous: bytes, entry: bytes) -> bytes:
    """Chain one entry: SHA-256 over its number, the hash before it and the hash of its bytes."""
    return hashlib.sha256(number.to_bytes(8, "big") + previous + hashlib.sha256(entry).digest()).digest()
