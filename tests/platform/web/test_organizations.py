"""People, invitations, consents and the record of an organization."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db.models import QuerySet
from django.test import Client

from insignia.accounts.models import Person
from insignia.accounts.selectors import consents_current
from insignia.audit.models import AuditEntry
from insignia.organizations.models import Membership, Organization
from insignia.organizations.selectors import invitations_open, membership_of, roles_of
from insignia.organizations.services import invitation_create, invitation_token
from insignia.outbox.models import Message
from tests.platform.factories import join, make_member, make_organization, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Start with unused rate limits and no kept state of the chain."""
    cache.clear()


@pytest.fixture
def school() -> Organization:
    return make_organization("quillwater-high")


@pytest.fixture
def owner(school: Organization) -> Person:
    return make_member(school, "owner", name="Priscilla Yazzie")


def visitor(person: Person | None = None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def membership(school: Organization, person: Person) -> Membership:
    found = membership_of(person=person, organization=school)
    assert found is not None
    return found


def mails() -> QuerySet[Message]:
    return Message.objects.filter(kind="invitation")


class TestPeople:
    def test_lists_members_with_roles_and_says_who_one_is(self, school: Organization, owner: Person) -> None:
        make_member(school, "assessor", "author", name="Samuel Okafor")
        page = visitor(owner).get("/o/quillwater-high/people").content.decode()
        assert "Samuel Okafor" in page
        assert "Badge author" in page
        assert "you" in page
        assert owner.email not in page, "an address is the person's own"

    def test_teaches_the_first_step_where_nobody_is(self, owner: Person) -> None:
        page = visitor(owner).get("/o/quillwater-high/people").content.decode()
        assert "Nobody but you belongs here yet" in page

    def test_shows_a_registrar_no_roles_to_change(self, school: Organization, owner: Person) -> None:
        registrar = visitor(make_member(school, "registrar"))
        address = f"/o/quillwater-high/people/{membership(school, owner).public_id}"
        assert "Save these roles" not in registrar.get(address).content.decode()
        assert registrar.post(f"{address}/roles", {"roles": ["author"]}).status_code == 403
        assert registrar.post(f"{address}/end").status_code == 403

    def test_saves_roles(self, school: Organization, owner: Person) -> None:
        samuel = make_member(school, "assessor", name="Samuel Okafor")
        address = f"/o/quillwater-high/people/{membership(school, samuel).public_id}/roles"
        answer = visitor(owner).post(address, {"roles": ["author", "registrar"]})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/o/quillwater-high/people")
        assert roles_of(person=samuel, organization=school) == {"author", "registrar"}

    def test_keeps_the_last_owner(self, school: Organization, owner: Person) -> None:
        address = f"/o/quillwater-high/people/{membership(school, owner).public_id}"
        for answer in (visitor(owner).post(f"{address}/roles"), visitor(owner).post(f"{address}/end")):
            assert answer.status_code == 409
            assert "keeps at least one owner" in answer.content.decode()
            assert 'class="error-summary"' in answer.content.decode()
        assert "owner" in roles_of(person=owner, organization=school)

    def test_removes_somebody_at_once(self, school: Organization, owner: Person) -> None:
        samuel = make_member(school, "registrar", name="Samuel Okafor")
        open_window = visitor(samuel)
        assert open_window.get("/o/quillwater-high/people").status_code == 200
        address = f"/o/quillwater-high/people/{membership(school, samuel).public_id}/end"
        assert visitor(owner).post(address).status_code == 303
        assert open_window.get("/o/quillwater-high/people").status_code == 404
        assert visitor(owner).post(address).status_code == 404

    def test_refuses_an_id_of_another_organization_under_its_own_address(self, owner: Person) -> None:
        there = make_organization()
        join(there, owner, "owner")
        stranger = membership(there, make_member(there, "author"))
        assert visitor(owner).get(f"/o/quillwater-high/people/{stranger.public_id}").status_code == 404
        answer = visitor(owner).post(f"/o/quillwater-high/people/{stranger.public_id}/end")
        assert answer.status_code == 404
        assert membership_of(person=stranger.person, organization=there) is not None


class TestInviting:
    def test_mails_a_link_once(self, school: Organization, owner: Person) -> None:
        form = {"email": "samuel@example.org", "roles": ["assessor"]}
        for _time in range(2):
            assert visitor(owner).post("/o/quillwater-high/people/invite", form).status_code == 303
        assert mails().count() == 1
        page = visitor(owner).get("/o/quillwater-high/people").content.decode()
        assert "samuel@example.org" in page

    def test_keeps_what_was_typed(self, owner: Person) -> None:
        form = {"email": "samuel@@example", "roles": ["assessor"]}
        answer = visitor(owner).post("/o/quillwater-high/people/invite", form)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "samuel@@example" in page
        assert re.search(r'value="assessor"[^>]*checked', page)
        assert "<title>Error: Invite somebody" in page
        assert mails().count() == 0

    @pytest.mark.parametrize(
        "email", ["a@b.example\r\nBcc: c@d.example", "a@b.example\x00", f"{'a' * 250}@b.example"]
    )
    def test_takes_no_address_that_is_more_than_one(self, owner: Person, email: str) -> None:
        assert visitor(owner).post("/o/quillwater-high/people/invite", {"email": email}).status_code == 422
        assert mails().count() == 0

    def test_can_be_sent_again_and_withdrawn(self, school: Organization, owner: Person) -> None:
        early = datetime.now(UTC) - timedelta(hours=1)
        first = invitation_create(
            organization=school, email="a@b.example", roles=["author"], person=owner, at=early
        )
        again = f"/o/quillwater-high/invitations/{first.public_id}/again"
        assert visitor(owner).post(again).status_code == 303
        [second] = invitations_open(school)
        assert (second.email, second.roles) == ("a@b.example", ["author"])
        assert second != first
        assert visitor(owner).post(again).status_code == 410
        withdraw = f"/o/quillwater-high/invitations/{second.public_id}/withdraw"
        assert visitor(owner).post(withdraw).status_code == 303
        assert invitations_open(school) == []
        assert visitor().get(f"/invitations/{invitation_token(second.public_id)}").status_code == 410

    def test_is_limited(self, owner: Person) -> None:
        client = visitor(owner)
        answers = [
            client.post("/o/quillwater-high/people/invite", {"email": f"n{number}@b.example"}).status_code
            for number in range(21)
        ]
        assert answers == [303] * 20 + [429]


class TestInvitation:
    @pytest.fixture
    def address(self, school: Organization, owner: Person) -> str:
        made = invitation_create(
            organization=school,
            email="samuel@example.org",
            roles=["assessor"],
            person=owner,
            at=datetime.now(UTC),
        )
        return f"/invitations/{invitation_token(made.public_id)}"

    def test_says_who_invites_to_what_and_changes_nothing(self, address: str) -> None:
        for _time in range(2):
            answer = visitor().get(address)
            page = answer.content.decode()
            assert "Quillwater High invites you" in page
            assert "Assessor" in page
            assert "samuel@example.org" not in page
        assert answer.headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in answer.headers["Cache-Control"]

    def test_leads_through_sign_in_and_back(self, address: str) -> None:
        page = visitor().get(address).content.decode()
        assert f"/sign-in?next={address}" in page
        answer = visitor().post(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={address}")

    def test_is_accepted_once(self, address: str, school: Organization) -> None:
        samuel = make_person("Samuel Okafor")
        assert visitor(samuel).post(address).status_code == 303
        assert roles_of(person=samuel, organization=school) == {"assessor"}
        for again in (visitor(samuel).post(address), visitor(make_person()).post(address), visitor().get(address)):
            assert again.status_code == 410
            assert "was used or has ended" in again.content.decode()

    def test_was_never_made(self) -> None:
        answer = visitor().get("/invitations/guessed")
        assert answer.status_code == 404
        assert "Copy the whole link" in answer.content.decode()

    def test_is_not_guessed_fast(self) -> None:
        client = visitor()
        answers = [client.get(f"/invitations/guess{number}").status_code for number in range(31)]
        assert answers == [404] * 30 + [429]


class TestConsent:
    def test_is_recorded_and_withdrawn_by_a_registrar(self, school: Organization) -> None:
        registrar = visitor(make_member(school, "registrar"))
        mai = join(school, make_person("Mai Nguyen", born_on=date(2011, 3, 4)))
        address = f"/o/quillwater-high/people/{mai.public_id}"
        answer = registrar.post(f"{address}/consent", {"given_by": "Hòa \u202eNguyen"})
        assert (answer.status_code, answer.headers["Location"]) == (303, address)
        assert "Hòa Nguyen agreed." in registrar.get(address).content.decode()
        [consent] = consents_current(purpose="public-award", organization_id=school.public_id)
        withdraw = f"/o/quillwater-high/consents/{consent.public_id}/withdraw"
        assert registrar.post(withdraw).status_code == 303
        assert registrar.post(withdraw).status_code == 409
        assert consents_current(purpose="public-award", organization_id=school.public_id) == []

    def test_needs_a_name(self, school: Organization, owner: Person) -> None:
        mai = join(school, make_person(born_on=None))
        answer = visitor(owner).post(
            f"/o/quillwater-high/people/{mai.public_id}/consent", {"given_by": " \u202e "}
        )
        assert answer.status_code == 422
        assert "Write the name of the guardian" in answer.content.decode()

    def test_stays_with_its_organization(self, school: Organization, owner: Person) -> None:
        there = make_organization()
        mai = make_person("Mai Nguyen", born_on=None)
        here_too = join(school, mai)
        over_there = join(there, mai)
        registrar = visitor(make_member(there, "registrar"))
        address = f"/o/{there.slug}/people/{over_there.public_id}"
        registrar.post(f"{address}/consent", {"given_by": "Hòa Nguyen"})
        page = visitor(owner).get(f"/o/quillwater-high/people/{here_too.public_id}").content.decode()
        assert "Hòa" not in page
        [consent] = consents_current(purpose="public-award", organization_id=there.public_id)
        assert visitor(owner).post(f"/o/quillwater-high/consents/{consent.public_id}/withdraw").status_code == 409


class TestAudit:
    def test_tells_in_plain_words_with_the_names_the_school_knows(
        self, school: Organization, owner: Person
    ) -> None:
        samuel = membership(school, make_member(school, "assessor", name="Samuel Okafor"))
        visitor(owner).post(f"/o/quillwater-high/people/{samuel.public_id}/roles", {"roles": ["author"]})
        page = visitor(owner).get("/o/quillwater-high/audit").content.decode()
        assert "Roles changed" in page
        assert "Samuel Okafor: Badge author" in page
        assert "Priscilla Yazzie" in page
        assert "Every row covers the one before it" in page

    def test_filters_by_kind_and_by_one_thing(self, school: Organization, owner: Person) -> None:
        samuel = membership(school, make_member(school, "assessor", name="Samuel Okafor"))
        client = visitor(owner)
        one = client.get("/o/quillwater-high/audit", {"subject": f"membership:{samuel.public_id}"})
        assert "1 entry, newest first" in one.content.decode()
        badges = client.get("/o/quillwater-high/audit", {"about": "badges"})
        assert "Nothing of this kind has happened yet" in badges.content.decode()
        for odd in ({"subject": "membership:'"}, {"about": "\x00"}, {"page": "-1"}, {"subject": ":"}):
            assert client.get("/o/quillwater-high/audit", odd).status_code == 200

    def test_shows_nothing_of_another_organization(self, school: Organization, owner: Person) -> None:
        there = make_organization()
        stranger = membership(there, make_member(there, "author", name="Zzyzx"))
        client = visitor(owner)
        assert client.get(f"/o/{there.slug}/audit").status_code == 404
        one = client.get("/o/quillwater-high/audit", {"subject": f"membership:{stranger.public_id}"})
        assert "Nothing of this kind has happened yet" in one.content.decode()
        assert "Zzyzx" not in client.get("/o/quillwater-high/audit").content.decode()

    def test_pages(self, school: Organization, owner: Person) -> None:
        AuditEntry.objects.bulk_create(
            AuditEntry(
                at=datetime.now(UTC),
                actor_kind="system",
                action="award.issued",
                subject_kind="award",
                subject_id=school.public_id,
                organization_id=school.public_id,
            )
            for _number in range(120)
        )
        answer = visitor(owner).get("/o/quillwater-high/audit", {"about": "awards", "page": "2"})
        assert "?about=awards&amp;page=3" in answer.content.decode()
        assert answer.content.decode().count('<tr role="row">') == 1 + 50


class TestBirthDate:
    def test_is_entered_once(self) -> None:
        person = make_person("Noor Haddad", born_on=None)
        client = visitor(person)
        assert "you count as under 18" in client.get("/account").content.decode()
        assert client.post("/account/birth-date", {"born_on": "2008-02-29"}).status_code == 303
        person.refresh_from_db()
        assert person.born_on == date(2008, 2, 29)
        again = client.post("/account/birth-date", {"born_on": "2000-01-01"})
        assert again.status_code == 422
        assert "only once" in again.content.decode()

    @pytest.mark.parametrize("given", ["", "tomorrow", "2990-01-01", "1800-01-01", "2011-02-29"])
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, given: str) -> None:
        answer = visitor(make_person(born_on=None)).post("/account/birth-date", {"born_on": given})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Enter the day you were born" in page
        assert not given or given in page
