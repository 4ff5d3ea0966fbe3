"""The named moments of the write path, where a test can stop the world and look.

`between` does nothing. The tests that kill a process in the middle of an award put a killer there.
A chunk of awards passes the moments of one award, and those of a chunk besides.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias


class Step(StrEnum):
    """A moment between two effects of issuing one award, or the awards of a chunk."""

    BEFORE_RESERVE = "before-reserve"
    INSIDE_RESERVE = "inside-reserve"
    RESERVED = "reserved"
    SIGNED = "signed"
    INSIDE_FINISH = "inside-finish"
    FINISHED = "finished"


class ChunkStep(StrEnum):
    """A moment that only a chunk has: it is leased, takes its indexes first, and its rows are told last."""

    LEASED = "leased"
    INDEXES_TAKEN = "indexes-taken"
    INSIDE_OUTCOMES = "inside-outcomes"
    OUTCOMES_WRITTEN = "outcomes-written"


Moment: TypeAlias = Step | ChunkStep


def nothing(_step: Moment) -> None:
    """Let the world go on."""


between: Callable[[Moment], None] = nothing


def reached(step: Moment) -> None:
    """Announce a step."""
    between(step)
