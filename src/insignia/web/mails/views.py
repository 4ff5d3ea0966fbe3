"""An organization's mails: what did not arrive, and how it words those that tell of badges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.foundation.errors import Conflict
from insignia.organizations.mailing import mail_address_clear, mail_text_change, mail_text_reset
from insignia.outbox.errors import LetterTextOutdated, LetterTextUnusable
from insignia.outbox.models import LetterText
from insignia.outbox.rendering import Letter, shipped, written
from insignia.outbox.rules import PLACEHOLDERS, topic_of
from insignia.outbox.selectors import (
    Undelivered,
    letter_text_in_use,
    letter_text_version,
    letter_texts,
    message_counts,
    messages_undelivered,
    shipped_text,
)
from insignia.outbox.services import letter_text_checked
from insignia.web.mails.forms import TextForm
from insignia.web.mails.words import HOLE_WORDS, SAMPLES, kind_in_words, problem_in_words, reason_in_words
from insignia.web.organizations.access import Seat, seat_of
from insignia.web.sentences import sentence_of

REGISTRAR = "registrar"
VERSION_LONGEST = 64


@login_required
@require_safe
def mails(request: HttpRequest, organization: str) -> HttpResponse:
    """List the mails that did not arrive, and the texts that can be worded."""
    seat = seat_of(request, organization, role=REGISTRAR)
    own = letter_texts(organization_id=seat.organization.public_id)
    context = {
        "seat": seat,
        "counts": message_counts(organization_id=seat.organization.public_id),
        "rows": [_row(one) for one in messages_undelivered(organization_id=seat.organization.public_id)],
        "texts": [
            {
                "kind": kind,
                "language": language,
                "words": kind_in_words(kind),
                "spoken": spoken,
                "own": own.get((kind, language)),
            }
            for kind in PLACEHOLDERS
            for language, spoken in settings.LANGUAGES
        ],
    }
    return render(request, "mails/mails.html", context)


def _row(one: Undelivered) -> dict[str, Any]:
    return {"mail": one, "what": kind_in_words(one.kind), "why": reason_in_words(one.reason)}


@login_required
@require_POST
def mail_again(request: HttpRequest, organization: str, message_id: UUID) -> HttpResponse:
    """Try the address of a returned mail again."""
    seat = seat_of(request, organization, role=REGISTRAR)
    try:
        again = mail_address_clear(
            organization=seat.organization, message_id=message_id, person=seat.person, at=datetime.now(UTC)
        )
    except Conflict as error:
        messages.warning(request, sentence_of(error))
    else:
        said = ngettext("One mail goes out again.", "%(number)s mails go out again.", again)
        messages.success(request, said % {"number": again})
    return _to_mails(seat)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_text(request: HttpRequest, organization: str, kind: str, language: str) -> HttpResponse:
    """Word a mail: look at it, save it, or go back to the shipped text."""
    seat = seat_of(request, organization, role=REGISTRAR)
    if kind not in PLACEHOLDERS or language not in dict(settings.LANGUAGES):
        raise Http404
    do, is_outdated = request.POST.get("do"), False
    own = letter_texts(organization_id=seat.organization.public_id).get((kind, language))
    shown = own or shipped_text(kind, language)
    form = _form(request, shown)
    text = _checked(form, kind, language)
    try:
        if do == "reset":
            return _reset(request, seat, kind, language)
        if text is not None and do != "preview":
            return _saved(request, seat, text)
    except LetterTextOutdated:
        is_outdated = True
        shown = letter_text_in_use(organization_id=seat.organization.public_id, kind=kind, language=language)
    chosen = text or own
    preview = _shipped_preview(seat, kind, language) if chosen is None else _preview(seat, chosen)
    context = _context(seat, kind, language) | {
        "form": form,
        "own": own,
        "preview": preview,
        "was_asked_for": text is not None and not is_outdated,
        "meanwhile": shown if is_outdated else None,
        # what was seen is kept through a preview, until the newer text has been seen too
        "version": letter_text_version(shown) if is_outdated or not form.is_bound else _seen(request),
    }
    status = 422 if form.errors else 200
    return render(request, "mails/text.html", context, status=409 if is_outdated else status)


def _seen(request: HttpRequest) -> str:
    """Give the version of the text that the sent form was made of."""
    return request.POST.get("version", "")[:VERSION_LONGEST]


def _form(request: HttpRequest, shown: LetterText) -> TextForm:
    sent = request.POST if request.method == "POST" else None
    return TextForm(sent, initial={"subject": shown.subject, "body": shown.body}, language=shown.language)


def _checked(form: TextForm, kind: str, language: str) -> LetterText | None:
    """Give the text that was sent, if it can be used; else the form says why, at the field."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return letter_text_checked(kind=kind, language=language, **form.cleaned_data)
    except LetterTextUnusable as error:
        for name, problem in error.fields.items():
            form.add_error(name, problem_in_words(problem))
        return None


def _reset(request: HttpRequest, seat: Seat, kind: str, language: str) -> HttpResponse:
    mail_text_reset(
        organization=seat.organization,
        kind=kind,
        language=language,
        seen=_seen(request),
        person=seat.person,
        at=datetime.now(UTC),
    )
    messages.success(request, _("The shipped text is used again."))
    return _to_mails(seat)


def _saved(request: HttpRequest, seat: Seat, text: LetterText) -> HttpResponse:
    mail_text_change(
        organization=seat.organization,
        kind=text.kind,
        language=text.language,
        subject=text.subject,
        body=text.body,
        seen=_seen(request),
        person=seat.person,
        at=datetime.now(UTC),
    )
    messages.success(request, _("Saved. Mails that go out from now on say it so."))
    return _to_mails(seat)


def _context(seat: Seat, kind: str, language: str) -> dict[str, Any]:
    return {
        "seat": seat,
        "kind": kind,
        "language": language,
        "words": kind_in_words(kind),
        "spoken": dict(settings.LANGUAGES)[language],
        "can_be_turned_off": bool(topic_of(kind)),
        "holes": [
            {"name": f"{{{name}}}", "words": HOLE_WORDS[name], "is_required": one.is_required}
            for name, one in PLACEHOLDERS[kind].items()
        ],
    }


def _preview(seat: Seat, text: LetterText) -> Letter:
    return written(text, _sample(seat, text.language))


def _shipped_preview(seat: Seat, kind: str, language: str) -> Letter:
    return shipped(kind, language, _sample(seat, language))


def _sample(seat: Seat, language: str) -> dict[str, Any]:
    with translation.override(language):
        sample = {name: value if isinstance(value, int) else str(value) for name, value in SAMPLES.items()}
    return sample | {"organization": seat.organization.name}


def _to_mails(seat: Seat) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("mails", args=[seat.organization.slug]), status=303)
