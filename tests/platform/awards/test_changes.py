"""Pausing, lifting, revoking: by whom, with which reason, and what the lists say afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from insignia.audit.actor import Actor
from insignia.audit.selectors import entries_of
from insignia.awards.errors import (
    AwardAlreadyRevoked,
    AwardAlreadySuspended,
    AwardNotFound,
    AwardNotIssued,
    AwardNotSuspended,
    ReasonMissing,
)
from insignia.awards.models import Award, AwardChange
from insignia.awards.selectors import award_public
from insignia.awards.services import award_reinstate, award_revoke, award_suspend
from insignia.awards.story import award_story
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.issuing.errors import RevocationIsFinal
from insignia.issuing.models import Reservation, StatusEvent
from insignia.issuing.selectors import status_bit
from insignia.issuing.services import lists_republish, status_change
from insignia.outbox.models import Message
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import Awarded, World, make_awarded, make_world
from tests.platform.factories import AT, make_member, make_person, owner_of

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=3)


@pytest.fixture
def awarded() -> Awarded:
    return make_awarded("Itzel Marroquín Ñ")


@pytest.fixture
def world(awarded: Awarded) -> World:
    return awarded.world


@pytest.fixture
def award(awarded: Awarded) -> Award:
    return awarded.awards[0]


def bits(award: Award) -> tuple[bool, bool]:
    slot = Reservation.objects.get(award_public_id=award.public_id).slot
    return status_bit(slot, "suspension"), status_bit(slot, "revocation")


class TestRevocation:
    def test_sets_the_bit_for_good_and_tells_the_learner(self, world: World, award: Award) -> None:
        revoked = award_revoke(
            award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER
        )
        assert revoked.state == "revoked"
        assert bits(award) == (False, True)
        assert Message.objects.filter(kind="award-revoked").count() == 1
        lists_republish(LATER)
        assert findings() == []

    def test_keeps_a_first_mail_that_is_not_out_yet_from_promising_it(self, world: World, award: Award) -> None:
        first = Message.objects.get(kind="award-issued")
        award_suspend(award_id=award.public_id, reason="Being looked at", actor=world.registrar_acts, at=LATER)
        assert Message.objects.get(pk=first.pk).abandoned_at is None
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER)
        assert Message.objects.get(pk=first.pk).abandoned_at == LATER
        assert Message.objects.get(kind="award-revoked").abandoned_at is None

    def test_leaves_a_row_with_old_and_new(self, world: World, award: Award) -> None:
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER)
        entry = entries_of(subject_kind="award", subject_id=award.public_id)[-1]
        assert (entry.action, entry.old, entry.new) == ("award.revoked", {"state": "issued"}, {"state": "revoked"})
        assert entry.actor_id == world.registrar.public_id
        assert "error" not in str(entry.new)

    def test_happens_once(self, world: World, award: Award) -> None:
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER)
        for change in (award_revoke, award_suspend, award_reinstate):
            with pytest.raises(AwardAlreadyRevoked):
                change(award_id=award.public_id, reason="Again", actor=world.registrar_acts, at=LATER)
        assert AwardChange.objects.count() == StatusEvent.objects.count() == 1

    def test_bit_is_never_cleared(self, world: World, award: Award) -> None:
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER)
        slot = Reservation.objects.get().slot
        for purpose in ("revocation", "refresh"):
            with pytest.raises(RevocationIsFinal):
                status_change(slot=slot, purpose=purpose, value=False, at=LATER)

    def test_reason_is_what_readers_see(self, world: World, award: Award) -> None:
        award_revoke(award_id=award.public_id, reason=" Issued in error ", actor=world.registrar_acts, at=LATER)
        story = award_story(award_public(award_id=award.public_id, viewer=award.learner, on=LATER))
        assert [(change.kind, change.reason, change.at) for change in story.changes] == [
            ("revoked", "Issued in error", LATER)
        ]

    def test_of_an_award_being_signed_is_refused(self, world: World, award: Award) -> None:
        Award.objects.update(state="reserved", issued_at=None)
        with pytest.raises(AwardNotIssued):
            award_revoke(award_id=award.public_id, reason="Too early", actor=world.registrar_acts, at=LATER)


class TestSuspension:
    def test_can_be_lifted_and_set_again(self, world: World, award: Award) -> None:
        for change, expected in (
            (award_suspend, (True, False)),
            (award_reinstate, (False, False)),
            (award_suspend, (True, False)),
            (award_revoke, (True, True)),
        ):
            change(award_id=award.public_id, reason="Under review", actor=world.registrar_acts, at=LATER)
            assert bits(award) == expected
        lists_republish(LATER)
        assert findings() == []

    def test_is_refused_where_it_makes_no_sense(self, world: World, award: Award) -> None:
        with pytest.raises(AwardNotSuspended):
            award_reinstate(award_id=award.public_id, reason="No", actor=world.registrar_acts, at=LATER)
        award_suspend(award_id=award.public_id, reason="Review", actor=world.registrar_acts, at=LATER)
        with pytest.raises(AwardAlreadySuspended):
            award_suspend(award_id=award.public_id, reason="Review", actor=world.registrar_acts, at=LATER)


@pytest.mark.parametrize("change", [award_revoke, award_suspend, award_reinstate])
class TestRight:
    def test_is_the_issuers_registrars_and_owners(
        self, world: World, award: Award, change: Callable[..., Award]
    ) -> None:
        elsewhere = make_member(make_world(name="Elsewhere").organization, "owner", "registrar")
        for person, refusal in (
            (elsewhere, NotFound),
            (make_person(), NotFound),
            (owner_of(award), NotFound),
            (world.assessor, NotAllowed),
            (world.author, NotAllowed),
        ):
            with pytest.raises(refusal):
                change(award_id=award.public_id, reason="Mine", actor=Actor.person(person), at=LATER)
        assert not StatusEvent.objects.exists()

    def test_needs_a_reason(self, world: World, award: Award, change: Callable[..., Award]) -> None:
        for reason in ("", "   ", "x" * 501):
            with pytest.raises(ReasonMissing):
                change(award_id=award.public_id, reason=reason, actor=world.registrar_acts, at=LATER)

    def test_knows_no_award_that_is_not_there(
        self, world: World, award: Award, change: Callable[..., Award]
    ) -> None:
        with pytest.raises(AwardNotFound):
            change(award_id=world.version.public_id, reason="None", actor=world.registrar_acts, at=LATER)
        assert award.state == "issued"
