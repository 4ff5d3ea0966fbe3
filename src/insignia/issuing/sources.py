"""What this installation knows by itself, for signing and verifying: never a request to anybody."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from insignia.issuing.selectors import own_document
from insignia.vc.contexts import ContextLoader
from insignia.vc.did import parse_controller_document
from insignia.vc.errors import Unreachable

if TYPE_CHECKING:
    from insignia.vc.did import ControllerDocument


@cache
def context_loader() -> ContextLoader:
    """Give the one loader of known contexts."""
    return ContextLoader()


class OwnIssuers:
    """Resolves the DIDs and Profile addresses of our own issuers; a `Resolver`."""

    def resolve(self, identifier: str) -> ControllerDocument:
        """Give the controller document of one of our issuers.

        Raises:
            Unreachable: it is nobody of ours; ask the next resolver.
        """
        found = own_document(identifier)
        if not isinstance(found, dict):
            raise Unreachable(f"{identifier[:200]} is not an issuer of this installation.")
        return parse_controller_document(found)


class IssuersOfOneLook:
    """Resolves what `OwnIssuers` resolves, each identifier once: for a look at many documents."""

    def __init__(self) -> None:
        self._asked = cache(OwnIssuers().resolve)

    def resolve(self, identifier: str) -> ControllerDocument:
        """Give the controller document as it was when it was first asked for.

        Raises:
            Unreachable: it is nobody of ours.
        """
        return self._asked(identifier)


class OwnStatusLists:
    """Gives our own published status lists; a `StatusSource`."""

    def fetch(self, url: str) -> bytes:
        """Give a list as it was signed last.

        Raises:
            Unreachable: it is not one of ours; ask the next source.
        """
        found = own_document(url)
        if not isinstance(found, bytes):
            raise Unreachable(f"{url[:200]} is not a status list of this installation.")
        return found
