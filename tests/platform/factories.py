"""A few made-up people and organizations, through the services a real installation uses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count

from insignia.accounts.models import Person
from insignia.accounts.services import person_create
from insignia.audit.actor import Actor
from insignia.awards.models import Award
from insignia.organizations.models import Membership, Organization
from insignia.organizations.services import member_add, organization_create

AT = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
SETUP = Actor.command("tests")
_numbers = count(1)


def this_hour() -> datetime:
    """Give a moment of just now that stays the same for a while, so that what is built then is built once."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def make_person(
    name: str = "Itzel Marroquín", *, born_on: date | None = date(2008, 2, 29), language: str = "en"
) -> Person:
    """Make a person with an address of their own; 18 on `AT` unless said otherwise."""
    return person_create(
        email=f"person{next(_numbers)}@quillwater.example",
        display_name=name,
        born_on=born_on,
        language=language,
        at=AT,
        actor=SETUP,
    )


def make_organization(
    slug: str = "", *, name: str = "Quillwater High", time_zone: str = "America/Denver"
) -> Organization:
    """Make a school."""
    return organization_create(
        actor=SETUP,
        at=AT,
        slug=slug or f"school-{next(_numbers)}",
        name={"en": name, "es": name},
        kind="school",
        time_zone=time_zone,
    )


def make_member(organization: Organization, *roles: str, name: str = "Priscilla Yazzie") -> Person:
    """Make a person who is a member with these roles."""
    person = make_person(name)
    join(organization, person, *roles)
    return person


def join(organization: Organization, person: Person, *roles: str) -> Membership:
    """Make this person a member with these roles."""
    return member_add(organization=organization, person=person, roles=roles, actor=SETUP, at=AT)


def owner_of(award: Award) -> Person:
    """Give the account of the award's owner, which it has in this test."""
    assert award.learner is not None
    return award.learner
