"""Pure rules of issuing: permanent addresses, the order of slots, when a list is due, names in the record.

Everything named here ends up inside signed documents or in the record, so nothing here may ever change its answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

LIST_VALIDITY = timedelta(days=90)
"""How long one signed list document may be relied on."""
CLOCKS_APART = timedelta(minutes=5)
"""How far the clocks of those who date, sign and read a list may lie apart."""
LIST_TTL_MS = 300_000
"""How long a reader may keep a list before asking again, in milliseconds."""
INTENDED = "signing.intended"
"""What the record calls it when something is about to be signed: of one reservation, or of several together."""
INTENDED_ONE, INTENDED_TOGETHER = "reservation", "reservations"
_ROUNDS = 8


@dataclass(frozen=True)
class Mark:
    """The highest counters seen, by public id of the set (reserved slots) or list (epoch)."""

    reserved: Mapping[str, int] = field(default_factory=dict)
    epochs: Mapping[str, int] = field(default_factory=dict)

    def merged(self, other: Mark) -> Mark:
        """Take the higher of both in every counter."""
        return Mark(_highest(self.reserved, other.reserved), _highest(self.epochs, other.epochs))


def _highest(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in {**one, **other}}


@dataclass(frozen=True)
class IssuerAddresses:
    """Every permanent address of one issuer, computed from its origin and id."""

    origin: str
    issuer_id: UUID

    @property
    def did(self) -> str:
        """Spell the issuer's did:web, path style, with the port's colon escaped (did:web 3.2)."""
        return f"did:web:{urlsplit(self.origin).netloc.replace(':', '%3A')}:issuers:{self.issuer_id}"

    @property
    def profile(self) -> str:
        """Spell the address of the issuer's Profile."""
        return f"{self.origin}/issuers/{self.issuer_id}"

    def key(self, key_id: UUID) -> str:
        """Spell the JWT `kid` of a key: an address that answers one JWK."""
        return f"{self.profile}/keys/{key_id}"

    def method(self, key_id: UUID) -> str:
        """Spell the DID URL of a key's verification method."""
        return f"{self.did}#{key_id}"

    def status_list(self, list_id: UUID) -> str:
        """Spell the address of a status list credential."""
        return f"{self.origin}/status/{list_id}"


def slot_index(counter: int, *, key: bytes, length: int) -> int:
    """Turn the counter-th reservation into an index below `length`, by a keyed permutation.

    A Feistel network over the next even number of bits, walked until it lands inside: every counter
    below `length` gets an index of its own, and without the key the order says nothing.
    """
    return slot_indexes(range(counter, counter + 1), key=key, length=length)[0]


def slot_indexes(counters: range, *, key: bytes, length: int) -> list[int]:
    """Turn a range of reservations into their indexes, in order, each as `slot_index` says."""
    half = ((length - 1).bit_length() + 1) // 2
    rounds = _rounds(key, half)
    return [_walked(counter, rounds=rounds, half=half, length=length) for counter in counters]


def _walked(value: int, *, rounds: tuple[tuple[int, ...], ...], half: int, length: int) -> int:
    mask = (1 << half) - 1
    while True:
        left, right = value >> half, value & mask
        for table in rounds:
            left, right = right, left ^ table[right]
        value = (left << half) | right
        if value < length:
            return value


@lru_cache(maxsize=64)
def _rounds(key: bytes, half: int) -> tuple[tuple[int, ...], ...]:
    """Work out what each round answers to each half, once for a key; an index is eight lookups then."""
    mask = (1 << half) - 1
    return tuple(
        tuple(_round(value, key=key, number=number) & mask for value in range(1 << half))
        for number in range(_ROUNDS)
    )


def _round(value: int, *, key: bytes, number: int) -> int:
    message = number.to_bytes(1, "big") + value.to_bytes(8, "big")
    return int.from_bytes(hashlib.blake2s(message, key=key, digest_size=8).digest(), "big")


def set_length(room: int, *, shortest: int, longest: int) -> int:
    """Choose how long a list should be that so many documents lie in: a power of two, within the bounds."""
    return max(shortest, min(longest, 1 << (room - 1).bit_length()))


def list_is_due(*, published_at: datetime | None, valid_until: datetime | None, at: datetime) -> bool:
    """Tell whether a list should be signed again: never published, half of its life over, or not begun yet.

    One that a wrong clock dated into the future is of no use to anybody until then, and outlives the others.
    """
    if published_at is None or valid_until is None:
        return True
    return published_at > at + CLOCKS_APART or at >= published_at + (valid_until - published_at) / 2


def marks_missing(mark: Mark, now: Mark) -> tuple[str, ...]:
    """Name the counters of the database that the mark has never heard of."""
    return (*(set(now.reserved) - set(mark.reserved)), *(set(now.epochs) - set(mark.epochs)))


def mark_gaps(mark: Mark, now: Mark) -> tuple[str, ...]:
    """Name, in words, every counter that stands lower in the database than it once stood."""
    return (
        *_gaps("slots reserved in set", mark.reserved, now.reserved),
        *_gaps("publications of list", mark.epochs, now.epochs),
    )


def _gaps(what: str, then: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    return [
        f"{what} {name}: {now[name]}, once {count}"
        for name, count in then.items()
        if name in now and now[name] < count
    ]
