"""Public identities, keys and status lists; an organization's own settings of its issuer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.audit.actor import Actor
from insignia.awards.errors import AwardNotFound
from insignia.awards.selection import Selection, awards_meant
from insignia.awards.selectors import badges_signed_with
from insignia.foundation.errors import Conflict
from insignia.issuing.errors import IssuerMissing
from insignia.issuing.selectors import (
    did_document,
    issuer_addresses,
    issuer_get,
    issuer_of,
    issuers_all,
    jwks,
    key_jwk,
    keys_of,
    keys_retired_with,
    lists_of,
    profile_json,
    status_document,
)
from insignia.issuing.services import issuer_create, issuer_update, key_rotate, keys_withdraw, signing_stopped
from insignia.organizations.selectors import organization_get, permission_require, roles_of
from insignia.vc.codec import serialize
from insignia.web.awards.copies import unchanged_or
from insignia.web.awards.words import in_words, worded
from insignia.web.issuing.forms import ProfileForm, RotateForm
from insignia.web.issuing.proof import fresh_proof_required
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.issuing.models import Issuer
    from insignia.organizations.models import Organization
    from insignia.vc.model.json import JsonObject

PROFILE_TYPES = ("text/html", "application/ld+json", "application/json", "application/vc+ld+json")
DID_TYPES = ("application/did+ld+json", "application/did+json", "application/did")
FRESH_SECONDS = 300
OLD_KEY = timedelta(days=365)


@require_safe
def issuer_list(request: HttpRequest) -> HttpResponse:
    """List who issues here."""
    rows = [(issuer, issuer_addresses(issuer)) for issuer in issuers_all()]
    return render(request, "issuing/issuer_list.html", {"rows": rows})


@require_safe
@worded
def issuer(request: HttpRequest, issuer_id: UUID) -> HttpResponse:
    """Show an issuer: page, Profile or DID document, as the client prefers."""
    found = issuer_get(issuer_id)
    wanted = request.get_preferred_type([*PROFILE_TYPES, *DID_TYPES]) or PROFILE_TYPES[0]
    if wanted in DID_TYPES:
        response = _public(request, did_document(found), wanted)
    elif wanted != PROFILE_TYPES[0]:
        response = _public(request, profile_json(found), wanted)
    else:
        response = render(request, "issuing/issuer.html", _identity(found))
    patch_vary_headers(response, ("Accept",))
    return response


def _identity(found: Issuer) -> dict[str, Any]:
    keys = keys_of(found)
    return {
        "issuer": found,
        "addresses": issuer_addresses(found),
        "active": [key for key in keys if key.retired_at is None],
        "old": [key for key in reversed(keys) if key.retired_at is not None],
        "lists": lists_of(found),
        "zone": found.organization.time_zone,
    }


@require_safe
@worded
def did_json(request: HttpRequest, issuer_id: UUID) -> HttpResponse:
    """Give the DID document that did:web leads to."""
    return _public(request, did_document(issuer_get(issuer_id)), "application/did+ld+json")


@require_safe
@worded
def key(request: HttpRequest, issuer_id: UUID, key_id: UUID) -> HttpResponse:
    """Give the one key that a token's `kid` names."""
    return _public(request, key_jwk(issuer_id=issuer_id, key_id=key_id), "application/jwk+json")


@require_safe
@worded
def issuer_jwks(request: HttpRequest, issuer_id: UUID) -> HttpResponse:
    """Give every key of one issuer, retired ones included."""
    return _public(request, jwks(issuer_get(issuer_id)), "application/jwk-set+json")


@require_safe
def all_jwks(request: HttpRequest) -> HttpResponse:
    """Give every key of every issuer here."""
    keys = [one for found in issuers_all() for one in _keys(jwks(found))]
    return _public(request, {"keys": keys}, "application/jwk-set+json")


def _keys(found: JsonObject) -> list[Any]:
    keys = found["keys"]
    return keys if isinstance(keys, list) else []


@require_safe
@worded
def status_list(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Give a status list as it was signed last. Who asks is noted nowhere."""
    return _bytes(request, status_document(list_id), "application/vc+ld+json")


def _public(request: HttpRequest, document: JsonObject, media_type: str) -> HttpResponse:
    return _bytes(request, serialize(document), media_type)


def _bytes(request: HttpRequest, body: bytes, media_type: str) -> HttpResponse:
    response = HttpResponse(body, content_type=media_type)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return unchanged_or(request, response)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@worded
def issuer_settings(request: HttpRequest, organization: str) -> HttpResponse:
    """Show an organization whether it can sign, with which keys, and what to back up; change its profile."""
    school, person = organization_get(organization), _self(request)
    permission_require(person=person, organization=school, role="registrar")
    is_owner = "owner" in roles_of(person=person, organization=school)
    try:
        found = issuer_of(school)
    except IssuerMissing:
        return render(request, "issuing/settings_empty.html", {"school": school, "is_owner": is_owner})
    profile = {"url": found.url, "email": found.email, "image": found.image}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=profile)
    if request.method == "POST" and form.is_valid():
        issuer_update(issuer=found, actor=Actor.person(person), at=datetime.now(UTC), **form.cleaned_data)
        messages.success(request, _("Saved. Badges signed from now on name this; older ones keep what they say."))
        return _see(school)
    context = _identity(found) | {
        "school": school,
        "form": form,
        "is_owner": is_owner,
        "is_old": _is_old(found),
        "stopped": signing_stopped(found),
        "reissuable": _reissuable(school),
        "has_leak": any(key.compromised_at for key in keys_of(found)),
    }
    return render(request, "issuing/settings.html", context, status=422 if form.errors else 200)


def _reissuable(school: Organization) -> int:
    return awards_meant(Selection(), organization=school, change="reissued", on=datetime.now(UTC)).count()


def _is_old(found: Issuer) -> bool:
    now = datetime.now(UTC)
    return any(key.created_at + OLD_KEY < now for key in keys_of(found) if key.retired_at is None)


@require_POST
@login_required
@worded
def issuer_first_key(request: HttpRequest, organization: str) -> HttpResponse:
    """Make an organization's identity and its first keys."""
    school = organization_get(organization)
    try:
        issuer_create(organization=school, actor=Actor.person(_self(request)), at=datetime.now(UTC))
    except Conflict as error:
        messages.warning(request, in_words(error))
    else:
        messages.success(request, _("Keys are made. From now on, met work becomes a signed badge."))
    return _see(school)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@fresh_proof_required
@worded
def issuer_rotate(request: HttpRequest, organization: str) -> HttpResponseBase:
    """Replace the keys, after a fresh proof of who is there; the old public halves stay."""
    school, person = organization_get(organization), _self(request)
    permission_require(person=person, organization=school, role="owner")
    found = issuer_of(school)
    form = RotateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        leaked = form.cleaned_data["why"] == "leak"
        key_rotate(issuer=found, actor=Actor.person(person), at=datetime.now(UTC), compromised=leaked)
        messages.success(request, _("New keys sign from now on. The old ones stay published."))
        return _see(school)
    context = {"school": school, "form": form, "issuer": found}
    return render(request, "issuing/rotate.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@fresh_proof_required
@worded
def issuer_withdraw(request: HttpRequest, organization: str, key_id: UUID) -> HttpResponseBase:
    """Say of keys that were retired that somebody else may hold them, after a fresh proof of who is there."""
    school, person = organization_get(organization), _self(request)
    permission_require(person=person, organization=school, role="owner")
    found = issuer_of(school)
    keys = keys_retired_with(found, key_id)
    if request.method == "POST":
        keys_withdraw(issuer=found, key_id=key_id, actor=Actor.person(person), at=datetime.now(UTC))
        messages.success(request, _("Withdrawn. Whoever checks a badge learns it from your published keys."))
        return _see(school)
    context = {
        "school": school,
        "keys": keys,
        "is_withdrawn": all(key.compromised_at for key in keys),
        "count": badges_signed_with([key.public_id for key in keys]),
    }
    return render(request, "issuing/withdraw.html", context)


def _self(request: HttpRequest) -> Person:
    person = person_of(request)
    if person is None:  # the decorator saw to it
        raise AwardNotFound("There is nothing here.")
    return person


def _see(school: Organization) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("issuer_settings", args=[school.slug]), status=303)
