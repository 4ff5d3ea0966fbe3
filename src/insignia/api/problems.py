"""Every error as a problem document (RFC 9457): those of domains, of this door, and of what lies in between."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from insignia.api.errors import BodyTooLarge, TokenMissing
from insignia.foundation.errors import InsigniaError, Invalid
from insignia.foundation.problems import MEDIA_TYPE, problem_body, status_of
from insignia.foundation.rates import seconds_left

log = logging.getLogger(__name__)

TITLES = {
    400: "The request cannot be read",
    401: "A token is needed",
    403: "The token does not include this",
    404: "There is nothing here that this token can see",
    405: "This address does not take that method",
    406: "There is no such form of this",
    409: "The thing has moved on",
    410: "This was removed for good",
    413: "This is more than is taken at a time",
    415: "The body is of a kind that is not taken here",
    422: "Something in the request needs another look",
    429: "Too many requests",
    500: "Our mistake",
    503: "Something we need did not answer",
}
MISTAKE = "Something broke on our side. Send the same request with the same Idempotency-Key again."


def problem(
    status: int, *, code: str = "", detail: str = "", errors: Iterable[dict[str, str]] = ()
) -> HttpResponse:
    """Give a problem document with the headers that its status asks for."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    body = problem_body(status=status, title=title, code=code, detail=detail, errors=errors)
    response = HttpResponse(json.dumps(body), status=status, content_type=MEDIA_TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Insignia"'
    if status in {429, 503}:
        response.headers["Retry-After"] = str(seconds_left(datetime.now(UTC)))
    return response


def problem_of(error: InsigniaError) -> HttpResponse:
    """Give the problem document of an error that a domain or this door raised."""
    fields = error.fields if isinstance(error, Invalid) else {}
    errors = [{"pointer": f"#/{name}", "detail": text} for name, text in fields.items()]
    return problem(status_of(type(error)), code=error.code, detail=error.message, errors=errors)


def problems_answer(api: NinjaAPI) -> None:
    """Let this table answer for whatever is raised while the API works."""
    api.add_exception_handler(InsigniaError, _of_domain)
    api.add_exception_handler(ValidationError, _of_shape)
    api.add_exception_handler(HttpError, _of_library)
    api.add_exception_handler(Http404, lambda _request, _error: problem(404))
    api.add_exception_handler(RequestDataTooBig, lambda _request, _error: problem_of(body_too_large()))
    api.add_exception_handler(Exception, _of_mistake)


def body_too_large() -> BodyTooLarge:
    """Say that a JSON body is too long."""
    return BodyTooLarge("A JSON body has up to 1 MiB. Send more rows as a stream: application/x-ndjson.")


def _of_domain(_request: HttpRequest, error: InsigniaError | type[InsigniaError]) -> HttpResponse:
    assert isinstance(error, InsigniaError)  # noqa: S101  - for the type alone: the library allows a class too
    return problem_of(error)


def _of_shape(_request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    assert isinstance(error, ValidationError)  # noqa: S101  - as above
    return problem(422, code="request-invalid", errors=[_part(found) for found in error.errors])


def _part(found: dict[str, Any]) -> dict[str, str]:
    """Name one part of a request as its sender knows it: a member of the body, or a parameter."""
    place, *path = (str(step) for step in found["loc"])
    detail = str(found["msg"])
    if place == "body":
        return {"pointer": "#" + "".join(f"/{step}" for step in path[1:]), "detail": detail}
    return {"parameter": path[-1] if path else place, "detail": detail}


def _of_library(_request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    # The library wraps what our parser raised, and says 401 by itself where no token was shown.
    cause = error.__cause__
    if isinstance(cause, InsigniaError):
        return problem_of(cause)
    status = getattr(error, "status_code", 400)
    if status == 401:
        return problem_of(TokenMissing("Send the header Authorization: Bearer, and a token after it."))
    return problem(status)


def _of_mistake(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    log.error("the API broke at %s %s", request.method, request.path, exc_info=error)  # type: ignore[arg-type]  # the library says also a type; it never hands one over
    return problem(500, detail=MISTAKE)
