"""From a decision to a signed award: exactly one of everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from insignia.accounts.models import Person
from insignia.assessment.models import Decision
from insignia.audit.actor import Actor
from insignia.audit.selectors import entries_of
from insignia.awards import steps
from insignia.awards.errors import (
    AwardAlreadyIssued,
    AwardNotOnHold,
    AwardOnHold,
    AwardQuarantined,
    DecisionNotMet,
    DocumentDiffers,
    ReasonMissing,
)
from insignia.awards.models import Award, AwardDocument, AwardHold
from insignia.awards.selectors import DOCUMENT_PURPOSE_JSON, award_json, award_public, document_open
from insignia.awards.services import award_converge, award_from_decision, award_hold, award_release
from insignia.awards.services import converge as converge_module
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.foundation.sealing import datakey_open
from insignia.issuing.errors import DatabaseBehindMark, MarkMissing, SignedBytesDiffer
from insignia.issuing.mark import mark_path
from insignia.issuing.models import Approval, Reservation, StatusList, StatusSet, StatusSlot
from insignia.issuing.services import approval_withdraw, key_rotate
from insignia.outbox.models import Message
from insignia.vc.issue import SignedCredential, assemble
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import AT, SETUP, make_member, make_person

if TYPE_CHECKING:
    from insignia.vc.issue import PreparedCredential

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return make_world()


def issue(world: World, *, learner: Person | None = None) -> Award:
    return award_from_decision(decision_id=make_decision(world, learner=learner).public_id, at=AT)


class TestAwardFromDecision:
    def test_makes_one_document_one_slot_one_row_one_mail(self, world: World) -> None:
        award = issue(world)
        assert award.state == Award.State.ISSUED
        assert AwardDocument.objects.filter(award=award).count() == 1
        assert StatusSlot.objects.filter(state="issued").count() == 1
        actions = [entry.action for entry in entries_of(subject_kind="award", subject_id=award.public_id)]
        assert actions == ["award.issued"]
        assert Message.objects.filter(kind="award-issued").count() == 1
        assert findings() == []

    def test_intends_before_it_signs(self, world: World) -> None:
        award = issue(world)
        reservation = Reservation.objects.get(award_public_id=award.public_id)
        entries = entries_of(subject_kind="reservation", subject_id=reservation.public_id)
        assert [entry.action for entry in entries] == ["signing.intended"]
        assert entries[0].new["award"] == str(award.public_id)
        assert reservation.approval.subject_id == world.version.public_id

    def test_fifty_times_is_the_same_as_once(self, world: World) -> None:
        decision = make_decision(world)
        awards = {award_from_decision(decision_id=decision.public_id, at=AT).public_id for _ in range(50)}
        assert len(awards) == 1
        assert Message.objects.filter(kind="award-issued").count() == StatusSlot.objects.count() == 1
        assert findings() == []

    @pytest.mark.parametrize(("outcome", "final"), [("almost", True), ("not_yet", True), ("met", False)])
    def test_refuses_what_is_not_finally_met(self, world: World, outcome: str, final: bool) -> None:
        decision = make_decision(world, outcome=outcome, final=final)
        with pytest.raises(DecisionNotMet):
            award_from_decision(decision_id=decision.public_id, at=AT)
        assert not Award.objects.exists()

    def test_knows_no_decision_that_is_not_there(self, world: World) -> None:
        with pytest.raises(NotFound):
            award_from_decision(decision_id=uuid4(), at=AT)

    def test_gives_one_person_the_same_subject_in_one_organization_and_another_elsewhere(
        self, world: World
    ) -> None:
        learner, elsewhere = make_person("Noor Haddad"), make_world(name="Dolores Ibarra High")
        one = issue(world, learner=learner)
        other = issue(elsewhere, learner=learner)
        subjects = [document_of(award)["credentialSubject"]["id"] for award in (one, other)]
        assert subjects[0] != subjects[1]
        assert all(subject.startswith("urn:uuid:") for subject in subjects)

    def test_ends_at_the_end_of_the_day_where_the_organization_is(self, world: World) -> None:
        assert document_of(issue(world))["validUntil"] == "2029-05-15T05:59:59Z"  # 23:59:59 of 14 May in Denver

    def test_has_no_end_without_validity(self) -> None:
        assert "validUntil" not in document_of(issue(make_world(months=None)))


def document_of(award: Award) -> dict[str, Any]:
    view = award_public(award_id=award.public_id, viewer=award.learner, on=AT)
    document: dict[str, Any] = json.loads(award_json(view))
    return document


class TestConverge:
    def test_takes_every_final_met_decision_and_nothing_else(self, world: World) -> None:
        met = {make_decision(world).public_id for _ in range(3)}
        make_decision(world, outcome="almost")
        make_decision(world, final=False)
        report = award_converge(AT)
        assert len(report.issued) == 3
        assert report.waiting == ()
        assert set(Award.objects.values_list("origin_id", flat=True)) == met

    def test_again_finds_nothing_to_do(self, world: World) -> None:
        make_decision(world)
        assert len(award_converge(AT).issued) == 1
        assert award_converge(LATER).issued == ()
        assert findings() == []

    @pytest.mark.parametrize("broken", [0, 1, 2])
    def test_goes_on_past_one_that_cannot_be_issued(self, world: World, broken: int) -> None:
        decisions = [make_decision(world) for _ in range(3)]
        Decision.objects.filter(pk=decisions[broken].pk).update(criteria=[{"criterion_id": "cri000000001"}])
        report = award_converge(AT)
        assert len(report.issued) == 2
        assert report.waiting == ((decisions[broken].public_id, "unexpected"),)

    def test_waits_for_an_organization_that_cannot_sign_yet(self, world: World) -> None:
        mark_path().unlink()
        decision = make_decision(world)
        assert award_converge(AT).waiting == ((decision.public_id, "mark-missing"),)
        assert not Award.objects.exists()


class TestHold:
    def test_stops_an_award_until_it_is_released(self, world: World) -> None:
        decision = make_decision(world)
        award_hold(decision_id=decision.public_id, reason="Name to check", actor=world.registrar_acts, at=AT)
        assert award_converge(AT).issued == ()
        with pytest.raises(AwardOnHold):
            award_from_decision(decision_id=decision.public_id, at=AT)
        award_release(decision_id=decision.public_id, actor=world.registrar_acts, at=LATER)
        assert len(award_converge(LATER).issued) == 1
        assert findings() == []

    def test_comes_too_late_for_a_signed_award(self, world: World) -> None:
        decision = make_decision(world)
        award_from_decision(decision_id=decision.public_id, at=AT)
        with pytest.raises(AwardAlreadyIssued):
            award_hold(decision_id=decision.public_id, reason="Too late", actor=world.registrar_acts, at=LATER)
        assert not AwardHold.objects.filter(released_at__isnull=True).exists()

    def test_burns_the_slot_of_a_reservation_that_was_not_signed(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decision = reserved_only(world, monkeypatch)
        award_hold(decision_id=decision.public_id, reason="Name to check", actor=world.registrar_acts, at=AT)
        assert StatusSlot.objects.get().state == "burned"
        award_release(decision_id=decision.public_id, actor=world.registrar_acts, at=LATER)
        assert len(award_converge(LATER).issued) == 1
        assert sorted(StatusSlot.objects.values_list("state", flat=True)) == ["burned", "issued"]
        assert findings() == []

    def test_is_refused_twice_and_without_reason(self, world: World) -> None:
        decision = make_decision(world)
        with pytest.raises(ReasonMissing):
            award_hold(decision_id=decision.public_id, reason="  ", actor=world.registrar_acts, at=AT)
        award_hold(decision_id=decision.public_id, reason="Check", actor=world.registrar_acts, at=AT)
        with pytest.raises(AwardOnHold):
            award_hold(decision_id=decision.public_id, reason="Check", actor=world.registrar_acts, at=AT)
        award_release(decision_id=decision.public_id, actor=world.registrar_acts, at=AT)
        with pytest.raises(AwardNotOnHold):
            award_release(decision_id=decision.public_id, actor=world.registrar_acts, at=AT)

    def test_is_for_registrars_of_this_organization(self, world: World) -> None:
        decision = make_decision(world)
        stranger = Actor.person(make_member(make_world(name="Elsewhere").organization, "registrar"))
        assessor = Actor.person(world.assessor)
        for actor, refusal in ((stranger, NotFound), (assessor, NotAllowed)):
            with pytest.raises(refusal):
                award_hold(decision_id=decision.public_id, reason="Check", actor=actor, at=AT)


def reserved_only(world: World, monkeypatch: pytest.MonkeyPatch) -> Decision:
    """Leave a decision between T1 and the signature."""
    decision = make_decision(world)

    def stop(*_arguments: object, **_named: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(converge_module, "sign_reservation", stop)
        with pytest.raises(InterruptedError):
            award_from_decision(decision_id=decision.public_id, at=AT)
    assert Reservation.objects.filter(origin_id=decision.public_id, state="reserved").count() == 1
    return decision


class TestBetweenReservationAndSignature:
    def test_a_rotated_key_burns_the_slot_and_the_new_key_signs(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decision = reserved_only(world, monkeypatch)
        keys = key_rotate(issuer=world.issuer, actor=SETUP, at=LATER)
        award = award_from_decision(decision_id=decision.public_id, at=LATER)
        method = document_of(award)["proof"]["verificationMethod"]
        assert method.endswith(str(keys[0].public_id))
        assert sorted(StatusSlot.objects.values_list("state", flat=True)) == ["burned", "issued"]
        assert findings() == []

    def test_a_withdrawn_approval_signs_nothing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        decision = reserved_only(world, monkeypatch)
        approval_withdraw(approval=Approval.objects.get(), actor=SETUP, at=LATER)
        assert [code for _, code in award_converge(LATER).waiting] == ["approval-withdrawn"]
        assert StatusSlot.objects.get().state == "burned"
        assert not AwardDocument.objects.exists()
        assert [code for _, code in award_converge(LATER).waiting] == ["approval-withdrawn"]
        assert StatusSlot.objects.count() == 1
        assert decision.public_id

    def test_what_is_resumed_keeps_its_time(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        decision = reserved_only(world, monkeypatch)
        award = award_from_decision(decision_id=decision.public_id, at=LATER)
        document = document_of(award)
        assert document["validFrom"] == document["proof"]["created"] == "2026-05-14T10:00:00Z"

    def test_what_is_resumed_under_an_earlier_clock_still_counts_as_signed_after_it_was_reserved(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decision = reserved_only(world, monkeypatch)
        award_from_decision(decision_id=decision.public_id, at=AT - timedelta(hours=1))
        assert AwardDocument.objects.get().signed_at == AT
        assert findings() == []

    def test_other_bytes_than_reserved_are_quarantined(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decision = make_decision(world)

        def forged(prepared: PreparedCredential, *, ed25519: bytes, es256: bytes) -> SignedCredential:
            signed = assemble(prepared, ed25519=ed25519, es256=es256)
            return replace(signed, json_bytes=signed.json_bytes.replace(b"Scientific", b"Scientifik"))

        monkeypatch.setattr("insignia.issuing.services.signing.assemble", forged)
        with pytest.raises(SignedBytesDiffer):
            award_from_decision(decision_id=decision.public_id, at=AT)
        monkeypatch.undo()
        with pytest.raises(AwardQuarantined):
            award_from_decision(decision_id=decision.public_id, at=AT)
        assert not AwardDocument.objects.exists()
        assert any(finding.startswith("I3") for finding in findings())

    def test_a_second_document_that_differs_is_never_stored(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        award = issue(world)
        reservation = Reservation.objects.get()
        signed = SignedCredential(json_bytes=b"{}", jwt="a.b.c")
        with pytest.raises(DocumentDiffers):
            converge_module._finished(award.public_id, reservation, signed, actor=SETUP, at=LATER)
        assert AwardDocument.objects.count() == 1

    def test_a_hold_that_came_meanwhile_is_seen_before_signing(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decision = make_decision(world)

        def hold(step: steps.Step) -> None:
            if step is steps.Step.RESERVED:
                AwardHold.objects.create(
                    organization=world.organization, origin_kind="decision", origin_id=decision.public_id,
                    reason="Check", held_at=AT,
                )  # fmt: skip

        monkeypatch.setattr(steps, "between", hold)
        with pytest.raises(AwardOnHold):
            award_from_decision(decision_id=decision.public_id, at=AT)
        assert StatusSlot.objects.get().state == "burned"
        assert not AwardDocument.objects.exists()

    @pytest.mark.parametrize("one_in", [1, 2**200])
    def test_a_sample_is_verified_by_the_general_path_as_well(
        self, world: World, monkeypatch: pytest.MonkeyPatch, one_in: int
    ) -> None:
        module, looked = "insignia.issuing.services.reservations", []
        monkeypatch.setattr(f"{module}.SAMPLED_ONE_IN", one_in)
        monkeypatch.setattr(f"{module}._verify_whole", lambda *_: looked.append(1))
        issue(world)
        assert len(looked) == (one_in == 1)
        monkeypatch.undo()
        monkeypatch.setattr(f"{module}.SAMPLED_ONE_IN", 1)
        assert issue(world).state == "issued"


class Broken(Exception):
    """What a fault raises."""


@pytest.mark.parametrize("step", list(steps.Step))
@pytest.mark.parametrize("retry", ["same", "sweep", "same then sweep"])
class TestFaultAtAnyStep:
    def test_leaves_exactly_one_award_after_any_retry(
        self, world: World, monkeypatch: pytest.MonkeyPatch, step: steps.Step, retry: str
    ) -> None:
        decision = make_decision(world)
        reached: list[steps.Step] = []

        def fail(at: steps.Step) -> None:
            if at is step and not reached:
                reached.append(at)
                raise Broken

        monkeypatch.setattr(steps, "between", fail)
        with pytest.raises(Broken):
            award_from_decision(decision_id=decision.public_id, at=AT)
        assert reached == [step]
        if "same" in retry:
            assert award_from_decision(decision_id=decision.public_id, at=LATER).state == "issued"
        if "sweep" in retry:
            award_converge(LATER)
        assert Award.objects.filter(state="issued").count() == StatusSlot.objects.count() == 1
        assert Message.objects.filter(kind="award-issued").count() == 1
        assert findings() == []


class TestOldDatabase:
    def test_behind_the_mark_reserves_and_signs_nothing(self, world: World) -> None:
        issue(world)
        StatusSet.objects.update(reserved=0)
        StatusSlot.objects.update(index=7)
        decision = make_decision(world)
        for _ in range(3):  # asking again must not count the counter up to where it was
            with pytest.raises(DatabaseBehindMark):
                award_from_decision(decision_id=decision.public_id, at=AT)
        assert StatusSet.objects.get().reserved == 0
        assert any(finding.startswith("I12") for finding in findings())

    def test_with_an_older_list_signs_nothing(self, world: World) -> None:
        StatusList.objects.filter(purpose="revocation").update(epoch=0)
        with pytest.raises(DatabaseBehindMark):
            issue(world)

    def test_without_a_mark_signs_nothing(self, world: World) -> None:
        mark_path().unlink()
        with pytest.raises(MarkMissing):
            issue(world)


class TestDoctor:
    """Every way of having none or two has to be noticed."""

    def test_is_content_with_a_whole_world(self, world: World) -> None:
        issue(world)
        assert findings() == []

    @pytest.mark.parametrize(
        ("damage", "invariant"),
        [
            (lambda: Message.objects.filter(kind="award-issued").delete(), "I1"),
            (lambda: AwardDocument.objects.update(superseded_at=AT), "I1"),
            (lambda: Award.objects.update(state="reserved", issued_at=None), "I1"),
            (lambda: Reservation.objects.update(state="reserved"), "I2"),
            (lambda: Reservation.objects.update(created_at=LATER), "I2"),
            (lambda: StatusSlot.objects.update(state="burned"), "I4"),
            (lambda: StatusSet.objects.update(reserved=0), "I4"),
            (lambda: Award.objects.update(version_hash="0" * 64), "I6"),
            (lambda: StatusList.objects.filter(purpose="revocation").update(bits=b"\xff" * 16384), "I10"),
            (lambda: StatusList.objects.filter(purpose="refresh").update(document=b""), "I10"),
            (lambda: StatusList.objects.filter(purpose="suspension").update(event_count=1), "I10"),
            (lambda: Award.objects.update(state="revoked"), "I11"),
            (lambda: StatusList.objects.filter(purpose="refresh").update(epoch=0), "I12"),
        ],
    )
    def test_names_the_invariant_that_is_broken(
        self, world: World, damage: Callable[[], object], invariant: str
    ) -> None:
        issue(world)
        damage()
        assert invariant in {finding.split()[0] for finding in findings()}

    def test_names_a_document_that_is_not_what_was_reserved(self, world: World) -> None:
        one, other = issue(world), issue(world)
        documents = list(AwardDocument.objects.filter(award__in=[one, other]).order_by("id"))
        sealed = documents[0].award.recipient.data_key, documents[1].award.recipient.data_key
        assert sealed[0] != sealed[1]
        first, second = (document.reservation_id for document in documents)
        AwardDocument.objects.filter(pk=documents[0].pk).update(reservation=None or _spare(world))
        AwardDocument.objects.filter(pk=documents[1].pk).update(reservation=first)
        AwardDocument.objects.filter(pk=documents[0].pk).update(reservation=second)
        assert {"I2", "I3"} <= {finding.split()[0] for finding in findings()}

    def test_verifies_every_document_as_anybody_would_when_it_is_to_look_deep(self, world: World) -> None:
        issue(world)
        document = AwardDocument.objects.get(award=issue(world))
        key = datakey_open(document.award.recipient.data_key)
        signed = json.loads(document_open(document, key=document.award.recipient.data_key).json_bytes)
        signed["credentialSubject"]["narrative"] = "And all the rest of it."
        changed = key.seal(json.dumps(signed).encode(), purpose=DOCUMENT_PURPOSE_JSON)
        AwardDocument.objects.filter(pk=document.pk).update(sealed_json=changed)
        told = [finding for finding in findings(deep=True) if finding.startswith("I19")]
        assert len(told) == 1
        assert told[0].startswith(f"I19 document {document.award.public_id}/1: signature")
        assert "I19" not in {finding.split()[0] for finding in findings()}


def _spare(world: World) -> int:
    """Make a reservation that no document uses, to swap two others by."""
    award = issue(world)
    AwardDocument.objects.filter(award=award).delete()
    return Reservation.objects.get(award_public_id=award.public_id).pk
