from __future__ import annotations

import pytest

from insignia.accounts.errors import AddressTaken, ConsentMissing
from insignia.accounts.models import Person
from insignia.accounts.selectors import consent_current
from insignia.accounts.services import consent_record, consent_withdraw, person_create, person_update
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


class TestConsent:
    def test_is_in_force_until_withdrawn(self) -> None:
        mai = make_person("Mai Nguyen", born_on=None)
        given = consent_record(person=mai, purpose="public-award", given_by="Hòa Nguyen", actor=SETUP, at=AT)
        again = consent_record(person=mai, purpose="public-award", given_by="Hòa Nguyen", actor=SETUP, at=AT)
        assert given == again == consent_current(mai, "public-award")
        consent_withdraw(person=mai, purpose="public-award", actor=SETUP, at=AT)
        assert consent_current(mai, "public-award") is None
        with pytest.raises(ConsentMissing):
            consent_withdraw(person=mai, purpose="public-award", actor=SETUP, at=AT)
