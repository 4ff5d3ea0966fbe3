"""JSON (RFC 8259) from strangers: bounded before it is built, and read in one way only.

Python's own parser is lenient where that is dangerous: it accepts NaN, the last of two equal members, and
half a surrogate pair, and it recurses without end. So sizes are counted on the raw bytes first, and each of
those is refused by name.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from insignia.vc.errors import (
    BodyTooLarge,
    DuplicateKey,
    JsonNumberTooLong,
    JsonStringTooLong,
    JsonTooDeep,
    JsonTooManyNodes,
    MalformedJson,
    VcError,
)
from insignia.vc.limits.values import DEFAULT_LIMITS, Limits
from insignia.vc.model.json import Json, JsonObject

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]|[-+0-9.eE]++', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BOM = b"\xef\xbb\xbf"


def parse_json(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Json:
    """Read one JSON text within the limits (a UTF-8 byte order mark is tolerated).

    Raises:
        LimitExceeded: too large, too deep, too many values, a string or number too long.
        MalformedJson: not JSON, not UTF-8, NaN or Infinity, a number out of range, half a surrogate pair.
        DuplicateKey: one object names a member twice.
    """
    if len(raw) > limits.file_bytes:
        raise BodyTooLarge(f"The input has more than {limits.file_bytes} bytes.")
    body = raw.removeprefix(_BOM)
    _measure(body, limits)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson("The text is not UTF-8.") from error
    return _build(text)


def parse_object(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> JsonObject:
    """Read one JSON object within the limits.

    Raises:
        MalformedJson: the JSON text is something else than an object.
        LimitExceeded, DuplicateKey: as `parse_json`.
    """
    value = parse_json(raw, limits=limits)
    if not isinstance(value, dict):
        raise MalformedJson("The text is JSON, but not an object.")
    return value


def _measure(body: bytes, limits: Limits) -> None:
    depth = nodes = scalars = 0
    for match in _TOKEN.finditer(body):
        token = match.group()
        first = token[0]
        if first in b"[{":
            depth += 1
            nodes += 1
        elif first in b"]}":
            depth -= 1
        elif first in b",":
            nodes += 1
        else:
            scalars += 1
            _measure_scalar(token, limits)
        if not 0 <= depth <= limits.json_depth:
            raise _depth_error(depth, limits)
        # Each value has a comma, bracket or colon beside it, so that more than two scalars a node are no JSON.
        if nodes > limits.json_nodes or scalars > 2 * limits.json_nodes + 2:
            raise JsonTooManyNodes(f"The JSON has more than {limits.json_nodes} values.")


def _measure_scalar(token: bytes, limits: Limits) -> None:
    if token.startswith(b'"'):
        if len(token) - 2 > limits.json_string_bytes:
            raise JsonStringTooLong(f"A string has more than {limits.json_string_bytes} bytes.")
    elif len(token) > limits.json_number_digits:
        raise JsonNumberTooLong(f"A number has more than {limits.json_number_digits} characters.")


def _depth_error(depth: int, limits: Limits) -> VcError:
    if depth < 0:
        return MalformedJson("The text closes more than it opens.")
    return JsonTooDeep(f"The JSON is nested more than {limits.json_depth} levels deep.")


def _build(text: str) -> Json:
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise MalformedJson("The text is not JSON.") from error
    if "\\u" in text:
        _refuse_half_surrogates(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _value in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # add gives None on purpose
        raise DuplicateKey(f'An object names "{twice[:60]}" twice.', key=twice[:60])
    return members


def _refuse_constant(name: str) -> None:
    raise MalformedJson(f"{name} is not a JSON number.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedJson("A number is too large to be exact.")
    return number


def _refuse_half_surrogates(value: Json) -> None:
    waiting: list[Json] = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            if _SURROGATE.search(current):
                raise MalformedJson("A string holds half of a surrogate pair.")
        elif isinstance(current, dict):
            waiting.extend(current)
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
