"""A learner's own badges: all of them, who sees each, and the links that open them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.audit.actor import Actor
from insignia.awards.errors import AwardNotFound, ConsentMissing, LinksNotAllowed, ShareExpiryUnusable
from insignia.awards.register import standing_of
from insignia.awards.selectors import award_public, awards_of, openness_of, shares_by
from insignia.awards.services import choices_set, share_create, share_end, share_path
from insignia.web.awards.claims import choices_form
from insignia.web.awards.forms import ShareForm
from insignia.web.awards.words import in_words, worded
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.awards.models import Award, ShareLink

NEW_SHARE = "new_share"


@dataclass(frozen=True)
class Mine:
    """One award in its owner's list."""

    award: Award
    status: str
    links: int
    is_open: bool


@dataclass(frozen=True)
class ShareRow:
    """One link in its owner's list, and whether it opens anything now."""

    share: ShareLink
    state: str


@require_safe
@login_required
def my_badges(request: HttpRequest) -> HttpResponse:
    """List one's badges with state and who sees them."""
    person, at = _self(request), datetime.now(UTC)
    live = [share.award.pk for share in shares_by(person) if _share_state(share, at) == "open"]
    rows = [_mine(award, live.count(award.pk), at) for award in awards_of(person)]
    return render(request, "awards/my_badges.html", {"rows": rows})


def _mine(award: Award, links: int, at: datetime) -> Mine:
    openness = openness_of(award, on=at)
    allowed = {"public": openness.may_be_public, "link": openness.may_be_linked, "private": True}
    return Mine(award, standing_of(award, on=at), links, allowed[award.visibility])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@worded
def award_choices(request: HttpRequest, award_id: UUID) -> HttpResponse:
    """Choose who sees a badge and which work they see."""
    at = datetime.now(UTC)
    award = _own(request, award_id, at)
    form = choices_form(request, award, at=at)
    if request.method == "POST" and form.is_valid():
        chosen, shown = form.cleaned_data["visibility"], form.cleaned_data.get("shown", [])
        actor = Actor.person(_self(request))
        try:
            choices_set(award_id=award_id, visibility=chosen, shown=shown, actor=actor, at=at)
        except (ConsentMissing, LinksNotAllowed) as error:
            form.add_error("visibility", in_words(error))
        else:
            messages.success(request, _("Saved. You can change it any time."))
            return _see(reverse("award_choices", args=[award_id]))
    context = {"award": award, "form": form, "openness": openness_of(award, on=at)}
    return render(request, "awards/choices.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@worded
def share_new(request: HttpRequest, award_id: UUID) -> HttpResponse:
    """Make a link to one badge. The link itself is shown once, on the list of links."""
    at = datetime.now(UTC)
    award = _own(request, award_id, at)
    zone = award.organization.time_zone
    form = (
        ShareForm(request.POST)
        if request.method == "POST"
        else ShareForm.fresh(at.astimezone(ZoneInfo(zone)).date())
    )
    if form.is_valid():
        try:
            made = share_create(
                award_id=award_id,
                actor=Actor.person(_self(request)),
                at=at,
                label=form.cleaned_data["label"],
                expires_at=form.expires_at(zone),
            )
        except (ShareExpiryUnusable, LinksNotAllowed) as error:
            form.add_error("ends_on" if isinstance(error, ShareExpiryUnusable) else None, in_words(error))
        else:
            request.session[NEW_SHARE] = str(made.share.public_id)  # not its secret: sessions lie in the database
            return _see(reverse("my_shares"))
    context = {"award": award, "form": form, "openness": openness_of(award, on=at), "at": at}
    return render(request, "awards/share_new.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def my_shares(request: HttpRequest) -> HttpResponse:
    """List one's links, newest first; the one just made with its address, this once."""
    at = datetime.now(UTC)
    rows = [ShareRow(share, _share_state(share, at)) for share in shares_by(_self(request))]
    return render(request, "awards/my_shares.html", {"rows": rows, "fresh": _fresh(request, rows)})


def _fresh(request: HttpRequest, rows: list[ShareRow]) -> str:
    """Give the address of the link that was just made, once; a HEAD shows nothing and uses nothing up."""
    made = request.session.pop(NEW_SHARE, "") if request.method == "GET" else ""
    mine = (row.share.public_id for row in rows if str(row.share.public_id) == made)
    return next((request.build_absolute_uri(share_path(one)) for one in mine), "")


@require_POST
@login_required
@worded
def share_stop(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """End one's link now."""
    share_end(share_id=share_id, actor=Actor.person(_self(request)), at=datetime.now(UTC))
    messages.success(request, _("The link is ended. Whoever opens it reads that its owner ended it."))
    return _see(reverse("my_shares"))


def _share_state(share: ShareLink, at: datetime) -> str:
    if share.ended_at is not None:
        return "ended"
    if share.expires_at <= at:
        return "over"
    return "closed" if share.award.visibility == "private" else "open"


def _own(request: HttpRequest, award_id: UUID, at: datetime) -> Award:
    person = _self(request)
    award = award_public(award_id=award_id, viewer=person, on=at).award
    if award.learner_id != person.pk:
        raise AwardNotFound("There is no badge at this address, or its owner keeps it private.")
    return award


def _self(request: HttpRequest) -> Person:
    person = person_of(request)
    if person is None:  # the decorator saw to it
        raise AwardNotFound("There is no badge at this address, or its owner keeps it private.")
    return person


def _see(address: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(address, status=303)
