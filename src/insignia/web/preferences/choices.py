"""Which language and theme a request gets."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")
YEAR = 365 * 24 * 3600


def theme_chosen(value: str) -> str:
    """Give the theme a cookie names; `auto` follows the machine."""
    return value if value in THEMES else "auto"


def language_chosen(request: HttpRequest) -> str:
    """Give the language: the cookie's, then the person's, then the first the browser asks for that we have."""
    if asked := language_asked_for(request):
        return asked
    language = getattr(request.user, "language", "") if request.user.is_authenticated else ""
    known = dict(settings.LANGUAGES)
    return language if language in known else translation.get_language_from_request(request)


def language_asked_for(request: HttpRequest) -> str:
    """Give the language that was chosen on a page of ours; empty where none was."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else ""
