"""One page for every code that a program or a page can be answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from insignia.foundation.errors import InsigniaError
from insignia.foundation.problems import status_of

WORDS: dict[int, tuple[Promise, Promise]] = {
    400: (_("It cannot be read"), _("Mend how it is written, then send it again.")),
    401: (_("A token is needed"), _("Send a token that works. Owners make one under Issuer, API tokens.")),
    403: (_("The token or the role does not include this"), _("Ask an owner for what is missing.")),
    404: (_("There is nothing that you can see"), _("Check the id. What another organization has stays unseen.")),
    405: (_("The address does not take this method"), _("The header Allow names those that it takes.")),
    409: (_("The thing has moved on"), _("Read it again, then decide. Nothing was changed.")),
    410: (_("It was removed for good"), _("It was here once and will not come back.")),
    413: (_("It is more than is taken at a time"), _("Send less, or send rows as a stream.")),
    415: (_("The body is of another kind"), _("Send it as the kind that the sentence names.")),
    422: (_("Something needs another look"), _("Mend what is named, then send it again. Nothing was stored.")),
    429: (_("Too often"), _("Wait as many seconds as the header Retry-After says.")),
    500: (_("Our mistake"), _("Send the same request with the same Idempotency-Key again.")),
    503: (_("Something we need did not answer"), _("Wait as long as Retry-After says, then send it again.")),
}
WITHOUT_ERROR = {
    "bad-request": (400, "The request is not one that HTTP knows."),
    "internal-server-error": (500, "Something broke on our side."),
    "method-not-allowed": (405, "The address is there, the method is not."),
    "request-invalid": (422, "A parameter or a member of the body is missing, unknown or out of bounds."),
}


@dataclass(frozen=True)
class Code:
    """One code and what happened when it is answered; the sentence is English, as the API is."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Group:
    """The codes of one HTTP status, what they have in common, and what to do."""

    status: int
    title: Promise
    advice: Promise
    codes: list[Code]


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """List every code by status; each has an anchor of its own."""
    found: dict[int, list[Code]] = {}
    for status, code in sorted(codes(), key=lambda pair: pair[1].code):
        found.setdefault(status, []).append(code)
    groups = [Group(status, *words, codes=found.get(status, [])) for status, words in WORDS.items()]
    return render(request, "problems/problems.html", {"groups": groups})


def codes() -> Iterator[tuple[int, Code]]:
    """Give every code with its status: of each error that is drawn anywhere, and those of plain HTTP."""
    for error in _below(InsigniaError):
        yield status_of(error), Code(error.code, (error.__doc__ or "").strip().split("\n")[0])
    for code, (status, sentence) in WITHOUT_ERROR.items():
        yield status, Code(code, sentence)


def _below(root: type[InsigniaError]) -> Iterator[type[InsigniaError]]:
    for child in root.__subclasses__():
        if child.__module__.startswith("insignia."):
            yield child
            yield from _below(child)
