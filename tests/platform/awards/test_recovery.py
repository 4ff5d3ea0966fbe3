"""An older copy of the database was put back: what the published lists say holds, nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from insignia.awards import steps
from insignia.awards.credential import said_by
from insignia.awards.history import standing_on
from insignia.awards.models import Award, AwardChange, AwardCorrection, AwardHold
from insignia.awards.selectors import award_by_id, document_current, document_json
from insignia.awards.services import (
    AwardsRecovery,
    award_converge,
    award_correct,
    award_from_decision,
    award_hold,
    award_reinstate,
    award_release,
    award_revoke,
    award_suspend,
    awards_recover,
    corrections_converge,
)
from insignia.issuing.errors import IssuerMissing
from insignia.issuing.models import Reservation
from insignia.issuing.services import key_rotate, lists_republish
from insignia.issuing.sources import OwnIssuers, OwnStatusLists, context_loader
from insignia.outbox.models import Message
from insignia.runs.services import run_converge
from insignia.vc.verify import Outcome, Sources, verify
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import World, make_awarded, make_decision, make_world
from tests.platform.factories import AT, SETUP
from tests.platform.old_copy import put_back
from tests.platform.runs.world import make_run_world, people

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LONG_AFTER = AT + 30 * DAY


class StopHere(BaseException):
    """Raised where a worker is to die; nobody catches a death."""


def recovered() -> AwardsRecovery:
    done = awards_recover(actor=SETUP, at=LONG_AFTER)
    lists_republish(LONG_AFTER)
    return done


def sweep() -> None:
    award_converge(LONG_AFTER)
    corrections_converge(LONG_AFTER)
    lists_republish(LONG_AFTER)


def state(award_id: UUID) -> str:
    return Award.objects.get(public_id=award_id).state


def correct(award: Award, world: World, *, at: datetime = AT, later: timedelta | None = None) -> None:
    """Correct the name, or with `later` the first day, which is a correction of substance."""
    award = award_by_id(award.public_id)
    said = said_by(document_json(award, document_current(award)))
    wanted = replace(said, valid_from=said.valid_from + later) if later else replace(said, name=f"{said.name} X")
    award_correct(award_id=award.public_id, said=wanted, reason="Wrong", actor=world.registrar_acts, at=at)


def stopped_at(step: steps.Step, work: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work until a step, as if the worker died there."""

    def between(moment: object) -> None:
        if moment is step:
            raise StopHere

    with monkeypatch.context() as patched:
        patched.setattr(steps, "between", between)
        with pytest.raises(StopHere):
            work()


class TestAwardCorrectedAfterTheBackup:
    def test_and_revoked_then_is_revoked_again_and_named(self) -> None:
        world, award = school()

        def live_on() -> None:
            correct(award, world, at=AT + DAY)
            award_revoke(award_id=award.public_id, reason="Fraud", actor=world.registrar_acts, at=AT + 2 * DAY)
            lists_republish(AT + 2 * DAY)

        put_back(live_on)
        done = recovered()
        assert state(award.public_id) == "revoked"
        assert (done.revoked, done.corrected, done.unclear) == (1, (), (award.public_id,))
        sweep()
        assert findings(deep=True) == []

    def test_and_paused_then_is_paused_again_and_to_be_corrected(self) -> None:
        world, award = school()

        def live_on() -> None:
            correct(award, world, at=AT + DAY)
            award_suspend(award_id=award.public_id, reason="Doubt", actor=world.registrar_acts, at=AT + 2 * DAY)
            lists_republish(AT + 2 * DAY)

        put_back(live_on)
        done = recovered()
        assert (done.suspended, done.corrected) == (1, (award.public_id,))
        assert state(award.public_id) == "suspended"
        correct(award, world, at=LONG_AFTER)
        lists_republish(LONG_AFTER)
        assert state(award.public_id) == "suspended"
        assert findings(deep=True) == []

    def test_in_substance_cannot_be_told_from_revoked_and_is_named(self) -> None:
        world, award = school()

        def live_on() -> None:
            correct(award, world, at=AT + DAY, later=DAY)
            lists_republish(AT + DAY)

        put_back(live_on)
        assert recovered().unclear == (award.public_id,)
        assert state(award.public_id) == "revoked"
        assert findings(deep=True) == []

    def test_only_is_named_and_stays_in_force(self) -> None:
        world, award = school()

        def live_on() -> None:
            correct(award, world, at=AT + DAY)
            lists_republish(AT + DAY)

        put_back(live_on)
        done = recovered()
        assert (done.revoked, done.suspended, done.corrected) == (0, 0, (award.public_id,))
        correct(award, world, at=LONG_AFTER)
        lists_republish(LONG_AFTER)
        assert findings(deep=True) == []


class TestMailThatWaitedAtTheBackup:
    def test_of_a_badge_revoked_since_is_never_sent(self) -> None:
        world, award = school()
        mail = Message.objects.filter(kind="award-issued")
        assert mail.get().abandoned_at is None

        def live_on() -> None:
            award_revoke(award_id=award.public_id, reason="Fraud", actor=world.registrar_acts, at=AT + DAY)
            lists_republish(AT + DAY)

        put_back(live_on)
        recovered()
        assert mail.get().abandoned_at == LONG_AFTER


class TestAwardBeingSignedAtTheBackup:
    @pytest.mark.parametrize("change", [award_revoke, award_suspend])
    def test_and_taken_back_then_is_held_and_no_mail_is_sent(
        self, change: Callable[..., Award], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = make_world()
        decision = make_decision(world)
        stopped_at(
            steps.Step.RESERVED, lambda: award_from_decision(decision_id=decision.public_id, at=AT), monkeypatch
        )
        award = Award.objects.get()

        def live_on() -> None:
            award_converge(AT)
            change(award_id=award.public_id, reason="Fraud", actor=world.registrar_acts, at=AT + DAY)
            lists_republish(AT + DAY)

        put_back(live_on)
        done = recovered()
        sweep()
        assert done.stopped == (award.public_id,)
        assert state(award.public_id) == "reserved"
        assert AwardHold.objects.get(released_at__isnull=True).origin_id == decision.public_id
        assert Reservation.objects.get().state == "abandoned"
        assert not Message.objects.filter(kind__startswith="award").exists()
        assert findings(deep=True) == []
        award_release(decision_id=decision.public_id, actor=world.registrar_acts, at=LONG_AFTER)
        sweep()  # a registrar wanted it: a new document, with an index of its own
        assert state(award.public_id) == "issued"
        assert findings(deep=True) == []

    def test_and_held_by_hand_already_stays_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = make_world()
        decision = make_decision(world)
        stopped_at(
            steps.Step.RESERVED, lambda: award_from_decision(decision_id=decision.public_id, at=AT), monkeypatch
        )
        award_hold(decision_id=decision.public_id, reason="Look", actor=world.registrar_acts, at=AT)
        award = Award.objects.get()

        def live_on() -> None:
            award_release(decision_id=decision.public_id, actor=world.registrar_acts, at=AT)
            award_converge(AT)
            award_revoke(award_id=award.public_id, reason="Fraud", actor=world.registrar_acts, at=AT + DAY)
            lists_republish(AT + DAY)

        put_back(live_on)
        recovered()
        sweep()
        assert state(award.public_id) == "reserved"
        assert findings(deep=True) == []

    def test_and_corrected_then_is_finished_and_to_be_corrected(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = make_world()
        decision = make_decision(world)
        stopped_at(
            steps.Step.RESERVED, lambda: award_from_decision(decision_id=decision.public_id, at=AT), monkeypatch
        )
        award = Award.objects.get()

        def live_on() -> None:
            award_converge(AT)
            correct(award, world, at=AT + DAY)
            lists_republish(AT + DAY)

        put_back(live_on)
        done = recovered()
        assert (done.stopped, done.corrected) == ((), (award.public_id,))
        sweep()
        correct(award, world, at=LONG_AFTER)
        lists_republish(LONG_AFTER)
        assert findings(deep=True) == []

    def test_and_not_taken_back_is_finished(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = make_world()
        decision = make_decision(world)
        stopped_at(
            steps.Step.RESERVED, lambda: award_from_decision(decision_id=decision.public_id, at=AT), monkeypatch
        )
        put_back(lambda: award_converge(AT))
        assert recovered().stopped == ()
        sweep()
        assert Award.objects.get().state == "issued"
        assert findings(deep=True) == []

    @pytest.mark.parametrize(("change", "after"), [("revoked", "revoked"), ("suspended", "suspended")])
    def test_in_a_run_takes_the_state_of_its_bit_without_a_mail(
        self, change: str, after: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = make_run_world()
        world.started(people(3))
        stopped_at(steps.Step.RESERVED, lambda: run_converge(AT), monkeypatch)
        ids = list(Reservation.objects.order_by("id").values_list("award_public_id", flat=True))

        def live_on() -> None:
            live = AT + timedelta(hours=2)  # whoever died holds its chunk for a while
            while run_converge(live):
                pass
            service = {"revoked": award_revoke, "suspended": award_suspend}[change]
            service(award_id=ids[1], reason="Fraud", actor=world.actor, at=AT + DAY)
            lists_republish(AT + DAY)

        put_back(live_on)
        assert recovered().stopped == (ids[1],)
        while run_converge(LONG_AFTER):
            pass
        sweep()
        assert [state(award_id) for award_id in ids] == ["issued", after, "issued"]
        waiting = Message.objects.filter(abandoned_at__isnull=True).values_list("key", flat=True)
        assert not [key for key in waiting if str(ids[1]) in key]
        assert findings(deep=True) == []
        sweep()
        assert AwardChange.objects.count() == 1


class TestCorrectionOpenAtTheBackup:
    @pytest.mark.parametrize("later", [None, DAY])
    @pytest.mark.parametrize(
        ("change", "after"), [(None, "issued"), (award_suspend, "suspended"), (award_revoke, "revoked")]
    )
    def test_takes_the_award_where_it_was(
        self,
        later: timedelta | None,
        change: Callable[..., Award] | None,
        after: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        world, award = school()
        stopped_at(steps.Step.SIGNED, lambda: correct(award, world, later=later), monkeypatch)

        def live_on() -> None:
            corrections_converge(AT + DAY)
            if change is not None:
                change(award_id=award.public_id, reason="Fraud", actor=world.registrar_acts, at=AT + 2 * DAY)
            lists_republish(AT + 2 * DAY)

        put_back(live_on)
        done = recovered()
        assert done.corrected == ()
        sweep()
        assert state(award.public_id) == after
        wish = AwardCorrection.objects.get()
        assert (wish.finished_at is None) == (after == "revoked")
        assert (wish.abandoned_at is None) == (after != "revoked")
        assert findings(deep=True) == []

    def test_and_corrected_once_more_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world, award = school()
        stopped_at(steps.Step.SIGNED, lambda: correct(award, world), monkeypatch)

        def live_on() -> None:
            corrections_converge(AT + DAY)
            correct(award, world, at=AT + 2 * DAY)
            lists_republish(AT + 2 * DAY)

        put_back(live_on)
        assert recovered().corrected == (award.public_id,)
        sweep()
        correct(award, world, at=LONG_AFTER)
        lists_republish(LONG_AFTER)
        assert findings(deep=True) == []


class TestPauseLiftedAfterTheBackup:
    def test_is_reported(self) -> None:
        world, award = school()
        award_suspend(award_id=award.public_id, reason="Doubt", actor=world.registrar_acts, at=AT)
        lists_republish(AT)

        def live_on() -> None:
            award_reinstate(award_id=award.public_id, reason="Well", actor=world.registrar_acts, at=AT + DAY)
            lists_republish(AT + DAY)

        put_back(live_on)
        done = recovered()
        assert done.lifted == (award.public_id,)
        assert state(award.public_id) == "suspended"
        assert findings(deep=True) == []

    def test_is_not_seen_where_nothing_was_lifted(self) -> None:
        world, award = school()
        award_suspend(award_id=award.public_id, reason="Doubt", actor=world.registrar_acts, at=AT)
        lists_republish(AT)
        put_back(lambda: lists_republish(AT + 60 * DAY))
        assert recovered().lifted == ()


class TestKeysRenewedAfterTheBackup:
    def test_prove_what_they_signed_and_the_old_ones_sign_nothing(self) -> None:
        world, _award = school()
        lost, late = make_decision(world), make_decision(world)
        held: list[bytes] = []

        def live_on() -> None:
            key_rotate(issuer=world.issuer, actor=SETUP, at=AT + DAY, compromised=True)
            given = award_from_decision(decision_id=lost.public_id, at=AT + 2 * DAY)
            held.append(json.dumps(document_json(given, document_current(given))).encode())
            lists_republish(AT + 2 * DAY)

        put_back(live_on)
        assert recovered().lists.keyless == (str(world.issuer),)
        sources = Sources(resolver=OwnIssuers(), status_lists=OwnStatusLists(), loader=context_loader())
        checks = verify(held[0], at=LONG_AFTER, sources=sources).checks
        assert [check for check in checks if check.outcome is Outcome.FAILED] == []
        with pytest.raises(IssuerMissing):
            award_from_decision(decision_id=late.public_id, at=LONG_AFTER)
        key_rotate(issuer=world.issuer, actor=SETUP, at=LONG_AFTER)
        sweep()
        assert award_from_decision(decision_id=late.public_id, at=LONG_AFTER).state == "issued"
        assert not [finding for finding in findings(deep=True) if not finding.startswith("I19")]


class TestTheDayOfAForgottenChange:
    def test_is_that_of_the_list_which_first_said_so(self) -> None:
        world, award = school()

        def live_on() -> None:
            award_revoke(award_id=award.public_id, reason="Fraud", actor=world.registrar_acts, at=AT + 2 * DAY)
            lists_republish(AT + 2 * DAY)

        put_back(live_on)
        recovered()
        found = award_by_id(award.public_id)
        stood = [standing_on(found, (AT + days * DAY).date()) for days in (1, 2, 5)]
        assert stood == ["valid", "revoked", "revoked"]
        assert AwardChange.objects.get().at == AT + 2 * DAY

    def test_is_never_after_now(self) -> None:
        world, award = school()

        def live_on() -> None:
            award_revoke(award_id=award.public_id, reason="Fraud", actor=world.registrar_acts, at=AT + 2 * DAY)
            lists_republish(LONG_AFTER + DAY)  # the clock was wrong then

        put_back(live_on)
        recovered()
        assert AwardChange.objects.get().at == LONG_AFTER


def school() -> tuple[World, Award]:
    made = make_awarded("Itzel Marroquín Ñ")
    lists_republish(AT)
    return made.world, made.awards[0]
