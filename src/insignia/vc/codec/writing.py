"""Writing values as JSON. Sets are always arrays, absent fields are left out (Open Badges 3.0, 5.1)."""

from __future__ import annotations

import json
from typing import Any

from insignia.vc.codec.shapes import shapes_of
from insignia.vc.errors import MalformedJson
from insignia.vc.model import Credential
from insignia.vc.model.json import Json, JsonObject

# The one set that Open Badges' JSON Schema wants as a plain object, and only as one.
_ONE_IS_AN_OBJECT = {"credentialStatus"}


def to_json(credential: Credential) -> JsonObject:
    """Write a credential as JSON object; members come in the model's order, unknown ones last."""
    return _object(credential)


def serialize(document: JsonObject) -> bytes:
    """Turn a JSON object into bytes: UTF-8, members in their order, no white space.

    Raises:
        MalformedJson: a text holds half of a surrogate pair.
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedJson("A string holds half of a surrogate pair.") from error


def model_json(value: Any) -> JsonObject:  # noqa: ANN401  - any class of the model
    """Write any part of the model, such as an Achievement, as JSON object."""
    return _object(value)


def _object(value: Any) -> JsonObject:  # noqa: ANN401  - as above
    written: JsonObject = {}
    for shape in shapes_of(type(value)):
        member = getattr(value, shape.field)
        if member is None or (member == () and not shape.required):
            continue
        written[shape.member] = _many(shape.member, member) if shape.many else _member(member)
    return {**written, **value.extra}


def _many(name: str, values: tuple[Any, ...]) -> Json:
    if name in _ONE_IS_AN_OBJECT and len(values) == 1:
        return _member(values[0])
    return [_member(value) for value in values]


def _member(value: Any) -> Json:  # noqa: ANN401  - as above
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return _object(value)
