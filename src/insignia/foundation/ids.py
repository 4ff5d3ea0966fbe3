"""Public identifiers: UUID version 7 (RFC 9562 section 5.7), by a library since Python 3.11 has none."""

from __future__ import annotations

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Make a time-ordered UUIDv7. An id is a name, never a secret."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
