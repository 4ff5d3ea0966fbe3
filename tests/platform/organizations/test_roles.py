from __future__ import annotations

import pytest

from insignia.foundation.errors import NotAllowed, NotFound
from insignia.organizations.errors import InvitationUnusable, LastOwner, RoleUnknown
from insignia.organizations.models import Invitation, Role
from insignia.organizations.selectors import membership_of, permission_require, roles_of
from insignia.organizations.services import (
    invitation_accept,
    invitation_create,
    invitation_token,
    invitation_withdraw,
    membership_end,
    roles_set,
)
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from tests.platform.factories import AT, join, make_member, make_organization, make_person

pytestmark = pytest.mark.django_db


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
        with pytest.raises(InvitationUnusable):
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
        first = invitation_create(organization=school, email="a@b.example", roles=[], person=owner, at=AT)
        second = invitation_create(organization=school, email="A@b.example", roles=[], person=owner, at=AT)
        with pytest.raises(InvitationUnusable):
            invitation_accept(token=invitation_token(first.public_id), person=make_person(), at=AT)
        with pytest.raises(InvitationUnusable):
            invitation_accept(token=invitation_token(second.public_id), person=make_person(), at=second.expires_at)
        invitation_withdraw(invitation_id=second.public_id, person=owner, at=AT)
        with pytest.raises(InvitationUnusable):
            invitation_accept(token=invitation_token(second.public_id), person=make_person(), at=AT)

    def test_offers_no_role_that_does_not_exist(self) -> None:
        school = make_organization()
        owner = make_member(school, Role.OWNER)
        with pytest.raises(RoleUnknown):
            invitation_create(organization=school, email="a@b.example", roles=["admin"], person=owner, at=AT)
