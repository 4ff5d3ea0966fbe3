"""A field's address in the content: `rubric.criteria[0].levels[1].title.en`. It is also the name of its input."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

Json = Any
"""One value of the content's JSON."""

LONGEST_PLACE = 9
"""Digits; a number of thousands of them is not even read."""

_STEP = re.compile(r"([a-z_A-Z-]+)|\[(\d{1,9})\]")
_BREAKS = re.compile(r"[\[\].: ]+")


def steps_of(path: str) -> list[str | int]:
    """Split a path into names and places."""
    return [name or int(place) for name, place in _STEP.findall(path)]


def value_at(root: Json, path: str) -> Json:
    """Give the value at a path, or None where there is nothing."""
    value = root
    for step in steps_of(path):
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def value_set(root: Json, path: str, value: Json) -> None:
    """Put a value at a path whose parent exists; anything else is left as it is."""
    steps = steps_of(path)
    if not steps:
        return
    *before, last = steps
    parent = root
    for step in before:
        if isinstance(step, int):
            parent = parent[step] if isinstance(parent, list) and step < len(parent) else None
        else:
            parent = parent.get(step) if isinstance(parent, dict) else None
    named = isinstance(parent, dict) and isinstance(last, str)
    if named or (isinstance(parent, list) and isinstance(last, int) and last < len(parent)):
        parent[last] = value


def place_in(text: str, rows: Sequence[Json]) -> int | None:
    """Read the place of a row from a form; None where there is no such row."""
    place = int(text) if text.isdecimal() and len(text) <= LONGEST_PLACE else None
    return place if place is not None and place < len(rows) else None


def html_id(path: str) -> str:
    """Give the id of the element that holds a field."""
    return "f-" + _BREAKS.sub("-", path).strip("-")


def parents_of(path: str) -> Iterator[str]:
    """Give the path itself, then each shorter one: `name.en`, `name`."""
    while path:
        yield path
        cut = max(path.rfind("."), path.rfind("["))
        path = path[:cut] if cut > 0 else ""
