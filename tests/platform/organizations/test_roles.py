from __future__ import annotations

from datetime import timedelta

import pytest

from insignia.accounts.models import Person
from insignia.accounts.selectors import consents_current
from insignia.audit.models import AuditEntry
from insignia.foundation.errors import Conflict, NotAllowed, NotFound
from insignia.organizations.errors import (
    GuardianMissing,
    InvitationOver,
    InvitationUnusable,
    LastOwner,
    RoleUnknown,
)
from insignia.organizations.models import Invitation, Membership, Organization, Role
from insignia.organizations.selectors import (
    invitation_open,
    invitations_open,
    membership_of,
    permission_require,
    roles_of,
)
from insignia.organizations.services import (
    invitation_accept,
    invitation_create,
    invitation_token,
    invitation_withdraw,
    member_consent_record,
    member_consent_withdraw,
    membership_end,
    roles_set,
)
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from tests.platform.factories import AT, join, make_member, make_organization, make_person

pytestmark = pytest.mark.django_db


def member_of(school: Organization, person: Person) -> Membership:
    found = membership_of(person=person, organization=school)
    assert found is not None
    return found


def invite(school: Organization, owner: Person, email: str = "guest@example.org") -> Invitation:
    return invitation_create(organization=school, email=email, roles=[Role.OWNER], person=owner, at=AT)


class TestPermission:
    def test_an_owner_writes_and_registers_but_does_not_judge(self) -> None:
        school = make_organization()
        owner = make_member(school, Role.OWNER)
        assert roles_of(person=owner, organization=school) == {"owner", "author", "registrar"}
        with pytest.raises(NotAllowed):
            permission_require(person=owner, organization=school, role=Role.ASSESSOR)

    def test_an_outsider_is_told_that_nothing_is_there(self) -> None:
        with pytest.raises(NotFound):
            permission_require(person=make_person(), organization=make_organization(), role=Role.AUTHOR)

    def test_a_role_in_one_organization_is_none_in_another(self) -> None:
        here, there = make_organization(), make_organization()
        author = make_member(here, Role.AUTHOR)
        join(there, author)
        with pytest.raises(NotAllowed):
            permission_require(person=author, organization=there, role=Role.AUTHOR)

    def test_removal_takes_every_power_at_once(self) -> None:
        school = make_organization()
        owner, member = make_member(school, Role.OWNER), make_member(school, Role.AUTHOR, Role.ASSESSOR)
        membership = membership_of(person=member, organization=school)
        assert membership is not None
        membership_end(membership_id=membership.public_id, person=owner, at=AT)
        assert roles_of(person=member, organization=school) == frozenset()
        for role in Role.values:
            with pytest.raises(NotFound):
                permission_require(person=member, organization=school, role=role)

    def test_the_last_owner_stays(self) -> None:
        school = make_organization()
        owner = make_member(school, Role.OWNER)
        membership = membership_of(person=owner, organization=school)
        assert membership is not None
        with pytest.raises(LastOwner):
            membership_end(membership_id=membership.public_id, person=owner, at=AT)
        with pytest.raises(LastOwner):
            roles_set(membership_id=membership.public_id, roles=[Role.AUTHOR], person=owner, at=AT)
        assert roles_of(person=owner, organization=school) >= {"owner"}

    def test_only_an_owner_gives_roles(self) -> None:
        school = make_organization()
        author = make_member(school, Role.AUTHOR)
        membership = membership_of(person=author, organization=school)
        assert membership is not None
        with pytest.raises(NotAllowed):
            roles_set(membership_id=membership.public_id, roles=[Role.OWNER], person=author, at=AT)


class TestInvitation:
    def test_lets_its_holder_in_once_with_the_offered_roles(self) -> None:
        school = make_organization()
        owner, guest = make_member(school, Role.OWNER), make_person("Samuel Okafor")
        invitation = invitation_create(
            organization=school, email="samuel@example.org", roles=[Role.ASSESSOR], person=owner, at=AT
        )
        token = invitation_token(invitation.public_id)
        invitation_accept(token=token, person=guest, at=AT)
        assert roles_of(person=guest, organization=school) == {"assessor"}
        with pytest.raises(InvitationOver):
            invitation_accept(token=token, person=make_person(), at=AT)

    def test_keeps_only_a_hash_and_writes_the_link_when_the_mail_is_written(self) -> None:
        school = make_organization()
        owner = make_member(school, Role.OWNER)
        invitation = invitation_create(
            organization=school, email="samuel@example.org", roles=[Role.ASSESSOR], person=owner, at=AT
        )
        token = invitation_token(invitation.public_id)
        assert token not in str(Invitation.objects.filter(pk=invitation.pk).values().get())
        message = Message.objects.get(key=f"invitation:{invitation.public_id}")
        assert token.encode() not in bytes(message.sealed_context)
        letter = letter_of(message)
        assert f"https://badges.example.org/invitations/{token}" in letter.text
        assert "Quillwater High" in letter.subject

    def test_ends_when_withdrawn_replaced_or_old(self) -> None:
        school = make_organization()
        owner = make_member(school, Role.OWNER)
        before = AT - timedelta(hours=1)
        first = invitation_create(organization=school, email="a@b.example", roles=[], person=owner, at=before)
        second = invitation_create(organization=school, email="A@b.example", roles=[], person=owner, at=AT)
        with pytest.raises(InvitationOver):
            invitation_accept(token=invitation_token(first.public_id), person=make_person(), at=AT)
        with pytest.raises(InvitationOver):
            invitation_accept(token=invitation_token(second.public_id), person=make_person(), at=second.expires_at)
        invitation_withdraw(invitation_id=second.public_id, person=owner, at=AT)
        with pytest.raises(InvitationOver):
            invitation_accept(token=invitation_token(second.public_id), person=make_person(), at=AT)

    def test_offers_no_role_that_does_not_exist(self) -> None:
        school = make_organization()
        owner = make_member(school, Role.OWNER)
        with pytest.raises(RoleUnknown):
            invitation_create(organization=school, email="a@b.example", roles=["admin"], person=owner, at=AT)

    def test_is_one_when_the_same_form_arrives_twice(self) -> None:
        school = make_organization()
        owner = make_member(school, Role.OWNER)
        twice = [
            invitation_create(organization=school, email=email, roles=["author"], person=owner, at=AT)
            for email in ("a@b.example", "A@b.example")
        ]
        assert twice[0] == twice[1]
        assert Message.objects.filter(kind="invitation").count() == 1
        other = invitation_create(organization=school, email="a@b.example", roles=["owner"], person=owner, at=AT)
        assert list(invitations_open(school)) == [other]

    def test_says_nothing_of_a_link_that_was_never_made(self) -> None:
        with pytest.raises(InvitationUnusable):
            invitation_accept(token="guess", person=make_person(), at=AT)


class TestInvitationOfWhoLost:
    """An invitation is worth what its maker may do, and lets nobody back in whom an owner removed."""

    @pytest.fixture
    def school(self) -> Organization:
        return make_organization()

    @pytest.fixture
    def owner(self, school: Organization) -> Person:
        return make_member(school, Role.OWNER)

    @pytest.fixture
    def gone(self, school: Organization) -> Person:
        return make_member(school, Role.OWNER, name="Gone")

    def test_is_withdrawn_when_its_maker_is_removed(
        self, school: Organization, owner: Person, gone: Person
    ) -> None:
        kept, lost = invite(school, owner, "kept@example.org"), invite(school, gone)
        membership_end(membership_id=member_of(school, gone).public_id, person=owner, at=AT)
        assert invitations_open(school) == [kept]
        withdrawn = AuditEntry.objects.get(action="invitation.withdrawn")
        assert (withdrawn.subject_id, withdrawn.organization_id) == (lost.public_id, school.public_id)
        with pytest.raises(InvitationOver):
            invitation_accept(token=invitation_token(lost.public_id), person=gone, at=AT)
        assert roles_of(person=gone, organization=school) == frozenset()

    def test_is_withdrawn_when_its_maker_owns_no_more(
        self, school: Organization, owner: Person, gone: Person
    ) -> None:
        invite(school, gone)
        membership_id = member_of(school, gone).public_id
        roles_set(membership_id=membership_id, roles=[Role.OWNER, Role.ASSESSOR], person=owner, at=AT)
        assert len(invitations_open(school)) == 1, "they own it still"
        roles_set(membership_id=membership_id, roles=[Role.ASSESSOR], person=owner, at=AT)
        assert invitations_open(school) == []

    def test_of_somebody_else_who_owns_no_more_stays(
        self, school: Organization, owner: Person, gone: Person
    ) -> None:
        there = make_organization()
        join(there, gone, Role.OWNER)
        elsewhere = invite(there, gone)
        membership_end(membership_id=member_of(school, gone).public_id, person=owner, at=AT)
        assert invitations_open(there) == [elsewhere]

    def test_opens_nothing_though_it_slipped_through(
        self, school: Organization, owner: Person, gone: Person
    ) -> None:
        """One that was being made while its maker was removed."""
        membership_end(membership_id=member_of(school, gone).public_id, person=owner, at=AT)
        slipped = invite(school, owner)
        Invitation.objects.filter(pk=slipped.pk).update(invited_by=gone)
        token = invitation_token(slipped.public_id)
        with pytest.raises(InvitationOver):
            invitation_open(token=token, on=AT)
        with pytest.raises(InvitationOver):
            invitation_accept(token=token, person=make_person(), at=AT)

    def test_does_not_bring_back_who_was_invited_twice_and_removed(
        self, school: Organization, owner: Person
    ) -> None:
        samuel = make_person("Samuel Okafor")
        first, second = (invite(school, owner, email) for email in ("sam@a.example", "sam@b.example"))
        invitation_accept(token=invitation_token(first.public_id), person=samuel, at=AT)
        removed = AT + timedelta(hours=1)
        membership_end(membership_id=member_of(school, samuel).public_id, person=owner, at=removed)
        with pytest.raises(InvitationOver):
            invitation_accept(token=invitation_token(second.public_id), person=samuel, at=removed)
        assert roles_of(person=samuel, organization=school) == frozenset()
        later = invitation_create(
            organization=school,
            email="sam@b.example",
            roles=[Role.ASSESSOR],
            person=owner,
            at=removed + timedelta(hours=1),
        )
        invitation_accept(token=invitation_token(later.public_id), person=samuel, at=later.created_at)
        assert roles_of(person=samuel, organization=school) == {"assessor"}


class TestMemberConsent:
    def test_is_for_a_registrar_to_record(self) -> None:
        school = make_organization()
        registrar, author = make_member(school, "registrar"), make_member(school, "author")
        mai = join(school, make_person("Mai Nguyen", born_on=None))
        elsewhere = make_member(make_organization(), "owner")
        for person, refusal in ((author, NotAllowed), (elsewhere, NotFound), (mai.person, NotAllowed)):
            with pytest.raises(refusal):
                member_consent_record(membership_id=mai.public_id, given_by="Hòa Nguyen", person=person, at=AT)
        consent = member_consent_record(
            membership_id=mai.public_id, given_by="  Hòa   Nguyen ", person=registrar, at=AT
        )
        assert (consent.given_by, consent.organization_id) == ("Hòa Nguyen", school.public_id)

    def test_names_the_guardian(self) -> None:
        school = make_organization()
        mai = join(school, make_person(born_on=None))
        with pytest.raises(GuardianMissing):
            member_consent_record(
                membership_id=mai.public_id, given_by=" ", person=make_member(school, "owner"), at=AT
            )

    def test_is_withdrawn_for_those_who_left_too(self) -> None:
        school, there = make_organization(), make_organization()
        owner = make_member(school, "owner")
        mai = join(school, make_person(born_on=None))
        consent = member_consent_record(membership_id=mai.public_id, given_by="Hòa", person=owner, at=AT)
        membership_end(membership_id=mai.public_id, person=owner, at=AT)
        with pytest.raises(Conflict):
            member_consent_withdraw(
                organization=there, consent_id=consent.public_id, person=make_member(there, "owner"), at=AT
            )
        member_consent_withdraw(organization=school, consent_id=consent.public_id, person=owner, at=AT)
        assert consents_current(purpose="public-award", organization_id=school.public_id) == []
