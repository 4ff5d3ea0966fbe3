"""Where a check learns keys and status: from our own database first, from outside only for others."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from insignia.foundation.fetch import Fetcher
from insignia.issuing.selectors import own_document
from insignia.vc.codec import serialize
from insignia.vc.contexts import ContextLoader
from insignia.vc.did import (
    ChainResolver,
    ControllerDocument,
    KeyResolver,
    WebResolver,
    parse_controller_document,
)
from insignia.vc.errors import Unreachable
from insignia.vc.open import FetchedLists
from insignia.vc.verify import Sources

if TYPE_CHECKING:
    from insignia.vc.verify import StatusSource


class OwnResolver:
    """Answers for the issuers of this installation; an installation never asks itself over the network."""

    def resolve(self, identifier: str) -> ControllerDocument:
        """Give the document of one of our issuers.

        Raises:
            Unreachable: the identifier is not ours.
        """
        document = own_document(identifier)
        if not isinstance(document, dict):
            raise Unreachable(f"{identifier[:200]} is no issuer of this installation.")
        return parse_controller_document(document)


class OwnLists:
    """Answers for our own status lists, and asks `otherwise` for everybody else's."""

    def __init__(self, otherwise: StatusSource) -> None:
        self._otherwise = otherwise

    def fetch(self, url: str) -> bytes:
        """Give the list at this address.

        Raises:
            Unreachable, LimitExceeded: it is somebody else's, and did not come.
        """
        document = own_document(url)
        if isinstance(document, dict):
            return serialize(document)
        return document if document is not None else self._otherwise.fetch(url)


def sources_for(fetcher: Fetcher) -> Sources:
    """Give what one verification may ask; `fetcher` bounds how much."""
    return Sources(
        resolver=ChainResolver(KeyResolver(), OwnResolver(), WebResolver(fetcher.fetch)),
        status_lists=OwnLists(FetchedLists(fetcher.fetch)),
        loader=known_contexts(),
    )


@cache
def known_contexts() -> ContextLoader:
    """Give the loader that all checks of this process share."""
    return ContextLoader()
