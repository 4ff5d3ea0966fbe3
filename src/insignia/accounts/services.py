"""Changing people's accounts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from insignia.accounts.errors import AddressTaken, BirthDateImpossible, BirthDateKnown, ConsentMissing
from insignia.accounts.models import Consent, Language, Person
from insignia.accounts.rules import is_birth_date
from insignia.accounts.selectors import consent_current
from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.foundation.sealing import datakey_create


@transaction.atomic
def person_create(
    *,
    email: str,
    display_name: str,
    at: datetime,
    actor: Actor,
    born_on: date | None = None,
    language: str = Language.ENGLISH,
) -> Person:
    """Create a person with a verified first address.

    Raises:
        AddressTaken: somebody has this address.
    """
    person = Person(email=email.strip(), display_name=display_name, born_on=born_on, language=language)
    return person_register(person, at=at, actor=actor, verified=True)


@transaction.atomic
def person_register(person: Person, *, at: datetime, actor: Actor, verified: bool) -> Person:
    """Store a new person with a data key of their own and an audit row.

    Raises:
        AddressTaken: somebody has this address.
    """
    person.created_at = at
    person.data_key = datakey_create(at=at)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise AddressTaken("Somebody has an account with this address.") from error
    if verified:
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    audit_record(actor=actor, at=at, action="person.created", subject=("person", person.public_id))
    return person


@transaction.atomic
def person_update(*, person: Person, actor: Actor, at: datetime, display_name: str, language: str) -> Person:
    """Change how a person is shown and spoken to."""
    row = Person.objects.select_for_update().get(pk=person.pk)
    old = {"display_name": row.display_name, "language": row.language}
    row.display_name, row.language = display_name.strip(), language
    row.save(update_fields=["display_name", "language"])
    audit_record(
        actor=actor,
        at=at,
        action="person.updated",
        subject=("person", row.public_id),
        personal=(
            row.data_key,
            {"old": old, "new": {"display_name": row.display_name, "language": language}},
        ),
    )
    return row


@transaction.atomic
def birth_date_set(*, person: Person, born_on: date, actor: Actor, at: datetime) -> Person:
    """Keep somebody's date of birth, once: an age that could be tried out would protect nobody.

    Raises:
        BirthDateImpossible: a day to come, or one beyond any life.
        BirthDateKnown: another date was entered before.
    """
    if not is_birth_date(born_on, at.date()):
        text = "Enter the day you were born, such as 29 February 2008."
        raise BirthDateImpossible(text, fields={"born_on": text})
    row = Person.objects.select_for_update(of=("self",)).select_related("data_key").get(pk=person.pk)
    if row.born_on == born_on:
        return row
    if row.born_on is not None:
        raise BirthDateKnown("Your date of birth was entered before. It can be entered only once.")
    row.born_on = born_on
    row.save(update_fields=["born_on"])
    audit_record(
        actor=actor,
        at=at,
        action="person.birth-date",
        subject=("person", row.public_id),
        personal=(row.data_key, {"old": None, "new": born_on.isoformat()}),
    )
    return row


@transaction.atomic
def consent_record(
    *, person: Person, purpose: str, organization_id: UUID, given_by: str, actor: Actor, at: datetime
) -> Consent:
    """Record that a guardian agreed about what one organization gave; recording it again changes nothing.

    Who may record it is for the organization to say: `organizations.services.member_consent_record`.
    """
    row = Person.objects.select_for_update(of=("self",)).select_related("data_key").get(pk=person.pk)
    current = consent_current(person=row, purpose=purpose, organization_id=organization_id)
    if current is not None:
        return current
    consent = Consent.objects.create(
        organization_id=organization_id, person=row, purpose=purpose, given_by=given_by, given_at=at
    )
    audit_record(
        actor=actor,
        at=at,
        action="consent.given",
        subject=("consent", consent.public_id),
        organization_id=organization_id,
        new={"purpose": purpose, "person": str(row.public_id)},
        personal=(row.data_key, {"given_by": given_by}),
    )
    return consent


@transaction.atomic
def consent_withdraw(
    *, person: Person, purpose: str, organization_id: UUID, actor: Actor, at: datetime
) -> Consent:
    """End an agreement at once.

    Raises:
        ConsentMissing: there is none in force.
    """
    consent = (
        Consent.objects.select_for_update()
        .filter(person=person, purpose=purpose, organization_id=organization_id, withdrawn_at__isnull=True)
        .first()
    )
    if consent is None:
        raise ConsentMissing("There is no consent in force to withdraw.")
    consent.withdrawn_at = at
    consent.save(update_fields=["withdrawn_at"])
    audit_record(
        actor=actor,
        at=at,
        action="consent.withdrawn",
        subject=("consent", consent.public_id),
        organization_id=organization_id,
        new={"purpose": purpose, "person": str(person.public_id)},
    )
    return consent
