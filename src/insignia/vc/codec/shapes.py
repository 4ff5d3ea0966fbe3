"""How each field of the model is written in JSON, worked out once from its type."""

from __future__ import annotations

import types
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

_NAMES = {"context": "@context"}


@dataclass(frozen=True)
class Shape:
    """One field: `node` is the class of nested objects, or None; `many` means an array; `text` means strings."""

    field: str
    member: str
    required: bool
    many: bool
    text: bool
    flag: bool
    number: bool
    node: type[Any] | None


_SHAPES: dict[type[Any], tuple[Shape, ...]] = {}


def shapes_of(model: type[Any]) -> tuple[Shape, ...]:
    """List the fields of a model class in the order they are written, without `extra`."""
    if model not in _SHAPES:
        hints = get_type_hints(model)
        known = [field.name for field in fields(model) if field.name != "extra"]
        _SHAPES[model] = tuple(_shape(name, hints[name]) for name in known)
    return _SHAPES[model]


def _shape(name: str, hint: Any) -> Shape:  # noqa: ANN401  - type hints have no common type
    options = _options(hint)
    required = type(None) not in options
    many = any(get_origin(option) is tuple for option in options)
    leaves = [get_args(option)[0] if get_origin(option) is tuple else option for option in options]
    node = next((leaf for leaf in leaves if is_dataclass(leaf)), None)
    return Shape(
        field=name,
        member=_NAMES.get(name) or _camel(name),
        required=required and not (many and name not in {"type", "context"}),
        many=many,
        text=str in leaves,
        flag=bool in leaves,
        number=float in leaves,
        node=node if isinstance(node, type) else None,
    )


def _options(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401  - as above
    if get_origin(hint) in (Union, types.UnionType):
        return get_args(hint)
    return (hint,)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
