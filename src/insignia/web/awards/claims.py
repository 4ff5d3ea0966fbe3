"""Claiming: the link in the mail shows the badge; one button keeps it; then its owner decides who sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.audit.actor import Actor
from insignia.awards.errors import AwardErased, ClaimEnded, ConsentMissing, LinksNotAllowed
from insignia.awards.selectors import award_held, claim_open, evidence_of, openness_of
from insignia.awards.services import award_claim, claim_choices_set, claim_renew_by_link
from insignia.awards.story import award_story
from insignia.web.awards.copies import copy_response
from insignia.web.awards.doors import Door
from insignia.web.awards.forms import ChoicesForm
from insignia.web.awards.telling import language_text, sentences
from insignia.web.awards.words import in_words, worded
from insignia.web.rates import ANY_METHOD, rate_limited
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from insignia.awards.models import Award

OPENED_PER_MINUTE = 60  # a class sits behind one address
RENEWED_PER_MINUTE = 10


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("claim", per_minute=OPENED_PER_MINUTE, methods=ANY_METHOD)
@worded
def claim(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the badge behind the link; only the button keeps it, because mail scanners open links too."""
    at = datetime.now(UTC)
    try:
        award = claim_open(token=token, on=at)
    except ClaimEnded as error:
        return render(request, "awards/claim_ended.html", {"words": in_words(error), "token": token}, status=410)
    if request.method == "POST":
        award_claim(token=token, actor=_holder(request), at=at)
        return _see(reverse("claim_choices", args=[token]))
    view = award_held(award)
    story = award_story(view)
    context = _context(request, award, token, at) | {
        "sentences": sentences(view, story, name=award.recipient.shown_name),
    }
    return render(request, "awards/claim.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@worded
def claim_choices(request: HttpRequest, token: str) -> HttpResponseBase:
    """Let the holder of the link choose who sees the badge they kept."""
    at = datetime.now(UTC)
    award = claim_open(token=token, on=at)
    if award.claimed_at is None:
        return _see(reverse("claim", args=[token]))
    form = choices_form(request, award, at=at)
    if request.method == "POST" and form.is_valid():
        chosen, shown = form.cleaned_data["visibility"], form.cleaned_data.get("shown", [])
        try:
            claim_choices_set(token=token, visibility=chosen, shown=shown, actor=_holder(request), at=at)
        except (ConsentMissing, LinksNotAllowed) as error:
            form.add_error("visibility", in_words(error))
        else:
            messages.success(request, _("Saved. You can change it any time."))
            return _see(reverse("claim_choices", args=[token]))
    context = _context(request, award, token, at) | {"form": form}
    return render(request, "awards/claim_choices.html", context, status=422 if form.errors else 200)


@require_safe
@worded
def claim_copy(request: HttpRequest, token: str, kind: str) -> HttpResponseBase:
    """Give whoever kept the badge its file, without an account."""
    at = datetime.now(UTC)
    award = claim_open(token=token, on=at)
    view = award_held(award)
    return copy_response(request, Door(view, f"/claim/{token}"), kind)


@require_POST
@rate_limited("claim-renew", per_minute=RENEWED_PER_MINUTE)
@worded
def claim_renew(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a fresh link to the recipient in place of one that ended."""
    claim_renew_by_link(token=token, at=datetime.now(UTC))
    return render(request, "awards/claim_ended.html", {"renewed": True})


def choices_form(request: HttpRequest, award: Award, *, at: datetime) -> ChoicesForm:
    """Make the form of who sees what, filled as it is now."""
    data = request.POST if request.method == "POST" else None
    shown = [int(number) for number, is_shared in award.evidence_visibility.items() if is_shared]
    return ChoicesForm(
        data,
        openness=openness_of(award, on=at),
        pieces=[
            (entry.number, language_text(name_of(award, entry.requirement_id))) for entry in evidence_of(award)
        ],
        initial={"visibility": award.visibility, "shown": shown},
    )


def name_of(award: Award, requirement_id: str) -> dict[str, str]:
    """Give the name of an evidence requirement in every language."""
    wanted: list[dict[str, Any]] = award.version.content["requirements"]
    return next(dict(row["name"]) for row in wanted if row["id"] == requirement_id)


def _context(request: HttpRequest, award: Award, token: str, at: datetime) -> dict[str, Any]:
    if award.recipient.data_key.destroyed_at is not None:
        raise AwardErased("The person this badge belonged to asked us to erase it.")
    person = person_of(request)
    return {
        "award": award,
        "token": token,
        "zone": award.organization.time_zone,
        "openness": openness_of(award, on=at),
        "is_somebody_else": person is not None and award.learner_id not in (None, person.pk),
        "is_signed_in": person is not None,
        "is_unowned": award.learner_id is None,
    }


def _holder(request: HttpRequest) -> Actor:
    person = person_of(request)
    return Actor.person(person) if person is not None else Actor.system("claim-link")


def _see(address: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(address, status=303)
