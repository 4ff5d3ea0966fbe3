"""MP4, M4A and MOV without metadata, in place: boxes that are not needed to play become empty `free` boxes.

Every place a sample is read from stays where it is. Tracks that hold neither picture, sound nor words (a phone's
places and movements) go with their samples. Times of creation and names of handlers are zeroed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise, repeat
from typing import BinaryIO

from insignia.foundation.bare.patches import NotBare, Patch, span

BOXES = 100_000
SAMPLES = 1_000_000
STORES = 16
KEPT = {
    "": "ftyp styp moov moof mdat sidx ssix mfra",
    "moov": "mvhd trak mvex",
    "trak": "tkhd edts tref mdia tapt",
    "mdia": "mdhd hdlr minf elng",
    "minf": "vmhd smhd nmhd sthd gmhd hdlr dinf stbl",
    "dinf": "dref",
    "stbl": "stsd stts stss ctts stsz stz2 stsc stco co64 sdtp sbgp sgpd subs stps cslg",
    "mvex": "trex mehd",
    "moof": "mfhd traf",
    "traf": "tfhd trun tfdt sdtp sbgp sgpd subs",
}
"""What each box may hold; a box that is no key here is kept whole."""
SHOWN = frozenset({b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"auxv"})
"""Kinds of tracks that people see or hear."""


@dataclass(frozen=True)
class _Box:
    kind: str
    start: int
    body: int
    end: int


@dataclass
class _Film:
    source: BinaryIO
    size: int
    patches: list[Patch] = field(default_factory=list)
    stored: list[tuple[int, int]] = field(default_factory=list)
    boxes: int = 0
    samples: int = 0
    tracks: int = 0
    hidden: bool = False
    fragments: bool = False


def film_patches(source: BinaryIO) -> list[Patch]:
    """Blank everything in an MP4, M4A or MOV that is not needed to play it.

    Raises:
        NotBare: its boxes lead nowhere, nothing in it plays, or metadata lies where it cannot be told apart.
    """
    film = _Film(source, source.seek(0, io.SEEK_END))
    top = list(_boxes(film, 0, film.size))
    film.stored = [(box.body, box.end) for box in top if box.kind == "mdat"]
    film.fragments = any(box.kind == "moof" for box in top)
    _clean(film, "", top)
    if not film.tracks or (film.hidden and film.fragments):
        raise NotBare("no track to play, or hidden ones in fragments")
    return film.patches


def _boxes(film: _Film, start: int, end: int) -> Iterator[_Box]:
    while start < end:
        film.boxes += 1
        head = span(film.source, start, 8)
        size, body = int.from_bytes(head[:4], "big"), start + 8
        if size == 1:
            size, body = int.from_bytes(span(film.source, body, 8), "big"), start + 16
        after = end if size == 0 and end == film.size else start + size
        if not body <= after <= end or film.boxes > BOXES:
            raise NotBare("a box without an end")
        yield _Box(head[4:].decode("latin-1"), start, body, after)
        start = after


def _clean(film: _Film, inside: str, boxes: list[_Box]) -> None:
    kept = KEPT[inside].split()
    for box in boxes:
        if box.kind not in kept:
            _blank(film, box)
        elif box.kind == "trak":
            _track(film, box)
        elif box.kind in KEPT:
            _clean(film, box.kind, list(_boxes(film, box.body, box.end)))
        else:
            _clean_leaf(film, box)


def _blank(film: _Film, box: _Box) -> None:
    head = span(film.source, box.start, box.body - box.start)
    film.patches.append(Patch(box.start, box.end, head[:4] + b"free" + head[8:]))


def _clean_leaf(film: _Film, box: _Box) -> None:
    if box.kind in {"mvhd", "tkhd", "mdhd"}:  # version, flags, then created and modified
        wide = span(film.source, box.body, 1) == b"\1"
        film.patches.append(Patch(box.body + 4, min(box.end, box.body + (20 if wide else 12))))
    elif box.kind == "hdlr":  # flags, class, kind, three reserved numbers, then a name
        film.patches.append(Patch(box.body + 12, box.end))
    elif box.kind == "dref":  # where the samples lie: in this file; a path would tell whose computer it was
        for entry in _boxes(film, box.body + 8, box.end):
            film.patches.append(Patch(entry.body + 4, entry.end))


def _track(film: _Film, track: _Box) -> None:
    boxes = list(_boxes(film, track.body, track.end))
    media = _inside(film, boxes, "mdia")
    handler = next((box for box in media if box.kind == "hdlr"), None)
    if handler is not None and span(film.source, handler.body + 8, 4) in SHOWN:
        film.tracks += 1
        _clean(film, "trak", boxes)
        return
    film.hidden = True
    for start, end in _samples(film, _inside(film, _inside(film, media, "minf"), "stbl")):
        if not any(first <= start and end <= last for first, last in film.stored):
            raise NotBare("samples outside of the stored ones")
        film.patches.append(Patch(start, end))
    _blank(film, track)


def _inside(film: _Film, boxes: list[_Box], kind: str) -> list[_Box]:
    return [part for box in boxes if box.kind == kind for part in _boxes(film, box.body, box.end)]


def _samples(film: _Film, tables: list[_Box]) -> Iterator[tuple[int, int]]:
    """Yield where each chunk of a track lies, by its tables of sizes, runs and places (ISO/IEC 14496-12, 8.7)."""
    found = {box.kind: box for box in tables}
    if not found or "stsz" not in found or "stsc" not in found or not {"stco", "co64"} & found.keys():
        raise NotBare("a track without its tables")
    fixed = int.from_bytes(span(film.source, found["stsz"].body + 4, 4), "big")
    count = int.from_bytes(span(film.source, found["stsz"].body + 8, 4), "big")
    sizes = (
        iter(_numbers(film, found["stsz"], 12, 4, count)) if not fixed else repeat(fixed, _counted(film, count))
    )
    wide = "co64" in found
    places = _table(film, found["co64" if wide else "stco"], 8 if wide else 4)
    runs = _table(film, found["stsc"], 4, columns=3)
    firsts = [*runs[::3], len(places) + 1]
    if firsts[0] != 1 or any(first >= following for first, following in pairwise(firsts)):
        raise NotBare("runs of samples out of order")
    for number, (first, following) in enumerate(pairwise(firsts)):
        for chunk in range(first, following):
            length = sum(islice(sizes, runs[3 * number + 1]))
            yield places[chunk - 1], places[chunk - 1] + length


def _table(film: _Film, box: _Box, width: int, *, columns: int = 1) -> list[int]:
    count = int.from_bytes(span(film.source, box.body + 4, 4), "big")
    return _numbers(film, box, 8, width, count * columns)


def _numbers(film: _Film, box: _Box, offset: int, width: int, count: int) -> list[int]:
    if box.body + offset + width * _counted(film, count) > box.end:
        raise NotBare("a table longer than its box")
    raw = span(film.source, box.body + offset, width * count)
    return [int.from_bytes(raw[place : place + width], "big") for place in range(0, len(raw), width)]


def _counted(film: _Film, count: int) -> int:
    film.samples += count
    if film.samples > SAMPLES or len(film.stored) > STORES:
        raise NotBare("too many samples")
    return count
