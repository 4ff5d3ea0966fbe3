"""Who belongs where, and may do what. Rights are read afresh at each use, never remembered."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch

from insignia.accounts.models import Person
from insignia.organizations.errors import OrganizationNotFound, RoleMissing
from insignia.organizations.models import Invitation, Membership, MembershipRole, Organization
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


def organization_by_id(public_id: UUID) -> Organization:
    """Find an organization by public id.

    Raises:
        OrganizationNotFound: there is none.
    """
    organization = Organization.objects.filter(public_id=public_id).first()
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
