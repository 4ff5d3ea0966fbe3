"""Streams of rows: kept aside in bounded memory until they are known to be whole; half a stream starts nothing.

A server hands over what arrived before a connection broke as if that had been all. With a Content-Length the bytes
are counted. Without one (chunked) nothing outside the stream tells its end, so its last line does: `{"end": 3}`
after three rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

from insignia.api.errors import BodyCutOff, BodyTooLarge, EndMissing
from insignia.vc.errors import VcError
from insignia.vc.limits import MIB, parse_object

PIECE = 64 * 1024
IN_MEMORY = 1 * MIB
STREAM_BYTES = 500 * MIB


@dataclass(frozen=True)
class Spooled:
    """A whole stream: its rows, ready to be read from the start, and the hash of everything that arrived."""

    rows: BinaryIO
    sha256: str


@contextmanager
def spooled(request: HttpRequest) -> Iterator[Spooled]:
    """Take in the body of a request; what is kept aside is gone afterwards.

    Raises:
        BodyTooLarge: more than 500 MiB.
        BodyCutOff: fewer bytes arrived than were announced.
        EndMissing: no length was announced, and the last line does not say how many rows came before it.
    """
    with SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
        digest, length = hashlib.sha256(), 0
        for piece in _pieces(request):
            length += len(piece)
            if length > STREAM_BYTES:
                raise BodyTooLarge("A stream has up to 500 MiB. Split it into several batches.")
            digest.update(piece)
            kept.write(piece)
        announced = request.META.get("CONTENT_LENGTH")
        if announced and length < int(announced):
            raise BodyCutOff(
                f"{length:,} of {int(announced):,} bytes arrived. Nothing was started; send it again."
            )
        if not announced:
            _end_require(kept)
        kept.seek(0)
        yield Spooled(cast("BinaryIO", kept), digest.hexdigest())


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    source: IO[bytes] | HttpRequest = request
    if not request.META.get("CONTENT_LENGTH") and isinstance(request, WSGIRequest):
        source = request.environ["wsgi.input"]  # Django reads nothing where no length was announced
    while piece := source.read(PIECE):
        yield piece


def _end_require(kept: IO[bytes]) -> None:
    """Find the line that ends a stream, compare its count with the lines before it, and cut it off."""
    kept.seek(0)
    before, last, begins, place, is_start = -1, b"", 0, 0, True
    while piece := kept.readline(PIECE):
        if is_start and piece.strip():
            before, last, begins = before + 1, piece, place
        place, is_start = place + len(piece), piece.endswith(b"\n")
    if _said(last) != before:
        text = "The stream ended without its last line. Close it with the number of its rows, such as"
        raise EndMissing(f'{text} {{"end": 3}}. Nothing was started.')
    kept.seek(begins)
    kept.truncate()


def _said(line: bytes) -> int | None:
    """Read the count in the line that ends a stream; None where it is another line."""
    try:
        found = parse_object(line)
    except VcError:
        return None
    count = found.get("end")
    return count if set(found) == {"end"} and isinstance(count, int) and not isinstance(count, bool) else None
