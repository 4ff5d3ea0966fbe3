"""JSON of strangers, bounded by the kernel, and the access to it that never raises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from insignia.frameworks.errors import FrameworkUnreadable
from insignia.frameworks.source import MAX_BYTES
from insignia.vc.errors import VcError
from insignia.vc.limits import DEFAULT_LIMITS, parse_json

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject

# A package of 20,000 items has about 600,000 values; other limits are those of any JSON.
LIMITS = replace(DEFAULT_LIMITS, file_bytes=MAX_BYTES + 2**16, json_nodes=1_000_000)


def json_value(text: str) -> Json:
    """Parse a framework file's JSON.

    Raises:
        FrameworkUnreadable: no JSON, ambiguous (a key twice), or beyond a limit.
    """
    try:
        return parse_json(text.encode("utf-8", errors="replace"), limits=LIMITS)
    except VcError as error:
        raise FrameworkUnreadable(
            f"The file is JSON that cannot be read. {error} Export it again from where it came.",
            reason=error.code,
        ) from error


def objects(value: Json) -> list[JsonObject]:
    """Give the objects of a list; anything else in it is skipped by the caller's own count."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def entries(value: Json) -> list[Json]:
    """Give a list's entries; nothing for what is no list."""
    return value if isinstance(value, list) else []


def part(value: Json, key: str) -> Json:
    """Give a field of an object; nothing for what is no object."""
    return value.get(key) if isinstance(value, dict) else None
