"""What a template does for each document: put texts in their places, hash, put blank nodes in order.

The classes of `compiled` do the same with the same arguments; `quick` chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from hashlib import _Hash

FORM = 1
"""Raised with every change of what these classes take or give: a compiled module of another form is left aside."""
Before: TypeAlias = tuple[int | bytes, int | bytes, bytes]
"""Two texts, each a fixed one or the number of one that is filled in, and the letter that ends both: with it, the
first has to sort before the second."""


class Filling:
    """Bytes with places: the first part, a text, the next part, and so on.

    Args:
        parts: one more than places.
        places: for each place, which of the texts goes there.
    """

    def __init__(self, parts: Sequence[bytes], places: Sequence[int]) -> None:
        if len(parts) != len(places) + 1 or min(places, default=0) < 0:
            raise ValueError("There is one part more than places, and places are counted from 0.")
        # a format of bytes and an itemgetter are the quickest that Python has for this
        self._format = b"%b".join(part.replace(b"%", b"%%") for part in parts)
        self._pick: Callable[[list[bytes]], Any] = itemgetter(*places) if places else lambda _texts: ()

    def fill(self, texts: list[bytes]) -> bytes:
        """Give the bytes with the texts in their places.

        Raises:
            IndexError: there are fewer texts than places ask for.
            TypeError: something else than bytes.
        """
        filled: bytes = self._format % self._pick(texts)
        return filled


class Hashing:
    """A SHA-256 hash that has begun, and what comes after it.

    Args:
        begun: what was hashed of the beginning; it stays as it is.
        parts: as a filling's.
        places: as a filling's.
    """

    def __init__(self, begun: _Hash, parts: Sequence[bytes], places: Sequence[int]) -> None:
        self._begun, self._filling = begun, Filling(parts, places)

    def digest(self, texts: list[bytes]) -> bytes:
        """Hash on, with the texts in their places.

        Raises:
            IndexError, TypeError: as `Filling.fill` does.
        """
        state = self._begun.copy()
        state.update(self._filling.fill(texts))
        return state.digest()


class Numbering:
    """The order of blank nodes by their first-degree hashes (RDFC-1.0, 4.4.3), while that of the lines holds.

    Args:
        comparisons: what must hold for the lines to be in this order.
        hashes: of each blank node, 32 bytes; for a node with a text near it, how to work it out.
    """

    def __init__(self, comparisons: Sequence[Before], hashes: Sequence[bytes | Hashing]) -> None:
        self._below: list[tuple[int, bytes, bytes]] = []
        self._above: list[tuple[int, bytes, bytes]] = []
        self._apart: list[tuple[int, int, bytes]] = []
        for first, second, end in comparisons:
            if min((token for token in (first, second) if not isinstance(token, bytes)), default=-1) < 0:
                raise ValueError("Two fixed texts need no comparison, and slots are counted from 0.")
            if isinstance(second, bytes):
                self._below.append((int(first), end, second + end))
            elif isinstance(first, bytes):
                self._above.append((second, end, first + end))
            else:
                self._apart.append((first, second, end))
        self._hashes = [found if isinstance(found, bytes) else b"" for found in hashes]
        self._hashings = [(node, found) for node, found in enumerate(hashes) if not isinstance(found, bytes)]
        self._nodes = range(len(hashes))

    def fits(self, texts: list[bytes]) -> bool:
        """Say whether the lines have this order with these texts, and no two of them are one."""
        for slot, end, bound in self._below:
            if texts[slot] + end >= bound:
                return False
        for slot, end, bound in self._above:
            if texts[slot] + end <= bound:
                return False
        for first, second, end in self._apart:  # noqa: SIM110  - a generator would cost as much as the rest
            if texts[first] + end >= texts[second] + end:
                return False
        return True

    def order(self, texts: list[bytes]) -> bytes | None:
        """Give the nodes' numbers as they follow each other; None when the texts do not fit or two are alike."""
        if not self.fits(texts):
            return None
        hashes = self._hashes.copy()
        for node, hashing in self._hashings:
            hashes[node] = hashing.digest(texts)
        if len(set(hashes)) < len(hashes):
            return None
        return bytes(sorted(self._nodes, key=hashes.__getitem__))
