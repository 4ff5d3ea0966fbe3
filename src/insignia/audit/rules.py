"""How the chain is computed: plain values in, bytes out."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any, NamedTuple
from uuid import UUID

import rfc8785

GENESIS = bytes(32)
EXACT = 2**53
"""Whole numbers from here on are no longer written exactly by everybody; RFC 8785 refuses them."""
_plain_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Facts(NamedTuple):
    """The facts of an entry that the chain covers, named and ordered as its columns."""

    public_id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    action: str
    subject_kind: str
    subject_id: UUID
    organization_id: UUID | None
    old: dict[str, Any]
    new: dict[str, Any]
    sealed_personal: bytes | None


def moment(at: datetime) -> str:
    """Write a moment the one way the chain knows it: UTC, microseconds, Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def entry_bytes(facts: Facts) -> bytes:
    """Write an entry's facts as canonical JSON (RFC 8785), by hand: the names stand in their order.

    Sealed values count by their hash, so that the chain holds after they were erased.
    """
    sealed = facts.sealed_personal
    personal = "" if sealed is None else hashlib.sha256(bytes(sealed)).hexdigest()
    text = encode_basestring
    return (
        f'{{"action":{text(facts.action)},'
        f'"actor":[{text(facts.actor_kind)},"{facts.actor_id or ""}",{text(facts.actor_name)}],'
        f'"at":"{moment(facts.at)}",'
        f'"id":"{facts.public_id}",'
        f'"new":{_canonical(facts.new)},'
        f'"old":{_canonical(facts.old)},'
        f'"organization":"{facts.organization_id or ""}",'
        f'"personal":"{personal}",'
        f'"subject":[{text(facts.subject_kind)},"{facts.subject_id}"]}}'
    ).encode()


def _canonical(value: dict[str, Any]) -> str:
    """Write a value as RFC 8785 asks; the standard library does it for what has no fractions and ASCII names."""
    if not value:
        return "{}"
    return _plain_json(value) if _is_plain(value) else rfc8785.dumps(value).decode()


def _is_plain(value: Any) -> bool:  # noqa: ANN401  - any JSON value
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(inner) for key, inner in value.items())
    if kind is list:
        return all(map(_is_plain, value))
    if kind is int:
        return bool(-EXACT < value < EXACT)
    return kind is str or kind is bool or value is None


def link_hash(number: int, previous: bytes, entry: bytes) -> bytes:
    """Chain one entry: SHA-256 over its number, the hash before it and the hash of its bytes."""
    return hashlib.sha256(number.to_bytes(8, "big") + previous + hashlib.sha256(entry).digest()).digest()
