"""A framework's tree as a flat run of steps, so that a template draws any depth with one loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from insignia.frameworks.selectors import ItemLine, TreeNode

OPEN_UP_TO = 12
"""Items a branch may hold to stand open at first."""


@dataclass(frozen=True)
class Step:
    """One step: `branch` opens a disclosure, `leaf` is an item without children, `end` closes the last branch."""

    kind: str
    item: ItemLine | None = None
    badges: int = 0
    below: int = 0
    open: bool = False


def steps_of(nodes: Sequence[TreeNode], badges: Mapping[UUID, int]) -> Iterator[Step]:
    """Walk the tree in its order. Without recursion: a file may be 40 levels deep."""
    alone = len(nodes) == 1
    waiting: list[TreeNode | None] = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        if node is None:
            yield Step("end")
            continue
        count = badges.get(node.item.public_id, 0)
        if not node.children:
            yield Step("leaf", node.item, count)
            continue
        yield Step("branch", node.item, count, len(node.children), alone and len(node.children) <= OPEN_UP_TO)
        alone = False
        waiting += [None, *reversed(node.children)]
