"""Checking a badge: a file, a text or an address in; the result page out. Nothing is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from insignia.foundation.errors import Gone, InsigniaError, Invalid, NotFound
from insignia.vc.verify import Report
from insignia.verification.selectors import address_judged, bytes_judged
from insignia.web import errors
from insignia.web.awards.words import in_words
from insignia.web.verification.findings import finding_of
from insignia.web.verification.forms import VerifyForm
from insignia.web.verification.limits import checks_left
from insignia.web.verification.own import own_copy_for

REPEATABLE = 100_000


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST the result. A check changes nothing, so its page is the answer to the POST."""
    if request.method != "POST":
        return render(request, "verification/verify.html", {"form": VerifyForm().shown()})
    at = datetime.now(UTC)
    if not checks_left(request, at=at):
        return errors.refusal(request, 429)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        status = 413 if form.too_large else 422
        return render(request, "verification/verify.html", {"form": form.shown()}, status=status)
    try:
        report = _judged(request, form, at=at)
    except InsigniaError as error:
        return _not_judged(request, form, error)
    context = {"finding": finding_of(report, at=at), "at": at, "form": VerifyForm().shown(), "again": _again(form)}
    return render(request, "verification/result.html", context)


def _judged(request: HttpRequest, form: VerifyForm, *, at: datetime) -> Report:
    given = form.cleaned_data
    if given.get("file") is not None:
        return bytes_judged(raw=given["file"].read(), at=at)
    if given.get("text"):
        return bytes_judged(raw=str(given["text"]).encode(), at=at)
    return address_judged(url=given["url"], at=at, own_copy=own_copy_for(request, at=at))


def _not_judged(request: HttpRequest, form: VerifyForm, error: InsigniaError) -> HttpResponse:
    field = "file" if isinstance(error, Invalid) and "file" in error.fields else "url"
    form.add_error(field, in_words(error))
    status = 422
    if isinstance(error, NotFound):
        status = 410 if isinstance(error, Gone) else 404
    return render(request, "verification/verify.html", {"form": form.shown()}, status=status)


def _again(form: VerifyForm) -> dict[str, str]:
    """Give what the button "Try again" sends; a file has to be chosen once more."""
    given = form.cleaned_data
    if given.get("file") is not None:
        return {}
    name = "text" if given.get("text") else "url"
    value = str(given.get(name, ""))
    return {name: value} if len(value) <= REPEATABLE else {}
