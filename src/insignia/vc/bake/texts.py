"""Text in PNG chunks (Portable Network Graphics, Third Edition, 11.3.3), inflated within limits."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from insignia.vc.bake.chunks import Chunk
from insignia.vc.errors import ImageMalformed, PngTextTooLarge

TEXT_KINDS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
DEFLATE = 0


@dataclass(frozen=True)
class Text:
    """One text of a picture: where it stood, under which keyword, its bytes (UTF-8 in an iTXt)."""

    kind: bytes
    keyword: bytes
    value: bytes


def write_text(keyword: bytes, value: bytes) -> Chunk:
    """Write an uncompressed iTXt chunk without language: `value` is UTF-8."""
    return Chunk(kind=b"iTXt", data=keyword + b"\x00\x00\x00\x00\x00" + value)


def read_texts(chunks: tuple[Chunk, ...], most: int) -> tuple[Text, ...]:
    """Read every text of a picture; together the compressed ones inflate to at most `most` bytes.

    Raises:
        ImageMalformed: a text chunk without the parts it must have, or compressed text that is broken.
        PngTextTooLarge: the compressed texts would inflate to more.
    """
    found: list[Text] = []
    left = most
    for chunk in chunks:
        if chunk.kind in TEXT_KINDS:
            text, inflated = _text(chunk, left)
            left -= inflated
            found.append(text)
    return tuple(found)


def _text(chunk: Chunk, left: int) -> tuple[Text, int]:
    keyword, rest = _split(chunk.data)
    compressed = chunk.kind == b"zTXt"
    if chunk.kind == b"iTXt":
        compressed, rest = _international(rest)
    elif compressed:
        rest = _method_check(rest)
    value = _inflate(rest, left) if compressed else rest
    return Text(chunk.kind, keyword, value), len(value) if compressed else 0


def _international(rest: bytes) -> tuple[bool, bytes]:
    if len(rest) < 2 or rest[0] > 1:
        raise ImageMalformed("A text in the picture does not say whether it is compressed.")
    compressed = rest[0] == 1
    described = _method_check(rest[1:]) if compressed else rest[2:]
    _language, translated = _split(described)
    return compressed, _split(translated)[1]


def _split(data: bytes) -> tuple[bytes, bytes]:
    before, nul, after = data.partition(b"\x00")
    if not nul:
        raise ImageMalformed("A text in the picture lacks a part.")
    return before, after


def _method_check(data: bytes) -> bytes:
    if not data or data[0] != DEFLATE:
        raise ImageMalformed("A text in the picture is compressed in a way that PNG does not know.")
    return data[1:]


def _inflate(compressed: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        # one byte more than allowed tells a text that is too large from one that just fits
        value = inflater.decompress(compressed, most + 1)
    except zlib.error as error:
        raise ImageMalformed("A compressed text in the picture is broken.") from error
    if len(value) > most:
        raise PngTextTooLarge(f"The compressed texts in the picture hold more than {most} bytes.")
    if not inflater.eof:
        raise ImageMalformed("A compressed text in the picture is cut off.")
    return value
