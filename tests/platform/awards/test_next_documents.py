"""Many awards signed anew or renewed together: each gets one next document, whatever dies in between."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insignia.achievements.rules import Renewal
from insignia.audit.selectors import entries_of
from insignia.awards import steps
from insignia.awards.models import Award, AwardCorrection, AwardDocument, MassChange
from insignia.awards.selection import Selection
from insignia.awards.selectors import document_open
from insignia.awards.services import (
    award_from_decision,
    award_reissue,
    award_revoke,
    award_suspend,
    awards_change_many,
    corrections_converge,
    mass_changes_converge,
)
from insignia.awards.services import corrections as corrections_module
from insignia.awards.services import mass as mass_module
from insignia.awards.services import next_documents as module
from insignia.awards.steps import Step
from insignia.foundation.leases import lease_take
from insignia.foundation.sealing import datakey_destroy
from insignia.issuing.errors import SignerUnavailable
from insignia.issuing.mark import mark_advance
from insignia.issuing.models import DocumentShape, Reservation, StatusSet
from insignia.issuing.rules import Mark
from insignia.issuing.selectors import counters_now, status_bit
from insignia.issuing.services import Slots, approval_grant, key_rotate, lists_republish, recover, shape_of
from insignia.outbox.models import Message
from insignia.vc.errors import LintRefused
from tests.platform.awards.doctor import findings
from tests.platform.awards.test_chunks import asked, award_of, issue
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import AT, SETUP, make_person

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=3)
AFTER_THE_LEASE = LATER + timedelta(minutes=10)
YEAR_LATER = datetime.fromisoformat("2027-05-14T10:00:00+00:00")


@pytest.fixture
def world() -> World:
    return make_world()


def give(world: World, count: int, **changes: Any) -> list[Award]:  # noqa: ANN401  - fields of a request
    """Give badges to so many people of a list, as a run does."""
    approval = approval_grant(organization=world.organization, kind="run", subject_id=uuid4(), granted_at=AT)
    outcomes = issue(world, approval, [asked(number, **changes) for number in range(count)])
    return [award_of(one) for one in outcomes]


def begin(world: World, change: str = "reissued", *, at: datetime = LATER) -> MassChange:
    return awards_change_many(
        organization=world.organization,
        selection=Selection(),
        change=change,
        reason="The key is not safe any more",
        actor=world.registrar_acts,
        at=at,
    )


def rotate(world: World, *, at: datetime = LATER) -> None:
    key_rotate(issuer=world.issuer, actor=SETUP, at=at - timedelta(hours=1))


def said(document: AwardDocument) -> dict[str, Any]:
    """Give what a document says, without its proof and its place in the lists."""
    raw = document_open(document, key=document.award.recipient.data_key).json_bytes
    whole: dict[str, Any] = json.loads(raw)
    return {name: value for name, value in whole.items() if name not in {"proof", "credentialStatus"}}


def counted(mass: MassChange) -> tuple[int, int, bool]:
    mass.refresh_from_db()
    return mass.done, mass.refused, mass.finished_at is not None


class TestReissue:
    def test_says_the_same_under_the_new_key(self, world: World) -> None:
        awards = give(world, 5, narrative="Took part.")
        rotate(world)
        mass = begin(world)
        assert mass_changes_converge(LATER) == 5
        assert counted(mass) == (5, 0, True)
        for award in awards:
            first, second = award.documents.select_related("award__recipient__data_key").order_by("number")
            assert said(first) == said(second)
            assert first.superseded_at == LATER
            assert second.reservation.ed25519_key.retired_at is None
            assert status_bit(first.reservation.slot, "refresh")
            entry = entries_of(subject_kind="award", subject_id=award.public_id)[-1]
            assert (entry.action, entry.new["document"]) == ("award.reissued", 2)
            assert entry.sealed_personal
        assert not Message.objects.exclude(kind="award-issued").exists()
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_signs_by_one_shape(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        give(world, 3)
        shapes = DocumentShape.objects.count()
        rotate(world)
        begin(world)
        monkeypatch.setattr(module, "BY_ITSELF", {})  # no award is to take the path of one
        assert mass_changes_converge(LATER) == 3
        assert DocumentShape.objects.count() == shapes + 1

    def test_takes_as_many_queries_for_many_as_for_few(
        self, world: World, monkeypatch: pytest.MonkeyPatch, no_sample: None
    ) -> None:
        give(world, 40)
        rotate(world)
        begin(world)
        monkeypatch.setattr(mass_module, "DOCUMENT_CHUNK", 4)
        mass = MassChange.objects.get()
        mass_module._document_chunk(mass, at=LATER)  # compiles the shape
        counts = []
        for size in (4, 32):
            monkeypatch.setattr(mass_module, "DOCUMENT_CHUNK", size)
            mass.refresh_from_db()
            with CaptureQueriesContext(connection) as queries:
                assert mass_module._document_chunk(mass, at=LATER) == size
            counts.append(len(queries))
        assert counts[1] <= counts[0] + 2, counts

    def test_keeps_a_paused_badge_paused(self, world: World) -> None:
        award = give(world, 2)[0]
        award_suspend(award_id=award.public_id, reason="Being looked at", actor=world.registrar_acts, at=LATER)
        rotate(world)
        begin(world)
        mass_changes_converge(LATER)
        new = award.documents.get(number=2)
        assert status_bit(new.reservation.slot, "suspension")
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_takes_badges_from_decisions_one_by_one(self, world: World) -> None:
        give(world, 2)
        decision = make_decision(world, learner=make_person("Itzel"))
        award_from_decision(decision_id=decision.public_id, at=AT)
        rotate(world)
        mass = begin(world)
        assert mass_changes_converge(LATER) == 3
        assert counted(mass) == (3, 0, True)
        assert AwardDocument.objects.filter(number=2).count() == 3
        assert StatusSet.objects.get().reserved == 6, "no index is taken that no document gets"
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_takes_no_index_in_an_old_database(self, world: World) -> None:
        give(world, 7)
        rotate(world)
        mass = begin(world)
        before = counters_now()
        mark_advance(Mark({name: count + 5 for name, count in before.reserved.items()}))
        for again in range(3):
            assert mass_changes_converge(LATER + timedelta(minutes=10 * again)) == 0
        assert counters_now() == before
        assert (counted(mass), AwardDocument.objects.count()) == ((0, 0, False), 7)
        recover(actor=SETUP, at=AFTER_THE_LEASE)
        mass_changes_converge(LATER + timedelta(hours=1))
        assert counted(mass) == (7, 0, True)
        lists_republish(LATER + timedelta(hours=1))
        assert findings(deep=True) == []

    def test_can_follow_a_reissue(self, world: World) -> None:
        give(world, 2)
        for number in (2, 3):
            at = LATER + timedelta(days=number)
            rotate(world, at=at)
            begin(world, at=at)
            assert mass_changes_converge(at) == 2
            assert AwardDocument.objects.filter(number=number).count() == 2
            lists_republish(at)
        assert findings(deep=True) == []

    @pytest.mark.parametrize("one_in", [1, 2**128], ids=["sampled", "not sampled"])
    def test_of_badges_that_are_over_leaves_the_doctor_content(
        self, world: World, monkeypatch: pytest.MonkeyPatch, one_in: int
    ) -> None:
        monkeypatch.setattr("insignia.issuing.services.reservations.SAMPLED_ONE_IN", one_in)
        give(world, 2, valid_until=AT + timedelta(days=1))
        rotate(world)
        mass = begin(world)
        mass_changes_converge(LATER)
        assert counted(mass) == (2, 0, True)
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_lets_no_document_hold_up_the_others_that_breaks_a_rule_of_today(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give(world, 2)
        give(world, 1, narrative="Says more.")
        rotate(world)
        mass = begin(world)

        def strict(slots: Slots, *, pointers: tuple[str, ...], **asked: Any) -> DocumentShape | None:  # noqa: ANN401  - handed on
            if "/credentialSubject/narrative" in pointers:
                raise LintRefused("as if a rule had come since")
            return shape_of(slots, pointers=pointers, **asked)

        monkeypatch.setattr(module, "shape_of", strict)
        mass_changes_converge(LATER)
        assert counted(mass) == (3, 0, True), "the one takes the path of one, which judges it by itself"

    def test_names_those_of_erased_people(self, world: World) -> None:
        erased, kept = give(world, 2)
        datakey_destroy(erased.recipient.data_key, at=LATER)
        rotate(world)
        mass = begin(world)
        mass_changes_converge(LATER)
        assert counted(mass) == (1, 1, True)
        assert kept.documents.count() == 2


class TestInterrupted:
    @pytest.mark.parametrize("step", [Step.INSIDE_RESERVE, Step.RESERVED, Step.SIGNED, Step.INSIDE_FINISH])
    @pytest.mark.parametrize("swept", [False, True])
    def test_at_any_step_leaves_one_next_document_each(
        self, world: World, step: Step, swept: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give(world, 3)
        rotate(world)
        mass = begin(world)

        def dies(reached: steps.Moment) -> None:
            if reached is step:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(steps, "between", dies)
            patch.setattr(mass_module, "lease_release", lambda *_, **__: None)  # as a killed process leaves it
            with pytest.raises(KeyboardInterrupt):
                mass_changes_converge(LATER)
        assert mass_changes_converge(LATER) == 0, "somebody else may still be at it"
        if swept:
            corrections_converge(AFTER_THE_LEASE)
        mass_changes_converge(AFTER_THE_LEASE)
        assert AwardDocument.objects.filter(number=2).count() == 3
        assert AwardDocument.objects.count() == 6
        assert counted(mass)[1:] == (0, True)
        lists_republish(AFTER_THE_LEASE)
        assert findings(deep=True) == []

    def test_by_a_revocation_gives_that_one_up(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        revoked, *_others = give(world, 3)
        rotate(world)
        mass = begin(world)

        def revokes(reached: steps.Moment) -> None:
            if reached is Step.SIGNED and not Award.objects.filter(state="revoked").exists():
                award_revoke(award_id=revoked.public_id, reason="Copied", actor=world.registrar_acts, at=LATER)

        with monkeypatch.context() as patch:
            patch.setattr(steps, "between", revokes)
            mass_changes_converge(LATER)
        assert counted(mass) == (2, 1, True)
        assert revoked.documents.count() == 1
        assert AwardCorrection.objects.get(award=revoked).abandoned_at == LATER
        assert Reservation.objects.get(award_public_id=revoked.public_id, document_number=2).state == "abandoned"
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_by_a_signer_that_is_away_waits(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        give(world, 2)
        rotate(world)
        mass = begin(world)

        def away(*_arguments: object, **_named: object) -> None:
            raise SignerUnavailable("It does not answer.")

        with monkeypatch.context() as patch:
            patch.setattr(module, "sign_reservations", away)
            assert mass_changes_converge(LATER) == 0
        assert counted(mass) == (0, 0, False)
        mass_changes_converge(LATER)
        assert counted(mass) == (2, 0, True)
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_by_a_signer_that_is_away_refuses_none_of_those_that_go_one_by_one(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decision = make_decision(world, learner=make_person("Itzel"))
        award_from_decision(decision_id=decision.public_id, at=AT)
        rotate(world)
        mass = begin(world)

        def away(*_arguments: object, **_named: object) -> None:
            raise SignerUnavailable("It does not answer.")

        with monkeypatch.context() as patch:
            patch.setattr(corrections_module, "sign_reservation", away)
            mass_changes_converge(LATER)
        assert counted(mass) == (1, 0, True), "it was reserved; the sweep signs it"
        assert not AwardDocument.objects.filter(number=2).exists()
        assert corrections_converge(LATER) == 1
        assert AwardDocument.objects.filter(number=2).count() == 1
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_by_another_worker_leaves_it_to_them(self, world: World) -> None:
        give(world, 1)
        rotate(world)
        mass = begin(world)
        assert lease_take(f"awards.mass-change:{mass.pk}", holder="another", at=LATER, seconds=60)
        assert mass_changes_converge(LATER) == 0
        assert counted(mass) == (0, 0, False)

    def test_by_a_single_reissue_meanwhile_makes_no_third(self, world: World) -> None:
        first, *_others = give(world, 2)
        rotate(world)
        mass = begin(world)
        page = mass_module._page(mass, size=10)
        award_reissue(award_id=first.public_id, actor=world.registrar_acts, at=LATER)
        assert module.next_documents_make(mass, page, actor=world.registrar_acts, at=LATER) == module.Made(1, 0)
        assert AwardDocument.objects.filter(number=2).count() == 2
        assert not AwardDocument.objects.filter(number=3).exists()


class TestRenewal:
    def test_moves_every_end_and_tells_each_once(self) -> None:
        world = make_world(months=12, renewal=Renewal.ATTESTATION)
        awards = give(world, 3, valid_until=YEAR_LATER)
        renewed_on = YEAR_LATER - timedelta(days=20)
        mass = begin(world, "renewed", at=renewed_on)
        assert mass_changes_converge(renewed_on) == 3
        assert counted(mass) == (3, 0, True)
        for award in awards:
            award.refresh_from_db()
            assert award.valid_until is not None
            assert award.valid_until > YEAR_LATER + timedelta(days=300)
            first, second = award.documents.select_related("award__recipient__data_key").order_by("number")
            assert {name for name, value in said(second).items() if said(first).get(name) != value} == {
                "validUntil"
            }
        letters = Message.objects.filter(kind="award-renewed")
        assert sorted(letters.values_list("key", flat=True)) == sorted(
            f"award:{award.public_id}:document:2" for award in awards
        )
        lists_republish(renewed_on)
        assert findings(deep=True) == []
