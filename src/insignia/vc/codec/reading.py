"""Reading JSON into values: a single value counts as a set of one, unknown members are kept."""

from __future__ import annotations

from typing import Any

from insignia.vc.codec.shapes import Shape, shapes_of
from insignia.vc.errors import MalformedCredential
from insignia.vc.model import Credential
from insignia.vc.model.json import Json, JsonObject

_TOO_LARGE = 10**300  # no credits are; and Python raises where a float cannot hold an integer


def from_json(document: JsonObject) -> Credential:
    """Read an OpenBadgeCredential.

    Raises:
        MalformedCredential: a required member is missing, or one has another shape; `data["pointer"]` says
            which.
    """
    credential = _read(Credential, document, "")
    if not isinstance(credential, Credential):
        raise MalformedCredential("The document is no credential.")
    return credential


def _read(model: type[Any], value: Json, pointer: str) -> Any:  # noqa: ANN401  - any class of the model
    if not isinstance(value, dict):
        raise MalformedCredential(f"The value at {pointer or '/'} is not an object.", pointer=pointer)
    shapes = shapes_of(model)
    found: dict[str, Any] = {}
    for shape in shapes:
        if shape.member in value:
            found[shape.field] = _member(shape, value[shape.member], f"{pointer}/{shape.member}")
        elif shape.required:
            raise MalformedCredential(f"{shape.member} is missing at {pointer or '/'}.", pointer=pointer)
    known = {shape.member for shape in shapes}
    return model(**found, extra={key: member for key, member in value.items() if key not in known})


def _member(shape: Shape, value: Json, pointer: str) -> Any:  # noqa: ANN401  - as above
    if not shape.many:
        return _one(shape, value, pointer)
    values = value if isinstance(value, list) else [value]
    return tuple(_one(shape, one, f"{pointer}/{number}") for number, one in enumerate(values))


def _one(shape: Shape, value: Json, pointer: str) -> Any:  # noqa: ANN401  - as above
    if shape.text and isinstance(value, str):
        return value
    if shape.flag and isinstance(value, bool):
        return value
    if shape.number and isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _TOO_LARGE:
        return float(value)
    if shape.node is not None:
        return _read(shape.node, value, pointer)
    raise MalformedCredential(f"The value at {pointer} has another shape than Open Badges asks.", pointer=pointer)
