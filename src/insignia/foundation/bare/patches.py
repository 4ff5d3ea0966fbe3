"""A file again with ranges blanked or cut out, piece by piece: memory stays at one piece, whatever the size."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

PIECE = 2**20


class NotBare(Exception):
    """No copy without metadata can be made of these bytes; the argument says why."""


@dataclass(frozen=True, order=True)
class Patch:
    """Put `head` and zeros in place of the bytes from `start` up to `end`; nothing at all with `cut`."""

    start: int
    end: int
    head: bytes = b""
    cut: bool = False


def patched(source: BinaryIO, patches: Iterable[Patch]) -> Iterator[bytes]:
    """Yield the bytes of a seekable stream with the patches applied; where two overlap, both ranges go."""
    size, place = source.seek(0, io.SEEK_END), 0
    for patch in sorted(patch for patch in patches if patch.start < patch.end):
        yield from _through(source, place, min(patch.start, size))
        start, end = max(place, patch.start), min(patch.end, size)
        if start < end and not patch.cut:
            head = patch.head[: end - start] if start == patch.start else b""
            yield head
            yield from _zeros(end - start - len(head))
        place = max(place, end)
    yield from _through(source, place, size)


def span(source: BinaryIO, start: int, length: int) -> bytes:
    """Give `length` bytes from `start`.

    Raises:
        NotBare: the file ends before.
    """
    source.seek(start)
    found = source.read(length)
    if len(found) < length:
        raise NotBare("cut off")
    return found


def _through(source: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    source.seek(start)
    while start < end:
        piece = source.read(min(PIECE, end - start))
        if not piece:
            return
        start += len(piece)
        yield piece


def _zeros(count: int) -> Iterator[bytes]:
    while count > 0:
        yield bytes(min(count, PIECE))
        count -= PIECE
