"""What every request goes through: browser policies, language and theme, errors of the domains."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from insignia.foundation.errors import InsigniaError
from insignia.web import errors
from insignia.web.preferences.choices import THEME_COOKIE, language_chosen, theme_chosen

GetResponse = Callable[[HttpRequest], HttpResponseBase]

FEATURES = """
accelerometer autoplay browsing-topics display-capture geolocation gyroscope magnetometer microphone midi payment
screen-wake-lock serial usb xr-spatial-tracking
"""
PERMISSIONS = ", ".join(f"{feature}=()" for feature in FEATURES.split())
SECRET_PATHS = ("/s/", "/claim/", "/invitations/")


class BrowserPolicies:
    """Adds the headers no library adds: Permissions-Policy; a Referer without path where the address is a secret.

    Not `no-referrer`: a browser then sends forms with `Origin: null`, which the CSRF check refuses.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then add what is not set."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("X-Frame-Options", "DENY")
        if request.path.startswith(SECRET_PATHS):
            response.headers["Referrer-Policy"] = "strict-origin"
            response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SameForAll:
    """Lets what says that it is public vary by no cookie and set none: a cache may give it to anybody.

    Whoever asks has a language, and finding it looks into the session, which marks every answer.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; take from a public answer what the session added."""
        response = self.get_response(request)
        if response.headers.get("Cache-Control", "").startswith("public"):
            response.cookies.clear()
            _vary_not_by(response, "cookie")
        return response


def _vary_not_by(response: HttpResponseBase, header: str) -> None:
    names = [name.strip() for name in response.headers.get("Vary", "").split(",")]
    if kept := [name for name in names if name and name.lower() != header]:
        response.headers["Vary"] = ", ".join(kept)
    elif "Vary" in response.headers:
        del response.headers["Vary"]


class Preferences:
    """Sets language and theme: the cookie's choice, then the person's, then the browser's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the chosen language; keep pages of signed-in people out of every cache."""
        language = language_chosen(request)
        request.LANGUAGE_CODE = language
        request.theme = theme_chosen(request.COOKIES.get(THEME_COOKIE, ""))  # type: ignore[attr-defined]  # ours, for templates
        with translation.override(language):
            response = self.get_response(request)
        return self._marked(request, response, language)

    def _marked(self, request: HttpRequest, response: HttpResponseBase, language: str) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        patch_vary_headers(response, ("Cookie", "Accept-Language", "Accept"))
        response.headers.setdefault("Content-Language", language)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
            response.headers["Cache-Control"] = "private, no-store"
        return response


class DomainErrors:
    """Turns the domains' errors into pages or problem documents; gives bare refusals a page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; a refusal without words gets them."""
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and response.status_code in errors.BARE and not response.content:
            return errors.refusal(request, response.status_code, keep=response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for an error a domain raised; anything else is Django's."""
        if isinstance(error, InsigniaError):
            return errors.domain_refusal(request, error)
        return None
