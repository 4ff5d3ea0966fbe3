"""The right of a person to do what a service of issuing does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from insignia.accounts.selectors import person_get
from insignia.organizations.selectors import permission_require

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.organizations.models import Organization


def role_require(actor: Actor, *, organization: Organization, role: str) -> None:
    """Check the right of a person; jobs and commands of ours act for the installation.

    Raises:
        NotFound: the person is no member.
        NotAllowed: a member without the role.
    """
    if actor.kind == "person":
        person = person_get(actor.id or UUID(int=0))
        permission_require(person=person, organization=organization, role=role)
