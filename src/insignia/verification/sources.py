"""Where a check learns keys and status: from our own database first, from outside only for others."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from insignia.foundation.fetch import Fetcher
from insignia.issuing.sources import OwnIssuers, OwnStatusLists
from insignia.vc.contexts import ContextLoader
from insignia.vc.did import ChainResolver, KeyResolver, WebResolver
from insignia.vc.errors import Unreachable
from insignia.vc.limits import DEFAULT_LIMITS
from insignia.vc.open import FetchedLists
from insignia.vc.verify import KnownShapes, Sources

if TYPE_CHECKING:
    from insignia.vc.verify import StatusSource


class FirstAnswer:
    """Asks one source of status lists after the other; the first that has the list answers."""

    def __init__(self, *sources: StatusSource) -> None:
        self._sources = sources

    def fetch(self, url: str) -> bytes:
        """Give the list at this address.

        Raises:
            Unreachable, LimitExceeded: what the last source said.
        """
        last = Unreachable("No source of status lists was given.")
        for source in self._sources:
            try:
                return source.fetch(url)
            except Unreachable as error:
                last = error
        raise last


def sources_for(fetcher: Fetcher) -> Sources:
    """Give what one verification may ask; `fetcher` bounds how much."""
    return Sources(
        resolver=ChainResolver(KeyResolver(), OwnIssuers(), WebResolver(fetcher.fetch)),
        status_lists=FirstAnswer(OwnStatusLists(), FetchedLists(fetcher.fetch)),
        loader=known_contexts(),
        known_shapes=known_shapes(),
    )


@cache
def known_contexts() -> ContextLoader:
    """Give the loader that all checks of this process share."""
    return ContextLoader()


@cache
def known_shapes() -> KnownShapes:
    """Give the shapes of documents that this process has met."""
    return KnownShapes(known_contexts(), DEFAULT_LIMITS)
