"""The named moments of the write path, where a test can stop the world and look.

`between` does nothing. The tests that kill a process in the middle of an award put a killer there.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """A moment between two effects of issuing one award."""

    BEFORE_RESERVE = "before-reserve"
    INSIDE_RESERVE = "inside-reserve"
    RESERVED = "reserved"
    SIGNED = "signed"
    INSIDE_FINISH = "inside-finish"
    FINISHED = "finished"


def nothing(_step: Step) -> None:
    """Let the world go on."""


between: Callable[[Step], None] = nothing


def reached(step: Step) -> None:
    """Announce a step."""
    between(step)
