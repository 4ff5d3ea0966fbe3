"""Public identifiers: UUID version 7 (RFC 9562 section 5.7), by a library since Python 3.11 has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from uuid import UUID


def new_id() -> UUID:
    """Make a time-ordered UUIDv7. An id is a name, never a secret."""
    return uuid7()
