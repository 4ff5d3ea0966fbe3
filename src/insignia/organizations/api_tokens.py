"""Tokens by which programs act for an organization: making, ending and noting their use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.foundation.ids import new_id
from insignia.foundation.tokens import token_derive, token_hash
from insignia.organizations.errors import ApiTokenIncomplete, ApiTokenNotFound
from insignia.organizations.models import ApiToken, Role, Scope
from insignia.organizations.selectors import permission_require

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.organizations.models import Organization

TOKEN_LONGEST = timedelta(days=366)
TOKEN_NAME = 80
TOKEN_VISIBLE = len("insignia_") + 6
TOKEN_USE_NOTED = timedelta(minutes=1)


@transaction.atomic
def api_token_create(
    *,
    organization: Organization,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime,
    person: Person,
    at: datetime,
) -> ApiToken:
    """Make a token for a program; only an owner can. Its secret is `api_token_secret` of its id.

    Raises:
        OrganizationNotFound, RoleMissing: the person does not own the organization.
        ApiTokenIncomplete: no name, no scope, an unknown one, or an end that is past or more than a year away.
    """
    permission_require(person=person, organization=organization, role=Role.OWNER)
    label, checked = " ".join(name.split()), sorted(set(scopes))
    _token_require(label, checked, lifetime=expires_at - at)
    public_id = new_id()
    secret = api_token_secret(public_id)
    token = ApiToken.objects.create(
        public_id=public_id,
        organization=organization,
        name=label,
        prefix=secret[:TOKEN_VISIBLE],
        token_hash=token_hash(secret),
        scopes=checked,
        created_by=person,
        created_at=at,
        expires_at=expires_at,
    )
    new = {"scopes": checked, "prefix": token.prefix}
    _audit(token, "api-token.created", person=person, at=at, new=new)
    return token


def api_token_secret(public_id: UUID) -> str:
    """Derive the secret of a token, for the one page that shows it; the database knows its hash alone."""
    return f"insignia_{token_derive('api-token', str(public_id))}"


@transaction.atomic
def api_token_revoke(*, organization: Organization, token_id: UUID, person: Person, at: datetime) -> ApiToken:
    """End a token now; ending it twice changes nothing.

    Raises:
        OrganizationNotFound, RoleMissing: the person does not own the organization.
        ApiTokenNotFound: the organization has no such token.
    """
    permission_require(person=person, organization=organization, role=Role.OWNER)
    token = ApiToken.objects.select_for_update().filter(organization=organization, public_id=token_id).first()
    if token is None:
        raise ApiTokenNotFound("There is no such token here.")
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        _audit(token, "api-token.revoked", person=person, at=at)
    return token


def api_token_used(token: ApiToken, *, at: datetime) -> None:
    """Note when a token was last used, to the minute: a read should not cost a write each time."""
    if token.last_used_at is None or token.last_used_at <= at - TOKEN_USE_NOTED:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


def _token_require(name: str, scopes: list[str], *, lifetime: timedelta) -> None:
    fields = {}
    if not 1 <= len(name) <= TOKEN_NAME:
        fields["name"] = "Write a name of 1 to 80 characters, such as the program that uses it."
    if not scopes or any(scope not in Scope.values for scope in scopes):
        fields["scopes"] = "Choose at least one of the scopes shown."
    if not timedelta(0) < lifetime <= TOKEN_LONGEST:
        fields["expires_at"] = "Choose an end within a year."
    if fields:
        raise ApiTokenIncomplete("The token was not made. " + " ".join(fields.values()), fields=fields)


def _audit(
    token: ApiToken, action: str, *, person: Person, at: datetime, new: dict[str, Any] | None = None
) -> None:
    audit_record(
        actor=Actor.person(person),
        at=at,
        action=action,
        subject=("api-token", token.public_id),
        organization_id=token.organization.public_id,
        new=new,
    )
