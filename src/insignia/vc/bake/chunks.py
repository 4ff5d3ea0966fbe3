"""PNG as a row of chunks (Portable Network Graphics, Third Edition, 5): read within limits, written unchanged.

Pixels are never decoded here, so no picture can make us allocate what its header promises.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from insignia.vc.errors import ImageMalformed, ImageTooLarge
from insignia.vc.limits import DEFAULT_LIMITS, Limits

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_LENGTH = 2**31 - 1
HEADER_BYTES = 13
# length, type and check sum around the data of every chunk
FRAME_BYTES = 12


@dataclass(frozen=True)
class Chunk:
    """One chunk: its four-letter type and its data; the check sum follows from both."""

    kind: bytes
    data: bytes

    def __bytes__(self) -> bytes:
        """Write the chunk as it stands in a file."""
        body = self.kind + self.data
        return len(self.data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


@dataclass(frozen=True)
class Picture:
    """The chunks of a PNG from IHDR to IEND, and whatever stood behind its end."""

    chunks: tuple[Chunk, ...]
    trailing: bytes = b""


def read_picture(png: bytes, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Take a PNG apart, checking order, lengths and check sums of its chunks.

    Raises:
        ImageMalformed: not a PNG, cut off, a wrong check sum, no header or no pixels.
        ImageTooLarge: more bytes, chunks or pixels than we read.
    """
    if len(png) > limits.png_bytes:
        raise ImageTooLarge(f"The picture has more than {limits.png_bytes} bytes.")
    if not png.startswith(SIGNATURE):
        raise ImageMalformed("The picture is not a PNG.")
    chunks, place = _chunks(png, limits)
    _header_check(chunks[0], limits)
    if not any(chunk.kind == b"IDAT" for chunk in chunks):
        raise ImageMalformed("The picture has no pixels.")
    return Picture(chunks=chunks, trailing=png[place:])


def write_picture(chunks: Iterable[Chunk]) -> bytes:
    """Write chunks as a PNG; what `read_picture` gave comes out byte for byte."""
    return SIGNATURE + b"".join(bytes(chunk) for chunk in chunks)


def _chunks(png: bytes, limits: Limits) -> tuple[tuple[Chunk, ...], int]:
    found: list[Chunk] = []
    place = len(SIGNATURE)
    while not found or found[-1].kind != b"IEND":
        if len(found) >= limits.png_chunks:
            raise ImageTooLarge(f"The picture has more than {limits.png_chunks} parts.")
        chunk = _chunk(png, place)
        found.append(chunk)
        place += FRAME_BYTES + len(chunk.data)
    return tuple(found), place


def _chunk(png: bytes, place: int) -> Chunk:
    length = int.from_bytes(png[place : place + 4], "big")
    kind = png[place + 4 : place + 8]
    end = place + FRAME_BYTES + length
    if length > LARGEST_LENGTH or end > len(png):
        raise ImageMalformed("The picture is cut off.")
    if not kind.isalpha():
        raise ImageMalformed("The picture has a part without a name.")
    data = png[place + 8 : end - 4]
    if zlib.crc32(data, zlib.crc32(kind)) != int.from_bytes(png[end - 4 : end], "big"):
        raise ImageMalformed(f"The picture is damaged: the check sum of its part {kind.decode('ascii')} is wrong.")
    return Chunk(kind=kind, data=data)


def _header_check(header: Chunk, limits: Limits) -> None:
    if header.kind != b"IHDR" or len(header.data) != HEADER_BYTES:
        raise ImageMalformed("The picture does not begin with its header.")
    width, height = int.from_bytes(header.data[:4], "big"), int.from_bytes(header.data[4:8], "big")
    if not width or not height:
        raise ImageMalformed("The picture has no size.")
    if width * height > limits.png_pixels:
        raise ImageTooLarge(f"The picture has more than {limits.png_pixels} pixels.")
