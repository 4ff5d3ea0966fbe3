"""The demo's post room and stage door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from insignia.accounts.selectors import person_by_email
from insignia.demo.cast import PLAYERS, Player
from insignia.demo.main_job import FLAGSHIP
from insignia.demo.walk import flagship_addresses
from insignia.foundation.errors import InsigniaError
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from insignia.outbox.selectors import messages_newest

MAILS = 60


@dataclass(frozen=True)
class Mail:
    """One mail as its reader would see it."""

    recipient: str
    queued_at: datetime
    subject: str
    text: str


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Show the people, the walk, and every mail that would have been sent."""
    _require_demo()
    context = {
        "players": PLAYERS,
        "mails": [mail for mail in map(_mail, messages_newest(limit=MAILS)) if mail is not None],
        "walk": flagship_addresses(FLAGSHIP, on=datetime.now(UTC)),
    }
    return render(request, "demo/demo.html", context)


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people, without a code."""
    _require_demo()
    player = _player(request.POST.get("player", ""))
    person = person_by_email(player.email)
    if person is None:
        raise Http404
    login(request, person)
    return HttpResponseRedirect(reverse("home"), status=303)


def _require_demo() -> None:
    # The addresses are not even there outside the demo; this is the second lock on the same door.
    if not settings.INSIGNIA_DEMO:
        raise Http404


def _player(key: str) -> Player:
    for player in PLAYERS:
        if player.key == key:
            return player
    raise Http404


def _mail(message: Message) -> Mail | None:
    try:
        letter = letter_of(message)
    except (InsigniaError, LookupError):
        return None  # about an erased person, or without a template
    return Mail(message.recipient, message.created_at, letter.subject, letter.text)
