"""Rows an author adds, removes and moves: outcomes, criteria, levels, evidence. Each is one POST, no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from insignia.achievements.rules import content_id
from insignia.web.authoring.paths import Json, place_in, value_at

LEVEL_NAMES = (
    {"en": "Beginning", "es": "Inicial"},
    {"en": "Proficient", "es": "Competente"},
    {"en": "Advanced", "es": "Avanzado"},
)
"""What the levels of a new criterion are called until the author says otherwise."""


def row_change(data: Json, command: str, languages: Sequence[str]) -> str:
    """Carry out `add outcomes`, `remove outcomes[1]`, `up ...` or `down ...`; give the path to look at next.

    A command that names nothing changes nothing and gives "".
    """
    verb, _space, path = command.partition(" ")
    if verb == "add":
        return _added(data, path, languages)
    changes: dict[str, Callable[[list[Json], int], int]] = {"remove": _removed, "up": _up, "down": _down}
    name, _bracket, last = path.rpartition("[")
    rows = value_at(data, name)
    place = place_in(last.rstrip("]"), rows) if isinstance(rows, list) else None
    if verb not in changes or place is None:
        return ""
    now = changes[verb](rows, place)
    if name.endswith("levels"):
        _points_in_order(rows)
    references_clean(data)
    return f"{name}[{now}]" if rows else name


def references_clean(data: Json) -> None:
    """Forget references to outcomes and levels that are gone."""
    outcomes = {row["id"] for row in data["outcomes"]}
    for row in data["rubric"]["criteria"]:
        if row["outcome_id"] not in outcomes:
            row["outcome_id"] = ""
        if row["required_level_id"] not in {level["id"] for level in row["levels"]}:
            row["required_level_id"] = ""


def _added(data: Json, path: str, languages: Sequence[str]) -> str:
    rows = value_at(data, path)
    kind = path.rpartition(".")[2]
    if not isinstance(rows, list) or kind not in {"outcomes", "criteria", "levels", "requirements"}:
        return ""
    new: dict[str, Callable[[], Json]] = {
        "outcomes": _outcome,
        "requirements": _requirement,
        "criteria": lambda: _criterion(data, languages),
        "levels": lambda: _level({}, 1 + max((level["points"] for level in rows), default=-1)),
    }
    rows.append(new[kind]())
    return f"{path}[{len(rows) - 1}]"


def _outcome() -> Json:
    return {"id": content_id(), "statement": {}}


def _requirement() -> Json:
    return {
        "id": content_id(),
        "name": {},
        "description": {},
        "genre": "",
        "kinds": ["file", "link"],
        "required": True,
    }


def _level(title: dict[str, str], points: int) -> Json:
    return {"id": content_id(), "title": title, "description": {}, "points": points}


def _criterion(data: Json, languages: Sequence[str]) -> Json:
    judged = {row["outcome_id"] for row in data["rubric"]["criteria"]}
    free = [row["id"] for row in data["outcomes"] if row["id"] not in judged]
    levels = [
        _level(
            {language: names[language.split("-")[0]] for language in languages if language[:2] in names}, points
        )
        for points, names in enumerate(LEVEL_NAMES)
    ]
    return {
        "id": content_id(),
        "outcome_id": free[0] if free else "",
        "title": {},
        "description": {},
        "critical": False,
        "weight": 1,
        "levels": levels,
        "required_level_id": levels[1]["id"],
    }


def _removed(rows: list[Json], place: int) -> int:
    del rows[place]
    return max(0, place - 1)


def _up(rows: list[Json], place: int) -> int:
    to = max(0, place - 1)
    rows.insert(to, rows.pop(place))
    return to


def _down(rows: list[Json], place: int) -> int:
    to = min(len(rows) - 1, place + 1)
    rows.insert(to, rows.pop(place))
    return to


def _points_in_order(levels: list[Json]) -> None:
    """A higher level has more points, wherever it came from."""
    for level, points in zip(levels, sorted(level["points"] for level in levels), strict=True):
        level["points"] = points
