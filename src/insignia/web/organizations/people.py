"""The people of an organization: who belongs, what each may do, which guardians agreed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from insignia.accounts.models import ConsentPurpose
from insignia.accounts.selectors import consents_current
from insignia.foundation.errors import Conflict, Invalid
from insignia.organizations.selectors import invitations_open, member_get, members_of
from insignia.organizations.services import (
    member_consent_record,
    member_consent_withdraw,
    membership_end,
    roles_set,
)
from insignia.web.organizations.access import Seat, seat_of
from insignia.web.organizations.forms import ROLE_WORDS, ConsentForm, RolesForm
from insignia.web.sentences import sentence_of

if TYPE_CHECKING:
    from insignia.accounts.models import Consent
    from insignia.organizations.models import Membership, Organization

REGISTRAR, OWNER = "registrar", "owner"


@login_required
@require_safe
def people(request: HttpRequest, organization: str) -> HttpResponse:
    """List members with roles and consents, and the invitations that are open."""
    seat = seat_of(request, organization, role=REGISTRAR)
    members = members_of(seat.organization)
    consents = _consents(seat.organization)
    here = {membership.person_id for membership in members}
    at = datetime.now(UTC)
    context = {
        "seat": seat,
        "rows": [_row(membership, consents, seat) for membership in members],
        "left": [consent for person_id, consent in consents.items() if person_id not in here],
        "invitations": [
            {
                "invitation": row,
                "roles": [ROLE_WORDS[role] for role in row.roles if role in ROLE_WORDS],
                "is_over": row.expires_at <= at,
            }
            for row in invitations_open(seat.organization)
        ],
    }
    return render(request, "organizations/people.html", context)


@login_required
@require_safe
def member(request: HttpRequest, organization: str, member_id: UUID) -> HttpResponse:
    """Show one member: roles, the guardian's consent, the end of the membership."""
    seat = seat_of(request, organization, role=REGISTRAR)
    return _member_page(request, seat, member_id)


@login_required
@require_POST
def member_roles(request: HttpRequest, organization: str, member_id: UUID) -> HttpResponse:
    """Give a member exactly the roles that were chosen."""
    seat = seat_of(request, organization, role=OWNER)
    chosen = member_get(organization=seat.organization, membership_id=member_id)
    form = RolesForm(request.POST)
    if not form.is_valid():
        return _member_page(request, seat, member_id, roles_form=form, status=422)
    try:
        roles_set(
            membership_id=chosen.public_id,
            roles=form.cleaned_data["roles"],
            person=seat.person,
            at=datetime.now(UTC),
        )
    except Conflict as error:
        form.add_error("roles", sentence_of(error))
        return _member_page(request, seat, member_id, roles_form=form, status=409)
    messages.success(request, _("The roles of %(name)s are saved.") % {"name": _name(chosen)})
    return _to("people", seat)


@login_required
@require_POST
def member_end(request: HttpRequest, organization: str, member_id: UUID) -> HttpResponse:
    """End a membership: from now on this person can do nothing here."""
    seat = seat_of(request, organization, role=OWNER)
    chosen = member_get(organization=seat.organization, membership_id=member_id)
    try:
        membership_end(membership_id=chosen.public_id, person=seat.person, at=datetime.now(UTC))
    except Conflict as error:
        form = forms.Form(request.POST)
        form.add_error(None, sentence_of(error))
        return _member_page(request, seat, member_id, end_form=form, status=409)
    said = _("%(name)s is no longer a member and can do nothing here from now on.")
    messages.success(request, said % {"name": _name(chosen)})
    return HttpResponseRedirect("/", status=303) if chosen.person_id == seat.person.pk else _to("people", seat)


@login_required
@require_POST
def consent_give(request: HttpRequest, organization: str, member_id: UUID) -> HttpResponse:
    """Record that a member's guardian agreed to public pages."""
    seat = seat_of(request, organization, role=REGISTRAR)
    chosen = member_get(organization=seat.organization, membership_id=member_id)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _member_page(request, seat, member_id, consent_form=form, status=422)
    try:
        member_consent_record(
            membership_id=chosen.public_id,
            given_by=form.cleaned_data["given_by"],
            person=seat.person,
            at=datetime.now(UTC),
        )
    except Invalid as error:
        form.add_error("given_by", sentence_of(error))
        return _member_page(request, seat, member_id, consent_form=form, status=422)
    messages.success(request, _("The consent is recorded. The learner decides what to open."))
    return _to("member", seat, member_id=member_id)


@login_required
@require_POST
def consent_end(request: HttpRequest, organization: str, consent_id: UUID) -> HttpResponse:
    """Withdraw a guardian's consent; public pages of what this organization gave close at once."""
    seat = seat_of(request, organization, role=REGISTRAR)
    member_consent_withdraw(
        organization=seat.organization, consent_id=consent_id, person=seat.person, at=datetime.now(UTC)
    )
    messages.success(request, _("The consent is withdrawn. Public pages it opened are closed."))
    return _to("people", seat)


def _member_page(
    request: HttpRequest, seat: Seat, member_id: UUID, *, status: int = 200, **bound: forms.Form
) -> HttpResponse:
    chosen = member_get(organization=seat.organization, membership_id=member_id)
    held = [row.role for row in chosen.roles.all()]
    context: dict[str, Any] = {
        "seat": seat,
        "row": _row(chosen, _consents(seat.organization), seat),
        "roles_form": RolesForm(initial={"roles": held}),
        "consent_form": ConsentForm(),
        "end_form": forms.Form(),
    }
    return render(request, "organizations/member.html", context | bound, status=status)


def _row(membership: Membership, consents: dict[int, Consent], seat: Seat) -> dict[str, Any]:
    return {
        "member": membership,
        "name": _name(membership),
        "roles": [ROLE_WORDS[held.role] for held in membership.roles.all() if held.role in ROLE_WORDS],
        "consent": consents.get(membership.person_id),
        "is_self": membership.pk == seat.membership.pk,
    }


def _consents(organization: Organization) -> dict[int, Consent]:
    found = consents_current(purpose=ConsentPurpose.PUBLIC_AWARD, organization_id=organization.public_id)
    return {consent.person_id: consent for consent in found}


def _name(membership: Membership) -> str:
    return membership.enrolled_name or _("Someone without a name yet")


def _to(name: str, seat: Seat, **kwargs: object) -> HttpResponseRedirect:
    address = reverse(name, kwargs={"organization": seat.organization.slug, **kwargs})
    return HttpResponseRedirect(address, status=303)
