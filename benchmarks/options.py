"""How much to measure."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.measuring import Effort

MILLION = 1_000_000


@dataclass(frozen=True)
class Options:
    """What the command line says; groups read what concerns them."""

    effort: Effort = field(default_factory=Effort)
    rows: int = MILLION
    inputs: int = 500
    load_seconds: float = 20
