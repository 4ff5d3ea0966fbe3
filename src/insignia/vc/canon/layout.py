"""One order of a template's lines, and the quick way from texts to canonical bytes while that order holds.

All texts of one document stand in one pool: fixed ones, then slots, then labels. A layout knows which of them
follow each other, so that putting a document together is picking and joining.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from insignia.vc.canon.lines import LABEL, Line, blanks_in, filled, joined, order_of, parts_and_places, slots_in
from insignia.vc.canon.quick import Hashing, Numbering
from insignia.vc.errors import ShapeUncompilable

if TYPE_CHECKING:
    from hashlib import _Hash

    from insignia.vc.canon.filling import Before
    from insignia.vc.canon.lines import Token

Pool: TypeAlias = list[bytes]
Pick: TypeAlias = Callable[[Pool], tuple[bytes, ...]]
MOST_BEGINNINGS = 128
"""How many hashed beginnings one layout keeps."""


class Layout:
    """The order of all lines for some values.

    Args:
        named: lines about things with an address.
        blank: lines about each blank node, by its number.
        hashes: the first-degree hash of each blank node, or what is hashed of one that has a slot near it.
        slots: texts of the values whose order this is.
    """

    def __init__(
        self,
        named: Sequence[Line],
        blank: Sequence[Sequence[Line]],
        hashes: Sequence[bytes | list[Line]],
        slots: Pool,
    ) -> None:
        self.named = _sorted(named, slots)
        self.blank = [_sorted(lines, slots) for lines in blank]
        inputs = [found if isinstance(found, bytes) else _sorted(found, slots) for found in hashes]
        self._slots = len(slots)
        self._fixed: dict[bytes, int] = {b"": 0}
        head, tail = _halves(joined(self.named))
        runs = [self.named, *self.blank, *(lines for lines in inputs if not isinstance(lines, bytes))]
        checks = [check for lines in runs for check in _checks(lines)]
        sequences = [head, tail, *map(joined, self.blank)]
        for token in (token for tokens in sequences for token in tokens):
            if isinstance(token, bytes):
                self._fixed.setdefault(token, len(self._fixed))
        self.numbering = Numbering(
            list(_undecided(checks)),
            [found if isinstance(found, bytes) else _hashing(joined(found)) for found in inputs],
        )
        self._head, self._tail = self._pick(head), self._pick(tail)
        self._head_labels = self._pick([token for token in head if isinstance(token, int)])
        self._beginnings: dict[tuple[bytes, ...], _Hash] = {}
        self.arrangements: dict[bytes, Hashing] = {}
        self._nodes = [self._node(node, joined(lines)) for node, lines in enumerate(self.blank)]
        self.fixed: Pool = list(self._fixed)

    def _place(self, token: Token) -> int:
        if isinstance(token, bytes):
            return self._fixed[token]
        return len(self._fixed) + (token if token >= 0 else self._slots - 1 - token)

    def _pick(self, tokens: Sequence[Token]) -> Pick:
        # the two empty texts keep itemgetter from giving something else than a tuple
        return itemgetter(0, 0, *map(self._place, tokens))

    def _node(self, node: int, line: Line) -> Pick | dict[bytes, tuple[bytes, ...]]:
        """Give how to pick the lines about a blank node; when nothing but its own label changes, keep them."""
        if slots_in(line) or blanks_in(line) != {-1 - node}:
            return self._pick(line)
        return {}

    def arranged(self, order: Sequence[int], labels: Sequence[bytes]) -> Hashing:
        """Work out the canonical form for one numbering of the blank nodes.

        Args:
            order: blank nodes as their lines follow each other.
            labels: of each blank node, then of the runs.
        """
        line = joined([*self.named, *(line for node in order for line in self.blank[node])])
        return _hashing(joined([tuple(labels[-1 - t] if isinstance(t, int) and t < 0 else t for t in line)]))

    def digest(self, pool: Pool, order: Sequence[int], labels: Sequence[bytes]) -> bytes:
        """Hash the canonical form; `order` lists blank nodes as their lines follow each other."""
        labelled = self._head_labels(pool)
        beginning = self._beginnings.get(labelled)
        if beginning is None:
            beginning = self._begin(labelled, pool)
        state = beginning.copy()
        state.update(b"".join(self._after(pool, order, labels)))
        return state.digest()

    def _begin(self, labelled: tuple[bytes, ...], pool: Pool) -> _Hash:
        if len(self._beginnings) >= MOST_BEGINNINGS:
            self._beginnings.clear()
        beginning = hashlib.sha256(b"".join(self._head(pool)))
        self._beginnings[labelled] = beginning
        return beginning

    def canonical(self, pool: Pool, order: Sequence[int], labels: Sequence[bytes]) -> bytes:
        """Give the canonical form."""
        return b"".join((*self._head(pool), *self._after(pool, order, labels)))

    def _after(self, pool: Pool, order: Sequence[int], labels: Sequence[bytes]) -> list[bytes]:
        parts = list(self._tail(pool))
        for node in order:
            lines = self._nodes[node]
            if isinstance(lines, dict):
                found = lines.get(labels[node])
                if found is None:
                    found = lines[labels[node]] = (filled(joined(self.blank[node]), (), labels[node]),)
                parts += found
            else:
                parts += lines(pool)
        return parts


def _sorted(lines: Sequence[Line], slots: Pool) -> list[Line]:
    return sorted(lines, key=lambda line: filled(line, slots, LABEL))


def _checks(lines: Sequence[Line]) -> list[tuple[Token, Token, bytes]]:
    found = (order_of(first, second) for first, second in pairwise(lines) if first != second)
    return [check for check in found if check is not None]


def _undecided(checks: Sequence[tuple[Token, Token, bytes]]) -> Iterator[Before]:
    """Give the comparisons that texts decide.

    Raises:
        ShapeUncompilable: two fixed texts are in the wrong order.
    """
    for first, second, end in checks:
        if isinstance(first, int) or isinstance(second, int):
            yield first, second, end
        elif first + end >= second + end:
            raise ShapeUncompilable("Two lines of the graph are one.")


def _hashing(line: Line) -> Hashing:
    """Hash a line without blank nodes as far as it has no slot."""
    head, tail = _halves(line)
    return Hashing(hashlib.sha256(b"".join(map(bytes, head))), *parts_and_places(tail))


def _halves(line: Line) -> tuple[Line, Line]:
    """Part a line before its first slot."""
    place = next((n for n, token in enumerate(line) if isinstance(token, int) and token >= 0), len(line))
    return line[:place], line[place:]
