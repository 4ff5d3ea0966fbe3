"""Reading people."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from insignia.accounts.errors import ConsentMissing, PersonNotFound
from insignia.accounts.models import Consent, Person
from insignia.accounts.rules import is_minor


def person_get(public_id: UUID) -> Person:
    """Find a person by public id.

    Raises:
        PersonNotFound: there is none.
    """
    person = Person.objects.select_related("data_key").filter(public_id=public_id).first()
    if person is None:
        raise PersonNotFound("There is no such person here.")
    return person


def person_by_email(email: str) -> Person | None:
    """Find who has this first address, or nobody. Never show an outsider which of the two it was."""
    return Person.objects.select_related("data_key").filter(email__iexact=email.strip()).first()


def person_is_minor(person: Person, *, on: date) -> bool:
    """Say whether the person counts as a minor on that day (an unknown age does)."""
    return is_minor(person.born_on, on)


def consent_current(*, person: Person, purpose: str, organization_id: UUID) -> Consent | None:
    """Give the agreement in force for this purpose about what that organization gave, if any."""
    return Consent.objects.filter(
        person=person, purpose=purpose, organization_id=organization_id, withdrawn_at__isnull=True
    ).first()


def consents_current(*, purpose: str, organization_id: UUID) -> list[Consent]:
    """List the agreements in force about what one organization gave, with their people."""
    rows = Consent.objects.filter(purpose=purpose, organization_id=organization_id, withdrawn_at__isnull=True)
    return list(rows.select_related("person").order_by("given_at", "id"))


def consent_get(*, consent_id: UUID, organization_id: UUID) -> Consent:
    """Give an agreement in force about what that organization gave.

    Raises:
        ConsentMissing: none of this id is in force there.
    """
    rows = Consent.objects.filter(organization_id=organization_id, withdrawn_at__isnull=True)
    consent = rows.select_related("person__data_key").filter(public_id=consent_id).first()
    if consent is None:
        raise ConsentMissing("There is no consent in force to withdraw.")
    return consent
