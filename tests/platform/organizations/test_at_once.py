"""An owner changes a member while that member accepts an invitation."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from insignia.organizations.errors import InvitationOver
from insignia.organizations.models import Invitation, Membership
from insignia.organizations.selectors import membership_of, roles_of
from insignia.organizations.services import (
    invitation_accept,
    invitation_create,
    invitation_token,
    membership_end,
    roles_set,
)
from tests.platform.factories import AT, make_member, make_organization
from tests.platform.meanwhile import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def asynchronous(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"  # wakes must not run jobs inside the threads


class World:
    def __init__(self) -> None:
        self.school = make_organization()
        self.owner = make_member(self.school, "owner")
        self.bob = make_member(self.school)
        membership = membership_of(person=self.bob, organization=self.school)
        assert membership is not None
        self.membership: Membership = membership
        self.invitation: Invitation = invitation_create(
            organization=self.school, email="bob@example.org", roles=["assessor"], person=self.owner, at=AT
        )

    def accept(self) -> Membership:
        token = invitation_token(self.invitation.public_id)
        return invitation_accept(token=token, person=self.bob, at=AT)

    def end(self) -> Membership:
        return membership_end(membership_id=self.membership.public_id, person=self.owner, at=AT)

    def give(self, *roles: str) -> Membership:
        return roles_set(membership_id=self.membership.public_id, roles=roles, person=self.owner, at=AT)

    def roles(self) -> set[str]:
        return set(roles_of(person=self.bob, organization=self.school))


class TestAtOnce:
    @pytest.mark.parametrize("accepted_first", [True, False])
    def test_the_same_role_is_given_and_accepted(self, accepted_first: bool) -> None:
        world = World()
        steps = (lambda: world.give("assessor"), world.accept)
        first, second = meanwhile(*(reversed(steps) if accepted_first else steps))
        assert (first, second) == (world.membership, world.membership)
        assert world.roles() == {"assessor"}

    def test_a_role_that_was_taken_meanwhile_is_added_to_what_is_left(self) -> None:
        world = World()
        world.give("author", "assessor")
        results = meanwhile(lambda: world.give("author"), world.accept)
        assert results == (world.membership, world.membership)
        assert world.roles() == {"author", "assessor"}

    def test_who_is_removed_does_not_come_back(self) -> None:
        world = World()
        _ended, refused = meanwhile(world.end, world.accept)
        assert isinstance(refused, InvitationOver)
        assert world.roles() == set()
