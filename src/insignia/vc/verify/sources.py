"""Where a verifier learns what the document does not carry: controller documents, status lists, contexts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from insignia.vc.errors import Unreachable

if TYPE_CHECKING:
    from insignia.vc.contexts import ContextLoader
    from insignia.vc.did import Resolver
    from insignia.vc.verify.known import KnownShapes


class StatusSource(Protocol):
    """Gives the bytes of a status list credential."""

    def fetch(self, url: str) -> bytes:
        """Get the list at this address.

        Raises:
            Unreachable: the network did not answer, or the list was not supplied.
            LimitExceeded: it answered with too much.
        """
        ...


class NoStatusLists:
    """Knows no status list: every status stays undetermined."""

    def fetch(self, url: str) -> bytes:
        """Say that the list is not at hand."""
        raise Unreachable(f"The status list {url[:200]} was not supplied.")


@dataclass(frozen=True)
class Sources:
    """What `verify` may ask; nothing else is ever asked.

    Attributes:
        known_shapes: shapes of documents met before, to check their like sooner; they change no result.
    """

    resolver: Resolver
    status_lists: StatusSource
    loader: ContextLoader
    known_shapes: KnownShapes | None = None
