"""Tags of the editor: a field is named by its path in the content (`{% load authoring %}`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from insignia.web.authoring.paths import Json, html_id, value_at
from insignia.web.authoring.sheet import Line, Sheet, paths_shown, place_said, rows_of

register = template.Library()


@register.simple_tag
def marks(sheet: Sheet, path: str) -> dict[str, Any]:
    """Give what stands beside a field: its id, its error, its live checks."""
    name = html_id(path)
    found: list[Line] = sheet.marks.get(name, [])
    return {"id": name, "error": sheet.wrong.get(name, ""), "lines": found}


@register.inclusion_tag("authoring/text.html")
def text(
    sheet: Sheet, path: str, label: str, hint: str = "", rows: int = 0, *, optional: bool = False
) -> dict[str, Any]:
    """Draw one text in each language, side by side; `rows` 0 is a single line."""
    value = value_at(sheet.data, path) or {}
    boxes = [
        {
            "path": f"{path}.{tag}",
            "language": tag,
            "language_name": name,
            "value": value.get(tag, "") if isinstance(value, Mapping) else "",
            **marks(sheet, f"{path}.{tag}"),
        }
        for tag, name in sheet.languages
    ]
    return {"boxes": boxes, "label": label, "hint": hint, "rows": rows, "optional": optional, "id": html_id(path)}


@register.inclusion_tag("authoring/number.html")
def number(sheet: Sheet, path: str, label: str, hint: str = "") -> dict[str, Any]:
    """Draw a field for a number."""
    value = value_at(sheet.data, path)
    return {
        "path": path,
        "label": label,
        "hint": hint,
        "value": "" if value is None else value,
        **marks(sheet, path),
    }


@register.inclusion_tag("authoring/choice.html")
def choice(
    sheet: Sheet, path: str, label: str, choices: Iterable[tuple[str, str]], hint: str = "", kind: str = "radio"
) -> dict[str, Any]:
    """Draw one choice: radios or a select; `choices` are pairs of value and words."""
    value = value_at(sheet.data, path) or ""
    return {
        "path": path,
        "label": label,
        "choices": choices,
        "hint": hint,
        "kind": kind,
        "value": value,
        **marks(sheet, path),
    }


@register.inclusion_tag("authoring/order.html")
def order(path: str, what: str, loop: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the buttons that move or remove a row."""
    return {"path": path, "what": what, "first": loop["first"], "last": loop["last"]}


@register.inclusion_tag("authoring/beside.html")
def beside(sheet: Sheet, path: str) -> dict[str, Any]:
    """Draw the place beside a field where errors and live checks appear."""
    return {**marks(sheet, path)}


@register.inclusion_tag("authoring/all_beside.html")
def all_beside(sheet: Sheet) -> dict[str, Any]:
    """Draw every such place of a screen anew, to be swapped in while somebody types."""
    return {"places": [marks(sheet, path) for path in paths_shown(sheet)]}


@register.simple_tag
def rows(sheet: Sheet, path: str) -> Iterable[Json]:
    """Give the rows at a path, each with its own `path`."""
    return rows_of(sheet.data, path)


@register.simple_tag
def place(sheet: Sheet, path: str) -> str:
    """Say where a field is."""
    return place_said(path, sheet.data)


@register.filter
def dom_id(path: str) -> str:
    """Give the id of the element that holds a field."""
    return html_id(path)


@register.filter
def shown(value: Json) -> list[str]:
    """Spell one side of a difference as lines of text, however it is built."""
    if isinstance(value, Mapping):
        return [line for part in value.values() for line in shown(part)]
    if isinstance(value, list):
        return [" · ".join(shown(part)) for part in value]
    return [str(value)] if value not in (None, "", False) else []
