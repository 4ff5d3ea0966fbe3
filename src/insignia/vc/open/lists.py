"""Where status lists come from: handed in with the credential, or fetched by what the caller gives for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from insignia.vc.errors import StatusListMalformed
from insignia.vc.limits import parse_object
from insignia.vc.verify import NoStatusLists

if TYPE_CHECKING:
    from insignia.vc.verify import StatusSource

ACCEPT = "application/vc, application/vc+ld+json, application/ld+json, application/json"


class SuppliedLists:
    """Answers with lists that the caller supplies, each under its own id.

    A list is free to have no id; if exactly one of those was supplied, it is the answer to every address, and
    the verifier sees by its purpose whether it was meant.

    Args:
        lists: the bytes of status list credentials.
        otherwise: who is asked for a list that was not supplied.

    Raises:
        VcError: one of them is not JSON, or two have one id.
    """

    def __init__(self, lists: Sequence[bytes], *, otherwise: StatusSource | None = None) -> None:
        self._named: dict[str, bytes] = {}
        self._nameless: list[bytes] = []
        self._otherwise = otherwise or NoStatusLists()
        for raw in lists:
            self._take(raw, parse_object(raw).get("id"))

    def _take(self, raw: bytes, name: object) -> None:
        if not isinstance(name, str):
            self._nameless.append(raw)
        elif self._named.setdefault(name, raw) != raw:
            raise StatusListMalformed(f"Two different status lists say that they are {name[:200]}.")

    def fetch(self, url: str) -> bytes:
        """Get the list at this address.

        Raises:
            Unreachable: it was not supplied, and nobody else gave it.
            LimitExceeded: somebody else gave too much.
        """
        if url in self._named:
            return self._named[url]
        if len(self._nameless) == 1:
            return self._nameless[0]
        return self._otherwise.fetch(url)


class FetchedLists:
    """Fetches lists with a function of (address, media types)."""

    def __init__(self, fetch: Callable[[str, str], bytes]) -> None:
        self._fetch = fetch

    def fetch(self, url: str) -> bytes:
        """Get the list at this address.

        Raises:
            Unreachable: it did not answer.
            LimitExceeded: it answered with too much, or too late.
        """
        return self._fetch(url, ACCEPT)
