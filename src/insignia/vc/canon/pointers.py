"""Places in a JSON document by their pointers (RFC 6901)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

from insignia.vc.errors import ShapeUncompilable

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject


def tokens_of(pointer: str) -> tuple[str, ...]:
    """Take a pointer apart.

    Raises:
        ShapeUncompilable: no pointer to a part of a document.
    """
    if not pointer.startswith("/"):
        raise ShapeUncompilable(f"{pointer[:80]!r} is no JSON pointer.")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def text_at(document: JsonObject, pointer: str) -> str:
    """Give the text at a place.

    Raises:
        ShapeUncompilable: there is none.
    """
    value: Json = document
    for token in tokens_of(pointer):
        value = _member(value, token)
    if not isinstance(value, str):
        raise ShapeUncompilable(f"No text stands at {pointer[:80]}.")
    return value


def _member(value: Json, token: str) -> Json:
    if isinstance(value, dict):
        return value.get(token)
    if isinstance(value, list) and token.isascii() and token.isdigit() and int(token) < len(value):
        return value[int(token)]
    return None


def with_texts(document: JsonObject, pointers: Sequence[str], texts: Sequence[str]) -> JsonObject:
    """Copy a document with other texts at some places, where texts stand already."""
    copied = copy.deepcopy(document)
    for pointer, text in zip(pointers, texts, strict=True):
        *path, last = tokens_of(pointer)
        holder: Json = copied
        for token in path:
            holder = _member(holder, token)
        if isinstance(holder, dict):
            holder[last] = text
        elif isinstance(holder, list):
            holder[int(last)] = text
    return copied
