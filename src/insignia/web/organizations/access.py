"""Who may open an organization's pages. Asked afresh at each request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest

from insignia.organizations.rules import effective_roles
from insignia.organizations.selectors import organization_get, permission_require
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.organizations.models import Membership, Organization


@dataclass(frozen=True)
class Seat:
    """The signed-in person as a member of the organization that the address names."""

    person: Person
    organization: Organization
    membership: Membership

    @property
    def is_owner(self) -> bool:
        """Say whether they may give roles, invite and remove."""
        return "owner" in effective_roles(held.role for held in self.membership.roles.all())


def seat_of(request: HttpRequest, slug: str, *, role: str) -> Seat:
    """Give the seat of who is looking; for views behind `login_required`.

    Raises:
        OrganizationNotFound: not a member (404).
        RoleMissing: a member without this role (403).
    """
    person = person_of(request)
    assert person is not None  # noqa: S101  - login_required stands before every caller
    organization = organization_get(slug)
    membership = permission_require(person=person, organization=organization, role=role)
    return Seat(person, organization, membership)
