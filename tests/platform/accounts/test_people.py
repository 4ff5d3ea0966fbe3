from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from insignia.accounts.errors import AddressTaken, BirthDateImpossible, BirthDateKnown, ConsentMissing
from insignia.accounts.models import Consent, Person
from insignia.accounts.selectors import consent_current, consents_current, person_is_minor
from insignia.accounts.services import (
    birth_date_set,
    consent_record,
    consent_withdraw,
    person_create,
    person_update,
)
from insignia.audit.actor import Actor
from insignia.audit.selectors import entries_of
from tests.platform.factories import AT, SETUP, make_person

pytestmark = pytest.mark.django_db


class TestPerson:
    def test_has_one_account_whatever_the_case_of_the_address(self) -> None:
        person_create(email="noor@quillwater.example", display_name="Noor Haddad", at=AT, actor=SETUP)
        with pytest.raises(AddressTaken):
            person_create(email="NOOR@quillwater.example", display_name="Other", at=AT, actor=SETUP)
        assert Person.objects.count() == 1

    def test_has_no_password_that_could_be_guessed(self) -> None:
        assert not make_person().has_usable_password()

    def test_keeps_names_out_of_the_plain_audit_columns(self) -> None:
        person = make_person("Itzel Marroquín")
        person_update(person=person, actor=Actor.person(person), at=AT, display_name="Itzel M.", language="es")
        rows = entries_of(subject_kind="person", subject_id=person.public_id)
        assert [row.action for row in rows] == ["person.created", "person.updated"]
        assert "Itzel" not in str([(row.old, row.new) for row in rows])


HERE, THERE = UUID(int=1), UUID(int=2)


def agree(person: Person, organization_id: UUID = HERE) -> Consent:
    return consent_record(
        person=person,
        purpose="public-award",
        organization_id=organization_id,
        given_by="Hòa Nguyen",
        actor=SETUP,
        at=AT,
    )


def take_back(person: Person) -> None:
    consent_withdraw(person=person, purpose="public-award", organization_id=HERE, actor=SETUP, at=AT)


def current(person: Person, organization_id: UUID = HERE) -> Consent | None:
    return consent_current(person=person, purpose="public-award", organization_id=organization_id)


class TestConsent:
    def test_is_in_force_until_withdrawn(self) -> None:
        mai = make_person("Mai Nguyen", born_on=None)
        given = agree(mai)
        assert given == agree(mai) == current(mai)
        take_back(mai)
        assert current(mai) is None
        with pytest.raises(ConsentMissing):
            take_back(mai)

    def test_is_about_one_organization(self) -> None:
        mai = make_person("Mai Nguyen", born_on=None)
        agree(mai, THERE)
        assert current(mai) is None
        with pytest.raises(ConsentMissing):
            take_back(mai)
        assert consents_current(purpose="public-award", organization_id=HERE) == []
        assert [row.person for row in consents_current(purpose="public-award", organization_id=THERE)] == [mai]

    def test_keeps_the_guardian_out_of_the_plain_audit_columns(self) -> None:
        rows = entries_of(subject_kind="consent", subject_id=agree(make_person()).public_id)
        assert [(row.action, row.organization_id) for row in rows] == [("consent.given", HERE)]
        assert "Nguyen" not in str([(row.old, row.new) for row in rows])


class TestBirthDate:
    def set(self, person: Person, born_on: date) -> Person:
        return birth_date_set(person=person, born_on=born_on, actor=Actor.person(person), at=AT)

    def test_is_entered_once(self) -> None:
        mai = make_person("Mai Nguyen", born_on=None)
        assert person_is_minor(mai, on=AT.date())
        grown = self.set(mai, date(2008, 5, 14))
        assert not person_is_minor(grown, on=AT.date())
        assert self.set(mai, date(2008, 5, 14)).born_on == date(2008, 5, 14)
        with pytest.raises(BirthDateKnown):
            self.set(mai, date(2000, 1, 1))

    @pytest.mark.parametrize("born_on", [date(2026, 5, 15), date(1900, 1, 1)])
    def test_is_a_day_somebody_can_have_been_born(self, born_on: date) -> None:
        person = make_person(born_on=None)
        with pytest.raises(BirthDateImpossible):
            self.set(person, born_on)

    def test_stays_sealed_in_the_record(self) -> None:
        person = make_person(born_on=None)
        self.set(person, date(2011, 3, 4))
        last = entries_of(subject_kind="person", subject_id=person.public_id)[-1]
        assert last.action == "person.birth-date"
        assert "2011" not in str((last.old, last.new))
