"""What the doors answer for an error: one table from families to HTTP, and the body of RFC 9457."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from django.conf import settings

from insignia.foundation.errors import (
    Conflict,
    Gone,
    InsigniaError,
    Invalid,
    NotAllowed,
    NotFound,
    TooLarge,
    TooOften,
    Unavailable,
    Unidentified,
    Unreadable,
    WrongKind,
)

MEDIA_TYPE = "application/problem+json"
FAMILIES: tuple[tuple[type[InsigniaError], int], ...] = (
    (Unidentified, 401),
    (NotAllowed, 403),
    (Gone, 410),
    (NotFound, 404),
    (Conflict, 409),
    (Unreadable, 400),
    (TooLarge, 413),
    (WrongKind, 415),
    (Invalid, 422),
    (TooOften, 429),
    (Unavailable, 503),
)


def status_of(error: type[InsigniaError]) -> int:
    """Give the HTTP status that answers an error: its family's."""
    return next((status for family, status in FAMILIES if issubclass(error, family)), 400)


def problem_body(
    *, status: int, title: str, code: str = "", detail: str = "", errors: Iterable[dict[str, str]] = ()
) -> dict[str, object]:
    """Write a problem document (RFC 9457): type, title, status, detail, and `errors` per part of the request.

    `type` is the address of the page that explains the code.
    """
    code = code or HTTPStatus(status).phrase.lower().replace(" ", "-")
    body: dict[str, object] = {"type": f"{settings.INSIGNIA_ORIGIN}/problems#{code}", "title": title}
    body |= {"status": status, "code": code}
    if detail:
        body["detail"] = detail
    if found := list(errors):
        body["errors"] = found
    return body
