"""Invitations: sending and withdrawing one, and the page its link opens."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from insignia.foundation.errors import Invalid
from insignia.foundation.localized import localized_pick
from insignia.organizations.errors import InvitationOver
from insignia.organizations.selectors import invitation_get, invitation_open, membership_of
from insignia.organizations.services import invitation_accept, invitation_create, invitation_withdraw
from insignia.web.navigation import ACTING
from insignia.web.organizations.access import Seat, seat_of
from insignia.web.organizations.forms import ROLE_WORDS, InvitationForm
from insignia.web.rates import ANY_METHOD, rate_limited
from insignia.web.sentences import sentence_of
from insignia.web.visitor import person_of

OPENED_PER_MINUTE = 30
SENT_PER_MINUTE = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("invite", per_minute=SENT_PER_MINUTE)
def invite(request: HttpRequest, organization: str) -> HttpResponse:
    """Ask whom to invite; POST mails the link."""
    seat = seat_of(request, organization, role="owner")
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _send(seat, form.cleaned_data["email"], form.cleaned_data["roles"])
        except Invalid as error:
            form.add_error("email", sentence_of(error))
        else:
            said = _("The invitation to %(email)s is on its way.")
            messages.success(request, said % {"email": form.cleaned_data["email"]})
            return _to_people(seat)
    context = {"seat": seat, "form": form}
    return render(request, "organizations/invite.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def invitation_end(request: HttpRequest, organization: str, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back; its link ends at once."""
    seat = seat_of(request, organization, role="owner")
    found = invitation_get(organization=seat.organization, invitation_id=invitation_id)
    invitation_withdraw(invitation_id=found.public_id, person=seat.person, at=datetime.now(UTC))
    messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return _to_people(seat)


@login_required
@require_POST
@rate_limited("invite", per_minute=SENT_PER_MINUTE)
def invitation_again(request: HttpRequest, organization: str, invitation_id: UUID) -> HttpResponse:
    """Mail a new link in place of the old one."""
    seat = seat_of(request, organization, role="owner")
    found = invitation_get(organization=seat.organization, invitation_id=invitation_id)
    if found.accepted_at or found.withdrawn_at:
        raise InvitationOver("This invitation was used or has ended.")
    _send(seat, found.email, found.roles)
    said = _("A new invitation to %(email)s is on its way. The earlier link no longer works.")
    messages.success(request, said % {"email": found.email})
    return _to_people(seat)


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("invitation", per_minute=OPENED_PER_MINUTE, methods=ANY_METHOD)
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show who invites to what; POST joins. Opening the link changes nothing: mail scanners open links too."""
    at = datetime.now(UTC)
    found = invitation_open(token=token, on=at)
    person = person_of(request)
    if request.method == "POST":
        if person is None:
            return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}", status=303)
        joined = invitation_accept(token=token, person=person, at=at)
        name = localized_pick(found.organization.name, get_language() or "en")
        messages.success(request, _("You belong to %(name)s now.") % {"name": name})
        _act_as(request, [held.role for held in joined.roles.all()], found.organization.slug)
        return HttpResponseRedirect("/", status=303)
    context = {
        "invitation": found,
        "organization": found.organization,
        "roles": [ROLE_WORDS[role] for role in found.roles if role in ROLE_WORDS],
        "person": person,
        "is_member": person is not None
        and membership_of(person=person, organization=found.organization) is not None,
    }
    return render(request, "organizations/invitation.html", context)


def _send(seat: Seat, email: str, roles: list[str]) -> None:
    invitation_create(
        organization=seat.organization, email=email, roles=roles, person=seat.person, at=datetime.now(UTC)
    )


def _act_as(request: HttpRequest, roles: list[str], slug: str) -> None:
    """Put the new member into their new role, so that the start page shows its doors."""
    for role in ("assessor", "author", "registrar"):
        if role in roles or ("owner" in roles and role != "assessor"):
            request.session[ACTING] = f"{role}:{slug}"
            return


def _to_people(seat: Seat) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("people", kwargs={"organization": seat.organization.slug}), status=303)
