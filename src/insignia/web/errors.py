"""Errors as pages: what happened and what to do next. As RFC 9457 problem documents where JSON is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.foundation.errors import InsigniaError, Invalid
from insignia.foundation.problems import MEDIA_TYPE, problem_body, status_of
from insignia.web.sentences import sentence_of

Text = str | Promise

BARE = frozenset({400, 403, 404, 405, 409, 410, 413, 429, 503})
RETRY_SECONDS = 60
DOMAINS_SPEAK = "en"
"""The language of the sentences that stand at single fields; the sentence above them has a translation."""


@dataclass(frozen=True)
class Words:
    """What an error page says: a heading, a sentence, what to do next."""

    title: Text
    sentence: Text
    next_step: Text


WORDS: dict[int, Words] = {
    400: Words(
        _("This request cannot be read"),
        _("Part of it is missing or was changed on the way."),
        _("Go back, load the page again and repeat the last step."),
    ),
    403: Words(
        _("Your role does not include this"),
        _("You are signed in, and this page needs another role."),
        _("Ask an owner of the organization for the role, or choose another role in the menu."),
    ),
    404: Words(
        _("There is nothing here that you can see"),
        _("The address may be incomplete, or what was here is private."),
        _("Check the address, or ask the person who gave it to you for a new link."),
    ),
    405: Words(
        _("This page does not take that kind of request"),
        _("Nothing was changed."),
        _("Open the page by its address and use the buttons on it."),
    ),
    409: Words(
        _("Somebody changed this meanwhile"),
        _("What you sent belongs to an older state, so nothing was overwritten."),
        _("Load the page again, compare, then decide."),
    ),
    410: Words(
        _("This was removed for good"),
        _("It was here once. Its owner, or the law, had it erased."),
        _("Ask the person or the organization it was about."),
    ),
    413: Words(
        _("This is larger than we take"),
        _("Nothing was stored."),
        _("Choose a smaller file, or split it and send the parts one by one."),
    ),
    422: Words(
        _("Something needs another look"),
        _("Nothing was stored yet."),
        _("Go back and correct what is named here."),
    ),
    429: Words(
        _("Too many tries in a short time"),
        _("We wait a little, so that nobody can guess codes or addresses."),
        _("Try again in a minute."),
    ),
    503: Words(
        _("Something we need did not answer"),
        _("Nothing was changed."),
        _("Try again in a minute."),
    ),
}


def refusal(
    request: HttpRequest,
    status: int,
    *,
    code: str = "",
    detail: str = "",
    fields: dict[str, str] | None = None,
    keep: HttpResponseBase | None = None,
) -> HttpResponse:
    """Give the page, or the problem document, for `status`; headers of `keep` (Allow, ...) are kept."""
    words = WORDS.get(status, WORDS[400])
    if wants_json(request):
        response = problem(status=status, code=code, title=str(words.title), detail=detail, fields=fields)
    else:
        context = {"status": status, "words": words, "detail": detail, "fields": fields or {}}
        response = render(request, "errors/error.html", context, status=status)
    if status in {429, 503}:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    for name in ("Allow", "Retry-After", "Vary"):
        if keep is not None and name in keep.headers:
            response.headers[name] = keep.headers[name]
    return response


def problem(
    *, status: int, title: str, code: str = "", detail: str = "", fields: dict[str, str] | None = None
) -> HttpResponse:
    """Give a problem document (RFC 9457) with `errors` per field of the form."""
    errors = [{"pointer": f"#/{name}", "detail": text} for name, text in (fields or {}).items()]
    body = problem_body(status=status, title=title, code=code, detail=detail, errors=errors)
    return HttpResponse(json.dumps(body), status=status, content_type=MEDIA_TYPE)


def wants_json(request: HttpRequest) -> bool:
    """Say whether the client asked for JSON rather than a page."""
    if request.path.endswith((".json", ".jwt")):
        return True
    kinds = ["text/html", "application/problem+json", "application/json", "application/ld+json"]
    return request.get_preferred_type(kinds) not in {"text/html", None}


def domain_refusal(request: HttpRequest, error: InsigniaError) -> HttpResponse:
    """Give the answer for an error that a domain raised; its own sentence is the detail."""
    status = status_of(type(error))
    detail = sentence_of(error)
    fields = dict(error.fields) if isinstance(error, Invalid) else {}
    if not wants_json(request):
        fields = _readable(request, fields, detail)
    return refusal(request, status, code=error.code, detail=detail, fields=fields)


def _readable(request: HttpRequest, fields: dict[str, str], detail: str) -> dict[str, str]:
    """Leave out what a page says already, and all of it where its reader chose another language than ours."""
    if not getattr(request, "LANGUAGE_CODE", DOMAINS_SPEAK).startswith(DOMAINS_SPEAK):
        return {}
    return {name: text for name, text in fields.items() if text != detail}


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for a request we cannot read, or one too large to read."""
    large = isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent))
    return refusal(request, 413 if large else 400)


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  - Django's signature
    """Answer for a page that this person may not open."""
    return refusal(request, 403)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  - Django's signature
    """Answer where nothing is, or nothing this viewer may know of."""
    return refusal(request, 404)


def handler429(request: HttpRequest) -> HttpResponse:
    """Answer where a rate limit is used up; the sign-in library looks for this name."""
    return refusal(request, 429)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer for our own mistake: a page that needs neither database nor session nor language."""
    if wants_json(request):
        return problem(status=500, title="This is our mistake. Nothing is known to be lost. Try again.")
    return HttpResponse(get_template("errors/500.html").render(), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  - Django's signature
    """Answer where a form's token is missing or old: another tab signed out, or cookies are off."""
    detail = _("This form is too old, or cookies are switched off. Load the page again and repeat the last step.")
    return refusal(request, 403, code="form-token", detail=str(detail))
