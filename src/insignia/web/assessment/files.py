"""A piece of evidence as a browser gets it: never trusted, never part of our own pages.

Its own policy puts it into a sandbox where nothing runs and nothing loads; only raster pictures, PDF, audio and
video are shown in place, everything else is a download. One range may be asked for, so that a film can be wound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from insignia.assessment.selectors import OpenEvidence, evidence_open
from insignia.web.assessment.people import signed_in

if TYPE_CHECKING:
    import io

POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PIECE = 256 * 1024


@login_required
@require_safe
def work_file(request: HttpRequest, item_id: UUID) -> HttpResponseBase:
    """Give one piece to its learner, or to the assessor who holds its lease."""
    person = signed_in(request)
    return file_response(request, evidence_open(item_id=item_id, viewer=person, at=datetime.now(UTC)))


def file_response(request: HttpRequest, opened: OpenEvidence) -> HttpResponseBase:
    """Answer with evidence, whole or the one range asked for."""
    first, last = _range(request.headers.get("Range", ""), opened.byte_size)
    if first > last:
        opened.stream.close()
        response: HttpResponseBase = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{opened.byte_size}"
        return response
    response = StreamingHttpResponse(_part(opened.stream, first, last), content_type=_type(opened))
    if (first, last) != (0, opened.byte_size - 1):
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{opened.byte_size}"
    response.headers["Content-Length"] = str(last - first + 1)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=not opened.inline, filename=opened.name) or "attachment"
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _type(opened: OpenEvidence) -> str:
    if opened.media_type == "text/plain":
        return "text/plain; charset=utf-8"
    return opened.media_type if opened.inline else "application/octet-stream"


def _range(header: str, size: int) -> tuple[int, int]:
    """Give the first and last byte to send: all of it for no range, several, or one we cannot read."""
    whole = (0, size - 1)
    found = RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return whole
    start, end = found.groups()
    if not start:
        return (max(0, size - int(end)), size - 1)
    return (int(start), min(int(end), size - 1) if end else size - 1)


def _part(stream: io.BufferedIOBase | BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with stream:
        stream.seek(first)
        left = last - first + 1
        while left > 0 and (piece := stream.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
