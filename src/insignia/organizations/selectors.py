"""Who belongs where, and may do what. Rights are read afresh at each use, never remembered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Prefetch

from insignia.accounts.models import Person
from insignia.foundation.tokens import token_hash
from insignia.organizations.errors import (
    ApiTokenUnusable,
    InvitationOver,
    InvitationUnusable,
    OrganizationNotFound,
    RoleMissing,
    ScopeMissing,
)
from insignia.organizations.models import ApiToken, Invitation, Membership, MembershipRole, Organization, Role
from insignia.organizations.rules import effective_roles

ROLE_WORDS = {
    "owner": "an owner",
    "author": "a badge author",
    "assessor": "an assessor",
    "registrar": "a registrar",
}


def organization_get(slug: str) -> Organization:
    """Find an organization by its short name; its name and badges are public.

    Raises:
        OrganizationNotFound: there is none.
    """
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise OrganizationNotFound("There is no such organization here.")
    return organization


def organizations_all() -> list[Organization]:
    """List every organization by short name."""
    return list(Organization.objects.order_by("slug"))


def membership_of(*, person: Person, organization: Organization) -> Membership | None:
    """Give the person's active membership there, if any."""
    return (
        Membership.objects.filter(person=person, organization=organization, ended_at__isnull=True)
        .prefetch_related("roles")
        .first()
    )


def memberships_of(person: Person) -> list[Membership]:
    """List the person's active memberships with organization and roles."""
    return list(
        Membership.objects.filter(person=person, ended_at__isnull=True)
        .select_related("organization")
        .prefetch_related("roles")
        .order_by("organization__slug")
    )


def roles_of(*, person: Person, organization: Organization) -> frozenset[str]:
    """Give what the person may do there now; nothing without an active membership."""
    roles = MembershipRole.objects.filter(
        membership__person=person, membership__organization=organization, membership__ended_at__isnull=True
    ).values_list("role", flat=True)
    return effective_roles(roles)


def permission_require(*, person: Person, organization: Organization, role: str) -> Membership:
    """Give the active membership that carries `role`.

    Raises:
        OrganizationNotFound: the person is no member (an outsider learns nothing).
        RoleMissing: a member without this role.
    """
    membership = membership_of(person=person, organization=organization)
    if membership is None:
        raise OrganizationNotFound("There is no such organization here.")
    if role not in effective_roles(held.role for held in membership.roles.all()):
        raise RoleMissing(f"Only {ROLE_WORDS[role]} can do this. Ask an owner for the role.", role=role)
    return membership


def members_of(organization: Organization) -> list[Membership]:
    """List active members with their roles."""
    roles = Prefetch("roles", queryset=MembershipRole.objects.order_by("role"))
    return list(
        Membership.objects.filter(organization=organization, ended_at__isnull=True)
        .select_related("person")
        .prefetch_related(roles)
        .order_by("enrolled_name", "id")
    )


def invitations_open(organization: Organization) -> list[Invitation]:
    """List invitations that were neither used nor withdrawn."""
    return list(
        Invitation.objects.filter(
            organization=organization, accepted_at__isnull=True, withdrawn_at__isnull=True
        ).order_by("-created_at")
    )


def member_get(*, organization: Organization, membership_id: UUID) -> Membership:
    """Give one member of this organization; the caller has checked that the viewer may know its members.

    Raises:
        OrganizationNotFound: nobody of this id is a member here now.
    """
    membership = (
        Membership.objects.filter(organization=organization, public_id=membership_id, ended_at__isnull=True)
        .select_related("person", "organization")
        .prefetch_related(Prefetch("roles", queryset=MembershipRole.objects.order_by("role")))
        .first()
    )
    if membership is None:
        raise OrganizationNotFound("There is no such member here.")
    return membership


def names_enrolled(*, organization: Organization, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Map people's public ids to the names this organization knows, of members past and present."""
    rows = Membership.objects.filter(organization=organization, person__public_id__in=set(person_ids))
    return dict(rows.order_by("joined_at", "id").values_list("person__public_id", "enrolled_name"))


def names_of_memberships(*, organization: Organization, membership_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Map memberships' public ids to the names this organization knows."""
    rows = Membership.objects.filter(organization=organization, public_id__in=set(membership_ids))
    return dict(rows.values_list("public_id", "enrolled_name"))


def invitation_get(*, organization: Organization, invitation_id: UUID) -> Invitation:
    """Give one invitation of this organization, open or not.

    Raises:
        InvitationUnusable: none of this id was made here.
    """
    invitation = Invitation.objects.filter(organization=organization, public_id=invitation_id).first()
    if invitation is None:
        raise InvitationUnusable("There is no such invitation here.")
    return invitation


def invitation_open(*, token: str, on: datetime) -> Invitation:
    """Give the invitation behind a link while it can be accepted; reading it changes nothing.

    Raises:
        InvitationOver: it was used, withdrawn or has ended, or who made it owns the organization no more.
        InvitationUnusable: there was never one like it.
    """
    rows = Invitation.objects.select_related("organization", "invited_by")
    invitation = rows.filter(token_hash=token_hash(token)).first()
    if invitation is None:
        raise InvitationUnusable("No invitation has this address. Copy the whole link from the mail.")
    if invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= on:
        raise InvitationOver("This invitation was used or has ended. Ask for a new one.")
    if Role.OWNER not in roles_of(person=invitation.invited_by, organization=invitation.organization):
        raise InvitationOver("This invitation was used or has ended. Ask for a new one.")
    return invitation


def api_tokens_of(*, organization: Organization, viewer: Person) -> list[ApiToken]:
    """List the organization's tokens, newest first, ended ones included.

    Raises:
        OrganizationNotFound, RoleMissing: the viewer does not own it.
    """
    permission_require(person=viewer, organization=organization, role=Role.OWNER)
    return list(ApiToken.objects.filter(organization=organization).select_related("created_by").order_by("-id"))


def api_token_open(*, secret: str, on: datetime) -> ApiToken:
    """Give the token behind a secret while it may be used; what its maker may do is read afresh.

    Raises:
        ApiTokenUnusable: unknown, revoked, over, or its maker owns the organization no more.
    """
    rows = ApiToken.objects.select_related("organization", "created_by")
    token = rows.filter(token_hash=token_hash(secret)).first()
    if token is None:
        raise ApiTokenUnusable("This token is not known here. Send it whole: Authorization: Bearer insignia_...")
    if token.revoked_at is not None:
        raise ApiTokenUnusable("This token was revoked. Ask an owner of the organization for a new one.")
    if token.expires_at <= on:
        ended = token.expires_at.astimezone(ZoneInfo(token.organization.time_zone)).date()
        raise ApiTokenUnusable(f"This token ended on {ended}. Ask an owner for a new one.")
    if Role.OWNER not in roles_of(person=token.created_by, organization=token.organization):
        raise ApiTokenUnusable("Who made this token owns the organization no more. Ask an owner for a new one.")
    return token


def scope_require(token: ApiToken, scope: str) -> None:
    """Let a token pass that was made for this.

    Raises:
        ScopeMissing: it was made for other things.
    """
    if scope not in token.scopes:
        raise ScopeMissing(f"This token lacks the scope {scope}. Make one that has it.", scope=scope)


def groups_of(organization: Organization) -> list[tuple[str, int]]:
    """List the classes and cohorts of an organization by name, with how many active members each has."""
    rows = Membership.objects.filter(organization=organization, ended_at__isnull=True).exclude(class_group="")
    return list(rows.order_by("class_group").values_list("class_group").annotate(members=Count("id")))


def members_in_group(*, organization: Organization, group: str) -> list[Membership]:
    """List the active members of one class or cohort, by name."""
    rows = Membership.objects.filter(organization=organization, class_group=group, ended_at__isnull=True)
    return list(rows.select_related("person").order_by("enrolled_name", "id"))


@dataclass(frozen=True)
class Seat:
    """An active member, as far as a long list needs one."""

    person_id: int
    person_public_id: UUID
    number: str


def seats_by_number(*, organization: Organization, numbers: Iterable[str]) -> dict[str, Seat]:
    """Find active members by the number the organization gave them; one that two of them have finds nobody."""
    rows = Membership.objects.filter(organization=organization, ended_at__isnull=True)
    found: dict[str, list[Seat]] = {}
    wanted = rows.filter(enrolled_number__among=[number for number in numbers if number])
    for row in wanted.values_list("person_id", "person__public_id", "enrolled_number"):
        found.setdefault(row[2], []).append(Seat(*row))
    return {number: seats[0] for number, seats in found.items() if len(seats) == 1}


def seats_by_person(*, organization: Organization, person_ids: Iterable[UUID]) -> dict[UUID, Seat]:
    """Find active members by their account's public id."""
    rows = Membership.objects.filter(
        organization=organization, ended_at__isnull=True, person__public_id__among=list(person_ids)
    )
    return {row[1]: Seat(*row) for row in rows.values_list("person_id", "person__public_id", "enrolled_number")}
