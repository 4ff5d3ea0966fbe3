"""What somebody typed outlives the sign-in, or the form token, it was typed under.

A POST whose sign-in ended, or whose token is from before a new sign-in, is not saved: it is shown again, every
text in its box, to be sent once more. Nothing is stored for it, so nobody can fill our disk with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from insignia.web.visitor import person_of

P = ParamSpec("P")
LONG = 60
OWN = {"csrfmiddlewaretoken"}
MACHINE = {"base"}
"""What a page sends for itself: it goes along unseen, however long."""


class _Check(CsrfViewMiddleware):
    """Django's own check, answering with the reason instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> str:  # noqa: ARG002  - Django's signature
        return reason


def keeps_text(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Guard a view as `login_required` and the CSRF check do, without losing what a POST holds."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        check = _Check(view)  # only its check is used
        check.process_request(request)
        refused = check.process_view(request, view, (), {})
        if request.method == "POST" and (refused is not None or person_of(request) is None):
            return _shown_again(request, status=401 if person_of(request) is None else 403)
        if person_of(request) is None:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)


def _shown_again(request: HttpRequest, *, status: int) -> HttpResponse:
    sent = [(name, value) for name, values in request.POST.lists() if name not in OWN for value in values]
    context = {
        "texts": [(name, value) for name, value in sent if _is_text(name, value)],
        "others": [(name, value) for name, value in sent if not _is_text(name, value)],
        "signed_out": status == 401,
        "files": bool(request.FILES),
        "fragment": bool(getattr(request, "htmx", False)),
    }
    template = "kept/line.html" if context["fragment"] else "kept/page.html"
    return render(request, template, context, status=status)


def _is_text(name: str, value: str) -> bool:
    return name not in MACHINE and (len(value) > LONG or "\n" in value)
