"""The written report: a table between two markers of a page that explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.results import Line, table

PAGE = Path("docs/reference/benchmarks.md")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


class MarkersMissing(Exception):
    """The page has no place for the table."""


def report(lines: Sequence[Line], facts: Mapping[str, str]) -> str:
    """Write what goes between the markers: the machine, then the table."""
    machine = ", ".join(f"{name}: {value}" for name, value in facts.items())
    return f"Measured on this machine: {machine}.\n\n{table(lines)}"


def report_insert(text: str, page: Path = PAGE) -> None:
    """Put the text between the markers of a page, in place of what is there.

    Raises:
        MarkersMissing: the page has not both of them, in order.
    """
    whole = page.read_text()
    before, begin, rest = whole.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise MarkersMissing(f"{page} has no place for the table: {BEGIN} and {END}.")
    page.write_text(f"{before}{BEGIN}\n{text}{END}{after}")
