"""How many pictures a GIF holds and how large they are, found by stepping over its pieces: none is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

PIECES = 500_000
"""Steps through one file, each a piece of at most 255 bytes: some 120 MB of ordinary GIF, a third of a second."""

HEADER_BYTES, FRAME_BYTES = 13, 9
COLOURS = 0x80  # the flag that a table of colours follows, its size in the lowest three bits
PICTURE, EXTENSION, END = b",", b"!", b";"
COMMENT, APPLICATION = 0xFE, 0xFF
LOOP = b"NETSCAPE2.0"


class GifTooLong(ValueError):
    """More pictures or pieces than anybody should wait for."""


@dataclass
class GifExtent:
    """Pictures in a GIF, and the canvas that holds the largest: one may reach beyond the screen of the head."""

    width: int
    height: int
    frames: int = 0


def gif_extent(source: BinaryIO, *, most: int) -> GifExtent:
    """Measure a GIF as far as it can be read, its pieces taken exactly as Pillow takes them.

    A reader of our own that skipped something else than Pillow would be told fewer pictures than are decoded.

    Raises:
        GifTooLong: more than `most` pictures, or a file of very many pieces.
    """
    source.seek(0)
    walk = _Walk(source)
    head = source.read(HEADER_BYTES)
    if len(head) < HEADER_BYTES:
        return GifExtent(0, 0)
    extent = GifExtent(*_numbers(head[6:10]))
    walk.colours(head[10])
    while (box := walk.next_picture(first=not extent.frames)) is not None:
        extent.frames += 1
        if extent.frames > most:
            raise GifTooLong
        left, top, width, height = _numbers(box)
        extent.width, extent.height = max(extent.width, left + width), max(extent.height, top + height)
    return extent


def _numbers(raw: bytes) -> list[int]:
    return [int.from_bytes(raw[place : place + 2], "little") for place in range(0, len(raw) - 1, 2)]


class _Walk:
    """Steps through a file, and stops after too many."""

    def __init__(self, source: BinaryIO) -> None:
        self.source = source
        self.steps = 0

    def next_picture(self, *, first: bool) -> bytes | None:
        """Go behind the next picture and give its box; `None` at the end."""
        while (mark := self._byte()) and mark != END:
            if mark == EXTENSION:
                self._extension(first=first)
            elif mark == PICTURE:
                return self._picture()
        return None

    def colours(self, flags: int) -> None:
        if flags & COLOURS:
            self.source.read(3 << (flags & 7) + 1)

    def _picture(self) -> bytes | None:
        frame = self.source.read(FRAME_BYTES)
        if len(frame) < FRAME_BYTES:
            return None
        self.colours(frame[8])
        self.source.read(1)  # the width of the codes
        self._rest()
        return frame[:8]

    def _extension(self, *, first: bool) -> None:
        label = self._byte()
        block = self._block()
        if label[:1] == bytes([COMMENT]):
            if block:
                self._rest()
            return
        if first and label == bytes([APPLICATION]) and block.startswith(LOOP):
            self._block()
        self._rest()

    def _rest(self) -> None:
        while self._block():
            pass

    def _block(self) -> bytes:
        length = self._byte()
        return self.source.read(length[0]) if length and length[0] else b""

    def _byte(self) -> bytes:
        self.steps += 1
        if self.steps > PIECES:
            raise GifTooLong
        return self.source.read(1)
