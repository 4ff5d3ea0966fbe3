"""Canonical forms with holes: the RDFC-1.0 form of all documents that differ in some texts only.

The general path is run on a specimen with marked slots; what it says becomes lines with holes. For new texts only
the hashes of blank nodes near a slot are computed again (RDFC-1.0, 4.6), the nodes numbered by them, the lines put
in order. That is all of RDFC-1.0 as long as no two blank nodes share a first-degree hash and no text changes what
the graph says; whenever one might, nothing is given, and the general path answers.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from insignia.vc.canon.layout import Layout
from insignia.vc.canon.lines import LABEL, blanks_in, filled, joined, masked, slots_in
from insignia.vc.errors import ShapeUncompilable
from insignia.vc.limits.values import MIB

if TYPE_CHECKING:
    from insignia.vc.canon.layout import Pool
    from insignia.vc.canon.lines import Line, Token
    from insignia.vc.canon.quick import Hashing

# Absolute addresses that expansion gives back as they are, and that every RDF library takes: no other scheme,
# since a context may define it as a prefix; no letter outside ASCII, no percent sign, at most one fragment.
ADDRESS = (
    r"(?:https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/|urn:[a-z][a-z0-9-]*:|did:[a-z][a-z0-9]*:)"
    r"[A-Za-z0-9._~/:-]*(?:#[A-Za-z0-9._~/:-]*)?"
)
# Text that JSON and N-Quads both write as it is.
PLAIN_TEXT = r"[^\x00-\x1f\x22\x5c\x7f\ud800-\udfff\ufffe\uffff]+"

_ADDRESS = re.compile(ADDRESS)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)},
    **{ord(letter): f"\\{name}" for letter, name in zip('\b\t\n\f\r"\\', 'btnfr"\\', strict=True)},
}

MOST_BLANKS = 64
MOST_LAYOUTS = 32
MOST_ARRANGEMENTS = 512
"""How many numberings of blank nodes a template keeps ready; one that can have more works each out anew."""
KEPT_BYTES = 2 * MIB
"""How much text a template keeps ready for each of the two; of one with long texts there are fewer."""


class GraphTemplate:
    """The canonical form of every document of one shape.

    Args:
        lines: the graph, with slots and blank nodes as tokens.

    Attributes:
        ends: the character that ends each slot's text.
        size: bytes of the fixed texts.
        repeats: in how many lines one slot is at most.

    Raises:
        ShapeUncompilable: two blank nodes are alike, or there are too many.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = tuple(lines)
        self._count = len(frozenset[int]().union(*(blanks_in(line) for line in lines)))
        if self._count > MOST_BLANKS:
            raise ShapeUncompilable(f"The document has more than {MOST_BLANKS} things without an address.")
        self.ends = _ends(self.lines)
        self._hashes = [self._hash(node) for node in range(self._count)]
        self._runs: list[list[int]] = []
        self._distinct = self._with_runs()
        self._labels = [b"%d " % number for number in range(self._count)]
        self._reading = sorted(range(self._count), key=self._labels.__getitem__)
        self._layouts: list[Layout] = []
        self.size = sum(len(token) for line in self.lines for token in line if isinstance(token, bytes))
        self.repeats = max(Counter(slot for line in self.lines for slot in slots_in(line)).values(), default=0)
        room = KEPT_BYTES // max(self.size, 1)
        self._most_layouts, self._most_arrangements = (
            max(1, min(most, room)) for most in (MOST_LAYOUTS, MOST_ARRANGEMENTS)
        )
        near_slots = sum(not isinstance(found, bytes) for found in self._hashes)
        # in how many ways the nodes near slots can fall among the others
        self._few_orders = math.perm(self._count, near_slots) <= MOST_ARRANGEMENTS

    def _hash(self, node: int) -> bytes | list[Line]:
        """Give a blank node's first-degree hash, or what is hashed of it where slots are among that."""
        lines = [masked(line, -1 - node) for line in self.lines if -1 - node in blanks_in(line)]
        if any(slots_in(line) for line in lines):
            return lines
        return hashlib.sha256(b"".join(sorted(filled(line, ()) for line in lines))).digest()

    def _with_runs(self) -> tuple[Line, ...]:
        """Give equal lines about several blank nodes one token each that stands for their labels in order."""
        alike: dict[Line, list[Line]] = defaultdict(list)
        for line in self.lines:
            alike[line[:-2] if _names_blank(line) else line].append(line)
        replaced: list[Line] = []
        token = -1 - self._count
        for start, lines in alike.items():
            if len(lines) == 1:
                replaced += lines
                continue
            self._runs.append([-1 - int(line[-2]) for line in lines])
            replaced += [(*start, token - number, lines[0][-1]) for number in range(len(lines))]
            token -= len(lines)
        return tuple(replaced)

    def render(self, values: Sequence[str]) -> Pool | None:
        """Write values as slots' texts; None when one is nothing that a template may take."""
        found = []
        for value, end in zip(values, self.ends, strict=True):
            if end == b">":
                if not _ADDRESS.fullmatch(value):
                    return None
                found.append(value.encode())
            elif _UNWRITABLE.search(value):
                return None
            else:
                found.append(value.translate(_ESCAPED).encode())
        return found

    def digest(self, slots: Pool) -> bytes | None:
        """Hash the canonical form (SHA-256); None when the general path must judge.

        Args:
            slots: from `render`; what comes after the last slot's text is passed over.
        """
        ordered = self._ordered(slots)
        if ordered is None:
            return None
        layout, order = ordered
        if not self._few_orders:
            return layout.digest(*self._labelled(layout, slots, order))
        found = layout.arrangements.get(order)
        if found is None:
            _pool, reading, labels = self._labelled(layout, slots, order)
            found = layout.arranged(reading, labels)
            self._keep(layout, order, found)
        return found.digest(slots)

    def _keep(self, layout: Layout, key: bytes, found: Hashing) -> None:
        if sum(len(known.arrangements) for known in self._layouts) >= self._most_arrangements:
            for known in self._layouts:
                known.arrangements = {}
        layout.arrangements[key] = found

    def canonical(self, slots: Pool) -> bytes | None:
        """Give the canonical form; None as in `digest`."""
        ordered = self._ordered(slots)
        return None if ordered is None else ordered[0].canonical(*self._labelled(ordered[0], slots, ordered[1]))

    def _ordered(self, slots: Pool) -> tuple[Layout, bytes] | None:
        """Find the order of the lines, and of the blank nodes by their hashes; None when it is not clear."""
        layouts = self._layouts
        if layouts and (order := layouts[0].numbering.order(slots)) is not None:
            return layouts[0], order
        layout = self._layout(slots[: len(self.ends)])
        order = layout.numbering.order(slots)
        return None if order is None else (layout, order)  # none: two lines are one, or two nodes alike

    def _labelled(self, layout: Layout, slots: Pool, order: bytes) -> tuple[Pool, list[int], list[bytes]]:
        """Number the blank nodes: give the pool with labels, the nodes in reading order, the labels."""
        labels = self._labels.copy()
        for node, label in zip(order, self._labels, strict=True):
            labels[node] = label
        labels += [label for run in self._runs for label in sorted([labels[node] for node in run])]
        return layout.fixed + slots[: len(self.ends)] + labels, [order[rank] for rank in self._reading], labels

    def _layout(self, slots: Pool) -> Layout:
        """Find the layout of these values among the known ones, or make it; it is the first to be tried next."""
        for layout in self._layouts:
            if layout.numbering.fits(slots):
                self._layouts = [layout, *(other for other in self._layouts if other is not layout)]
                return layout
        about: dict[Token, list[Line]] = defaultdict(list)
        for line in self._distinct:
            about[line[1] if line[0] == LABEL else b""].append(line)
        named, blank = about[b""], [about[-1 - node] for node in range(self._count)]
        made = Layout(named, blank, self._hashes, slots)
        if made.numbering.fits(slots):
            self._layouts = [made, *self._layouts[: self._most_layouts - 1]]
        return made


def _names_blank(line: Line) -> bool:
    """Say whether a line's object is a blank node."""
    return line[-1] == b".\n"


def _ends(lines: Sequence[Line]) -> tuple[bytes, ...]:
    """Give the character that ends each slot's text."""
    tokens = joined(lines)
    found = {
        token: b">" if bytes(tokens[place - 1]).endswith(b"<") else b'"'
        for place, token in enumerate(tokens)
        if isinstance(token, int) and token >= 0
    }
    return tuple(found[slot] for slot in range(len(found)))
