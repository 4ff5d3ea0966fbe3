"""What a benchmark found: lines with a value, what it is compared with, and the ratio."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RAW_SIGNING = "PyNaCl Ed25519 signing, one core"
RAW_VERIFYING = "PyNaCl Ed25519 verification, one core"
TARGET = "target"


@dataclass(frozen=True)
class Line:
    """One figure. `unit` is `s` or `1/s`; `spread` is the width of the middle half, as a share of the value."""

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    spread: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """Give value over peer value."""
        return self.value / self.peer_value

    def to_json(self) -> dict[str, str | float]:
        """Write the line as `build/bench.json` lists it."""
        return {
            "name": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": _short(self.peer_value),
            "ratio": _short(self.ratio),
        }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def lines_write(lines: Sequence[Line], path: Path) -> None:
    """Write the lines as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([line.to_json() for line in lines], indent=2) + "\n")


def readable(value: float, unit: str) -> str:
    """Write a figure for people: `12,345/s`, `0.84 s`, `7.1 ms`."""
    if unit == "1/s":
        return f"{value:,.0f}/s" if value >= 100 else f"{value:.1f}/s"
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.1f} s"


def line_readable(line: Line) -> str:
    """Write a line for the terminal."""
    spread = "" if line.spread is None else f"±{line.spread * 50:.0f}%"
    value = readable(line.value, line.unit)
    return f"{line.name:<42} {value:>12} {spread:>5}   {line.ratio:>8.3f} of {line.peer}" + (
        f"  ({line.note})" if line.note else ""
    )


def table(lines: Sequence[Line]) -> str:
    """Write the lines as a Markdown table."""
    rows = ["| what | value | spread | ratio | compared with | |", "|---|--:|--:|--:|---|---|"]
    for line in lines:
        spread = "" if line.spread is None else f"±{line.spread * 50:.0f}%"
        compared = f"{line.peer}: {readable(line.peer_value, line.unit)}"
        cells = (
            f"`{line.name}`",
            readable(line.value, line.unit),
            spread,
            f"{line.ratio:.3g}",
            compared,
            line.note,
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"
