"""Tokens of an organization: what programs may do here, in whose name, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.organizations.api_tokens import api_token_create, api_token_revoke, api_token_secret
from insignia.organizations.selectors import api_tokens_of, members_of
from insignia.web.issuing.proof import fresh_proof_required
from insignia.web.organizations.access import Seat, seat_of
from insignia.web.organizations.forms import SCOPE_WORDS, TokenForm

if TYPE_CHECKING:
    from insignia.organizations.models import ApiToken

NEW_TOKEN = "new-api-token"  # noqa: S105  - the name of a place in the session; it holds an id, never a secret


@dataclass(frozen=True)
class TokenRow:
    """One token as the page shows it: `state` is open, revoked, over, or orphaned."""

    token: ApiToken
    state: str
    scopes: list[Promise]
    maker: str


@login_required
@require_safe
def tokens(request: HttpRequest, organization: str) -> HttpResponse:
    """List the tokens, newest first; the one just made with its secret, this once."""
    seat = seat_of(request, organization, role="owner")
    rows = _rows(seat, at=datetime.now(UTC))
    fresh = request.session.pop(NEW_TOKEN, "")
    shown = next((row.token for row in rows if str(row.token.public_id) == fresh), None)
    context = {"seat": seat, "rows": rows, "secret": api_token_secret(shown.public_id) if shown else ""}
    return render(request, "organizations/tokens.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof_required
def token_new(request: HttpRequest, organization: str) -> HttpResponse:
    """Ask what a token is for; POST makes it, after a fresh proof of who is there."""
    seat = seat_of(request, organization, role="owner")
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        at = datetime.now(UTC)
        made = api_token_create(
            organization=seat.organization,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=at + timedelta(days=int(form.cleaned_data["days"])),
            person=seat.person,
            at=at,
        )
        request.session[NEW_TOKEN] = str(made.public_id)
        return _to_tokens(seat)
    context = {"seat": seat, "form": form}
    return render(request, "organizations/token_new.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def token_end(request: HttpRequest, organization: str, token_id: UUID) -> HttpResponse:
    """Revoke a token: the next request with it is refused."""
    seat = seat_of(request, organization, role="owner")
    ended = api_token_revoke(
        organization=seat.organization, token_id=token_id, person=seat.person, at=datetime.now(UTC)
    )
    messages.success(
        request, _("%(name)s is revoked. Programs that use it are refused from now on.") % {"name": ended.name}
    )
    return _to_tokens(seat)


def _rows(seat: Seat, *, at: datetime) -> list[TokenRow]:
    members = {membership.person_id: membership for membership in members_of(seat.organization)}
    owners = {pk for pk, one in members.items() if any(held.role == "owner" for held in one.roles.all())}
    found = api_tokens_of(organization=seat.organization, viewer=seat.person)
    return [
        TokenRow(
            token=token,
            state=_state(token, owners, at),
            scopes=[SCOPE_WORDS[scope] for scope in token.scopes],
            maker=members[token.created_by_id].enrolled_name if token.created_by_id in members else "",
        )
        for token in found
    ]


def _state(token: ApiToken, owners: set[int], at: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at <= at:
        return "over"
    return "open" if token.created_by_id in owners else "orphaned"


def _to_tokens(seat: Seat) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("api_tokens", args=[seat.organization.slug]), status=303)
