"""Sound without its tags: MP3 (ID3v1, ID3v2, APEv2, Lyrics3), WAV (all but the sound itself) and FLAC."""

from __future__ import annotations

import io
import re
from typing import BinaryIO

from insignia.foundation.bare.patches import PIECE, NotBare, Patch, span

BLOCKS = 10_000
PADDING_MOST = 64 * 1024
INSIDE = re.compile(rb"ID3[\x02-\x04]\x00|APETAGEX|LYRICSBEGIN")
WAV_KEPT = frozenset({b"fmt ", b"data", b"fact"})
FLAC_KEPT = frozenset({0, 3, 5})  # STREAMINFO, SEEKTABLE, CUESHEET
FLAC_PADDING = 1


def mp3_patches(source: BinaryIO) -> list[Patch]:
    """Cut every tag before and after the frames of an MP3.

    Raises:
        NotBare: no frame follows, or a tag stands between the frames.
    """
    size = source.seek(0, io.SEEK_END)
    start = _tags_before(source, size)
    end = _tags_after(source, start, size)
    head = span(source, start, min(PADDING_MOST, end - start))
    padding = len(head) - len(head.lstrip(b"\0"))
    frame = head[padding : padding + 2]
    if len(frame) < 2 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        raise NotBare("no sound follows the tag")
    _nothing_inside(source, start, end)
    return [Patch(0, start + padding, cut=True), Patch(end, size, cut=True)]


def wav_patches(source: BinaryIO) -> list[Patch]:
    """Blank every chunk of a WAV that is not its sound, and cut what follows it.

    Raises:
        NotBare: no format or no sound in it.
    """
    size = source.seek(0, io.SEEK_END)
    place, seen, patches = 12, set(), []
    for _count in range(BLOCKS):
        if place + 8 > size:
            break
        head = span(source, place, 8)
        end = min(size, place + 8 + int.from_bytes(head[4:], "little"))
        seen.add(head[:4])
        if head[:4] not in WAV_KEPT:
            patches.append(Patch(place, end, b"JUNK" + head[4:]))
        place = end + (end - place) % 2
    if not {b"fmt ", b"data"} <= seen:
        raise NotBare("no sound in it")
    return [*patches, Patch(place, size, cut=True)]


def flac_patches(source: BinaryIO) -> list[Patch]:
    """Turn every block of a FLAC that holds words or pictures into padding, and cut an ID3v1 tag off its end.

    Raises:
        NotBare: the blocks lead nowhere.
    """
    size = source.seek(0, io.SEEK_END)
    place, patches = 4, []
    for _count in range(BLOCKS):
        head = span(source, place, 4)
        end = place + 4 + int.from_bytes(head[1:], "big")
        if head[0] & 0x7F not in FLAC_KEPT:
            patches.append(Patch(place, end, bytes([head[0] & 0x80 | FLAC_PADDING]) + head[1:]))
        place = end
        if head[0] & 0x80:
            frame = span(source, place, 2)
            if frame[0] != 0xFF or frame[1] & 0xFC != 0xF8:
                break
            return [*patches, Patch(_tags_after(source, place, size), size, cut=True)]
    raise NotBare("no sound follows the blocks")


def _tags_before(source: BinaryIO, size: int) -> int:
    place = 0
    for _count in range(BLOCKS):
        source.seek(place)
        head = source.read(10)
        if len(head) < 10 or not head.startswith(b"ID3"):
            return place
        place = min(size, place + 10 + _syncsafe(head[6:]) + (10 if head[5] & 0x10 else 0))
    raise NotBare("too many tags")


def _tags_after(source: BinaryIO, start: int, size: int) -> int:
    end = size
    for _count in range(BLOCKS):
        length = _last_tag(source, start, end)
        if not length:
            return end
        end = max(start, end - length)
    raise NotBare("too many tags")


def _last_tag(source: BinaryIO, start: int, end: int) -> int:
    """Give the length of the tag that ends at `end`, 0 when there is none."""
    source.seek(max(start, end - 227))
    tail = source.read(end - max(start, end - 227))
    if tail[-128:].startswith(b"TAG") and len(tail) >= 128:
        return 227 if tail.startswith(b"TAG+") and len(tail) == 227 else 128
    if tail[-32:].startswith(b"APETAGEX") and len(tail) >= 32:
        length, flags = int.from_bytes(tail[-20:-16], "little"), int.from_bytes(tail[-12:-8], "little")
        return max(32, length) + (32 if flags & 0x80000000 else 0)
    if tail.endswith(b"LYRICS200") and tail[-15:-9].isdigit():
        return int(tail[-15:-9]) + 15
    if tail[-10:].startswith(b"3DI"):
        return _syncsafe(tail[-4:]) + 20
    return 0


def _syncsafe(four: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))


def _nothing_inside(source: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    kept, left = b"", end - start
    while left > 0 and (piece := source.read(min(PIECE, left))):
        left -= len(piece)
        if INSIDE.search(kept + piece):
            raise NotBare("a tag between the frames")
        kept = piece[-16:]
