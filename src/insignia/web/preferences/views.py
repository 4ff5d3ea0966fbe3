"""Choosing language, theme and role: each a POST that leads back to the page it came from."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from insignia.accounts.services import person_update
from insignia.audit.actor import Actor
from insignia.web.navigation import ACTING
from insignia.web.preferences.choices import THEME_COOKIE, YEAR, theme_chosen
from insignia.web.visitor import person_of


def back(request: HttpRequest) -> HttpResponseRedirect:
    """Lead back to `next`, if it is an address of ours; otherwise home."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    return HttpResponseRedirect(target, status=303)


@require_POST
def language_choose(request: HttpRequest) -> HttpResponseBase:
    """Keep the language in a cookie, and with the person who is signed in."""
    response = back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
        _remember_language(request, language)
    return response


@require_POST
def theme_choose(request: HttpRequest) -> HttpResponseBase:
    """Keep the theme in a cookie."""
    response = back(request)
    theme = theme_chosen(request.POST.get("theme", ""))
    response.set_cookie(
        THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
    )
    return response


@require_POST
@login_required
def acting_choose(request: HttpRequest) -> HttpResponse:
    """Keep in the session which of several roles the navigation shows; rights are not touched by it."""
    request.session[ACTING] = request.POST.get("acting", "")[:120]
    return HttpResponseRedirect("/", status=303)


def _remember_language(request: HttpRequest, language: str) -> None:
    person = person_of(request)
    if person and person.language != language:
        person_update(
            person=person,
            actor=Actor.person(person),
            at=datetime.now(UTC),
            display_name=person.display_name,
            language=language,
        )
