"""What every answer under /api goes through: it is JSON, sets no cookie, and no cache keeps it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from insignia.api.problems import problem
from insignia.foundation.problems import MEDIA_TYPE

GetResponse = Callable[[HttpRequest], HttpResponseBase]
PREFIX = "/api/"


class ApiAnswers:
    """Turns refusals that never reached the API (no such address or method, a host we are not) into problems."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; under /api a refusal is a problem document whoever made it."""
        response = self.get_response(request)
        if not request.path.startswith(PREFIX):
            return response
        if response.status_code >= 400 and response.headers.get("Content-Type") != MEDIA_TYPE:
            response = _as_problem(response)
        response.cookies.clear()
        response.headers["Cache-Control"] = "no-store"
        return response


def _as_problem(response: HttpResponseBase) -> HttpResponseBase:
    refused = problem(response.status_code)
    if "Allow" in response.headers:
        refused.headers["Allow"] = response.headers["Allow"]
    return refused
