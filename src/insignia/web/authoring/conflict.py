"""Two authors at once: what differs, field by field, and what each of them wrote. Nothing is ever overwritten."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import QueryDict

from insignia.web.authoring.paths import Json, value_at, value_set

TAKE = "take:"


@dataclass(frozen=True)
class Difference:
    """One field that two authors left differently, and who of them changed it at all, as far as that is known."""

    path: str
    mine: Json
    theirs: Json
    untouched: bool
    """This author did not change it: their text is right."""
    alone: bool
    """Only this author changed it: my text is right."""


def differences(mine: Json, theirs: Json, base: Json) -> list[Difference]:
    """Compare two states of a screen; `base` is what the author of `mine` began from, or None where unknown."""
    return [
        Difference(
            path,
            one,
            other,
            untouched=base is not None and _same(value_at(base, path), one),
            alone=base is not None and _same(value_at(base, path), other),
        )
        for path, one, other in _leaves(mine, theirs, "")
    ]


def merged(mine: Json, found: list[Difference]) -> Json:
    """Give `mine` with every field that only the other author changed."""
    together = copy.deepcopy(mine)
    for one in found:
        if one.untouched:
            value_set(together, one.path, one.theirs)
    return together


def _same(one: Json, other: Json) -> bool:
    return bool(one == other or (not one and not other))


def _leaves(mine: Json, theirs: Json, path: str) -> Iterator[tuple[str, Json, Json]]:
    if _same(mine, theirs):
        return
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for name in dict.fromkeys([*mine, *theirs]):
            yield from _leaves(mine.get(name), theirs.get(name), f"{path}.{name}" if path else name)
    elif _same_rows(mine, theirs):
        for place, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            yield from _leaves(one, other, f"{path}[{place}]")
    else:
        yield path, mine, theirs


def _same_rows(mine: Json, theirs: Json) -> bool:
    """Whether both are the same rows in the same order, so that they can be compared one by one."""
    return isinstance(mine, list) and isinstance(theirs, list) and bool(_ids(mine)) and _ids(mine) == _ids(theirs)


def _ids(rows: list[Json]) -> list[str]:
    return [row["id"] for row in rows if isinstance(row, dict)]


def choices_applied(mine: Json, theirs: Json, post: QueryDict) -> Json:
    """Give `mine` with each field for which the author chose the other text."""
    chosen = copy.deepcopy(mine)
    for name, value in post.items():
        if name.startswith(TAKE) and value == "theirs":
            path = name.removeprefix(TAKE)
            value_set(chosen, path, value_at(theirs, path))
    return chosen
