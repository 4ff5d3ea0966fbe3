"""A page that many people open at the same moment is written once a second for all of them.

Only for visitors of whom nothing is known: no session, no query. What differs between them is part of the name
the page is kept under (language, brightness, host) or put in as it leaves (the form token). A page is never kept
past the newest entry of the record about its subject, so what an owner takes back is gone at once; what ends with
something else, a view keeps apart.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from threading import Condition
from typing import Any
from uuid import UUID

from cachetools import TTLCache, cached
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token

from insignia.audit.selectors import entry_newest

FRESH_SECONDS = 1
PAGES_MOST = 256
"""Some 30 kB each; the one that was opened longest ago makes room."""

TOKEN_STAND_IN = secrets.token_urlsafe(48)
"""Stands where each visitor's form token goes. Made at the start, so that nobody can write it into a page."""

APART = "insignia_is_kept_apart"

View = Callable[..., HttpResponseBase]


class _OtherThanPage(Exception):
    """The view answered with something that is not kept: a refusal, a file."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


def for_a_crowd(subject_kind: str, *, named: str) -> Callable[[View], View]:
    """Share the page of a view between visitors nobody knows; `named` is its argument, the id of its subject."""

    def shared(view: View) -> View:
        pages: TTLCache[Any, HttpResponse] = TTLCache(PAGES_MOST, FRESH_SECONDS)

        @cached(pages, key=_name, condition=Condition())
        def page(request: HttpRequest, subject_id: UUID, newest: int | None) -> HttpResponse:  # noqa: ARG001  - part of the name
            with _token_stood_in(request):
                response = view(request, **{named: subject_id})
            if not isinstance(response, HttpResponse) or not _is_html(response):
                raise _OtherThanPage(response)
            if response.status_code != HTTPStatus.OK or getattr(response, APART, False):
                raise _OtherThanPage(_copy(response, token=get_token(request)))
            return response

        @wraps(view)
        def answer(request: HttpRequest, **address: UUID) -> HttpResponseBase:
            if not _from_nobody(request):
                return view(request, **address)
            subject_id = address[named]
            newest = entry_newest(subject_kind=subject_kind, subject_id=subject_id)
            try:
                kept = page(request, subject_id, newest)
            except _OtherThanPage as other:
                return other.response
            return _copy(kept, token=get_token(request))

        return answer

    return shared


def keep_apart(response: HttpResponseBase) -> None:
    """Let a view say that a page is written anew for everybody: it may end before its subject's record tells."""
    setattr(response, APART, True)


@contextmanager
def _token_stood_in(request: HttpRequest) -> Iterator[None]:
    request.csrf_token = TOKEN_STAND_IN  # type: ignore[attr-defined]  # ours, for the context of templates
    try:
        yield
    finally:
        del request.csrf_token  # type: ignore[attr-defined]  # a page about an error is this visitor's own


def _name(request: HttpRequest, subject_id: UUID, newest: int | None) -> tuple[object, ...]:
    """Name everything that a page for nobody in particular depends on."""
    host = (request.scheme, request.get_host())
    return (*host, request.LANGUAGE_CODE, request.theme, subject_id, newest)  # type: ignore[attr-defined]  # middleware's


def _from_nobody(request: HttpRequest) -> bool:
    """Say whether a browser asks for the bare page, and brings nothing that would change it."""
    wanted = next(iter(request.accepted_types), None)
    return (
        request.method == "GET"
        and not request.GET
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "HX-Request" not in request.headers
        and wanted is not None
        and (wanted.main_type, wanted.sub_type) == ("text", "html")
    )


def _is_html(response: HttpResponse) -> bool:
    return response.headers["Content-Type"].startswith("text/html")


def _copy(page: HttpResponse, *, token: str) -> HttpResponse:
    body = page.content.replace(TOKEN_STAND_IN.encode(), token.encode())
    return HttpResponse(body, status=page.status_code, headers=dict(page.headers.items()))
