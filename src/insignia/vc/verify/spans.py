"""JSON texts with holes: where in a document's bytes each text stands, and reading the same bytes again quickly.

Bytes that are the same outside the holes are the same JSON outside the holes, down to key order, numbers and white
space, as long as what stands in a hole is plain text: no quote, no backslash, nothing to decode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject

_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# what these hold gives other things their meaning
_MEANING = frozenset({"@context", "type"})


@dataclass(frozen=True)
class Span:
    """One text in a document: its JSON pointer, and where it begins and ends, without its quotes."""

    pointer: str
    start: int
    end: int


def spans_of(raw: bytes, document: JsonObject) -> tuple[Span, ...]:
    """List the texts of a document that another one of its shape may have otherwise.

    Args:
        raw: its bytes, in which no member is named twice.
        document: what they say.
    """
    found = []
    for pointer, token in zip(_texts(document, ""), _TEXT.finditer(raw), strict=True):
        if pointer is not None and b"\\" not in token.group():
            found.append(Span(pointer, token.start() + 1, token.end() - 1))
    return tuple(found)


def _texts(value: Json, pointer: str | None) -> Iterator[str | None]:
    """Give each text in its order: the pointer of a value that may differ, None for the others and for names."""
    if isinstance(value, str):
        yield pointer
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _texts(member, None if pointer is None else f"{pointer}/{number}")
    elif isinstance(value, dict):
        for name, member in value.items():
            yield None
            fixed = pointer is None or name in _MEANING or name.startswith("@")
            inner = None if fixed else f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from _texts(member, inner)


def around(raw: bytes, spans: Sequence[Span]) -> tuple[bytes, ...]:
    """Give the bytes between the spans, one piece more than there are spans."""
    starts = [0, *(span.end for span in spans)]
    ends = [*(span.start for span in spans), len(raw)]
    return tuple(raw[start:end] for start, end in zip(starts, ends, strict=True))


def read(raw: bytes, pieces: Sequence[bytes]) -> list[bytes] | None:
    """Give what stands between the pieces; None when the bytes do not consist of them.

    What is found holds no quote. It may be anything else: the caller looks.
    """
    at = len(pieces[0])
    if not raw.startswith(pieces[0]):
        return None
    found = []
    for piece in pieces[1:]:
        end = raw.find(b'"', at)
        if end < 0 or not raw.startswith(piece, end):
            return None
        found.append(raw[at:end])
        at = end + len(piece)
    return found if at == len(raw) else None
