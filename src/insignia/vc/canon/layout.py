"""One order of a template's lines, and the quick way from texts to canonical bytes while that order holds.

All texts of one document stand in one pool: fixed ones, then slots, then labels. A layout knows which of them
follow each other, so that putting a document together is picking and joining.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import add, itemgetter, lt
from typing import TYPE_CHECKING, TypeAlias

from insignia.vc.canon.lines import LABEL, Line, blanks_in, filled, joined, order_of, slots_in

if TYPE_CHECKING:
    from hashlib import _Hash

    from insignia.vc.canon.lines import Token

Pool: TypeAlias = list[bytes]
Pick: TypeAlias = Callable[[Pool], tuple[bytes, ...]]
Arrangement: TypeAlias = "tuple[_Hash, Pool, Pick]"
"""A hashed beginning; the fixed texts after it; how to pick the rest from them and the slots."""

MOST_BEGINNINGS = 1_024
"""How many hashed beginnings one layout keeps."""


class Layout:
    """The order of all lines for some values.

    Args:
        named: lines about things with an address.
        blank: lines about each blank node, by its number.
        inputs: what is hashed of each blank node that has a slot near it, by its number.
        slots: texts of the values whose order this is.
    """

    def __init__(
        self, named: Sequence[Line], blank: Sequence[Sequence[Line]], inputs: dict[int, list[Line]], slots: Pool
    ) -> None:
        self.named = _sorted(named, slots)
        self.blank = [_sorted(lines, slots) for lines in blank]
        self.inputs = {node: _sorted(lines, slots) for node, lines in inputs.items()}
        self._slots = len(slots)
        self._fixed: dict[bytes, int] = {b"": 0}
        head, tail = _halves(joined(self.named))
        checks = [check for lines in self._runs() for check in _checks(lines)]
        sequences = [head, tail, *(joined(lines) for lines in (*self.blank, *self.inputs.values()))]
        compared = [check[:2] for check in checks]
        for token in (token for tokens in (*sequences, *compared) for token in tokens):
            if isinstance(token, bytes):
                self._fixed.setdefault(token, len(self._fixed))
        self._earlier = self._pick([first for first, _second, _end in checks])
        self._later = self._pick([second for _first, second, _end in checks])
        self._ends = [end for _first, _second, end in checks]
        self._head, self._tail = self._pick(head), self._pick(tail)
        self._head_labels = self._pick([token for token in head if isinstance(token, int)])
        self._beginnings: dict[tuple[bytes, ...], _Hash] = {}
        self.arrangements: dict[bytes, Arrangement] = {}
        self._hashed = [(node, self._pick(joined(lines))) for node, lines in self.inputs.items()]
        self._nodes = [self._node(node, joined(lines)) for node, lines in enumerate(self.blank)]
        self.fixed: Pool = list(self._fixed)

    def _runs(self) -> list[list[Line]]:
        return [self.named, *self.blank, *self.inputs.values()]

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

    def fits(self, pool: Pool) -> bool:
        """Say whether the values have this order, and no two lines are one."""
        earlier = map(add, self._earlier(pool)[2:], self._ends)
        return all(map(lt, earlier, map(add, self._later(pool)[2:], self._ends)))

    def hash_nodes(self, pool: Pool, hashes: list[bytes]) -> None:
        """Put the first-degree hash of each blank node with a slot near it in its place."""
        for node, pick in self._hashed:
            hashes[node] = hashlib.sha256(b"".join(pick(pool))).digest()

    def arranged(self, order: Sequence[int], labels: Sequence[bytes]) -> Arrangement:
        """Work out the canonical form for one numbering of the blank nodes.

        Args:
            order: blank nodes as their lines follow each other.
            labels: of each blank node, then of the runs.

        Returns:
            The hashed beginning; the fixed texts after it; how to pick the rest from them and the slots.
        """
        line = joined([*self.named, *(line for node in order for line in self.blank[node])])
        head, tail = _halves(joined([tuple(labels[-1 - t] if isinstance(t, int) and t < 0 else t for t in line)]))
        fixed = {b"": 0}
        for token in tail:
            if isinstance(token, bytes):
                fixed.setdefault(token, len(fixed))
        places = [fixed[token] if isinstance(token, bytes) else len(fixed) + token for token in tail]
        return hashlib.sha256(b"".join(map(bytes, head))), list(fixed), itemgetter(0, 0, *places)

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


def _halves(line: Line) -> tuple[Line, Line]:
    """Part a line before its first slot."""
    place = next((n for n, token in enumerate(line) if isinstance(token, int) and token >= 0), len(line))
    return line[:place], line[place:]
