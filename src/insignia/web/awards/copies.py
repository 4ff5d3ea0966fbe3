"""What machines fetch: the signed copies, single documents, files of evidence, the code to scan, the pictures."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from uuid import UUID

import segno
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from insignia.achievements import art
from insignia.achievements.errors import AchievementNotFound
from insignia.achievements.selectors import image_png, image_svg, version_by_id
from insignia.awards.story import evidence_piece_open
from insignia.web.awards.doors import Door, award_door, share_door
from insignia.web.awards.formats import copy_of
from insignia.web.awards.words import worded
from insignia.web.visitor import person_of

CONFINED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
EVIDENCE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"
SIZES = {"32": 32, "64": 64, "88": 88, "200": 200, "400": 400, "512": 512}
DAY = 24 * 3600


def copy_response(request: HttpRequest, door: Door, kind: str, *, number: int | None = None) -> HttpResponse:
    """Answer with a signed copy; kept nowhere without asking again, because its owner may close it any time."""
    copy = copy_of(door, kind, number=number)
    response = HttpResponse(copy.body, content_type=copy.media_type)
    response.headers["Content-Disposition"] = f'inline; filename="{copy.file_name}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Content-Security-Policy"] = CONFINED
    return unchanged_or(request, response)


def unchanged_or(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Answer 304 where the client holds these very bytes."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
@worded
def award_copy(request: HttpRequest, award_id: UUID, kind: str) -> HttpResponseBase:
    """Give the copy that the address ends in: .json, .jwt, .png, .svg."""
    door = award_door(award_id, viewer=person_of(request), at=datetime.now(UTC))
    return _varying(copy_response(request, door, kind))


@require_safe
@worded
def share_copy(request: HttpRequest, token: str, kind: str) -> HttpResponseBase:
    """Give the same behind a secret link."""
    return copy_response(request, share_door(token, at=datetime.now(UTC)), kind)


@require_safe
@worded
def award_document(request: HttpRequest, award_id: UUID, number: int) -> HttpResponseBase:
    """Give one document of the award's chain as it was signed."""
    door = award_door(award_id, viewer=person_of(request), at=datetime.now(UTC))
    return _varying(copy_response(request, door, "json", number=number))


@require_safe
@worded
def award_file(request: HttpRequest, award_id: UUID, number: int, place: int) -> HttpResponseBase:
    """Give the bytes of one shared piece of evidence: those that the signed digest covers."""
    door = award_door(award_id, viewer=person_of(request), at=datetime.now(UTC))
    return _varying(_file(door, number, place))


@require_safe
@worded
def share_file(request: HttpRequest, token: str, number: int, place: int) -> HttpResponseBase:  # noqa: ARG001  - a view gets its request
    """Give the same behind a secret link."""
    return _file(share_door(token, at=datetime.now(UTC)), number, place)


def _file(door: Door, number: int, place: int) -> StreamingHttpResponse:
    """Stream a file in a box of its own: no script, no frame of others, shown in place only if it cannot act."""
    opened = evidence_piece_open(view=door.view, number=number, place=place)
    response = StreamingHttpResponse(opened.chunks(), content_type=opened.media_type)
    response.headers["Content-Length"] = str(opened.byte_size)
    response.headers["Content-Disposition"] = content_disposition_header(not opened.inline, opened.name) or ""
    response.headers["Content-Security-Policy"] = EVIDENCE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@worded
def award_code(request: HttpRequest, award_id: UUID) -> HttpResponseBase:
    """Draw the award's permanent address to scan."""
    door = award_door(award_id, viewer=person_of(request), at=datetime.now(UTC))
    return _varying(_code(door.permanent))


@require_safe
@worded
def share_code(request: HttpRequest, token: str) -> HttpResponseBase:
    """Draw the secret address to scan."""
    return _code(request.build_absolute_uri(share_door(token, at=datetime.now(UTC)).base))


def _code(address: str) -> HttpResponse:
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=3, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    response = HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Security-Policy"] = CONFINED
    return response


@require_safe
def badge_art(request: HttpRequest, version_id: UUID, size: str) -> HttpResponse:
    """Draw a published badge in the detail that fits `size` pixels, or `print` for paper. It names no award."""
    version = version_by_id(version_id, viewer=person_of(request))
    if size != "print" and size not in SIZES:
        raise Http404
    pixels = SIZES.get(size, 512)
    try:
        drawn = image_svg(version, tier=art.tier_for(pixels), mono=size == "print").encode()
        kind = "image/svg+xml"
    except AchievementNotFound:
        drawn, kind = image_png(version, pixels=pixels * 2), "image/png"
    response = HttpResponse(drawn, content_type=kind)
    response.headers["Cache-Control"] = f"private, max-age={DAY}"
    response.headers["Content-Security-Policy"] = CONFINED
    return unchanged_or(request, response)


def _varying(response: HttpResponseBase) -> HttpResponseBase:
    patch_vary_headers(response, ("Accept", "Cookie"))
    return response
