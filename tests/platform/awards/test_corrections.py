"""Correcting: the badge keeps its address, the next document says it right, the earlier one is superseded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from insignia.audit.actor import Actor
from insignia.audit.selectors import entries_of
from insignia.awards import steps
from insignia.awards.credential import said_by
from insignia.awards.errors import (
    AwardAlreadyRevoked,
    AwardedAhead,
    AwardNotIssued,
    CorrectionChangesNothing,
    CorrectionUnfinished,
    CorrectionUnusable,
    ReasonMissing,
)
from insignia.awards.models import Award, AwardCorrection, AwardDocument, Recipient
from insignia.awards.rules import Said, corrected_facts, is_substantial, said_from_json, said_to_json
from insignia.awards.selectors import (
    award_by_id,
    award_json,
    award_public,
    document_current,
    document_json,
    document_numbered,
)
from insignia.awards.services import (
    award_correct,
    award_reinstate,
    award_reissue,
    award_revoke,
    award_suspend,
    corrections_converge,
)
from insignia.awards.services.corrections import SAID_PURPOSE
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.foundation.sealing import seal
from insignia.issuing.models import LIST_LENGTH, Reservation, SigningKey, StatusList, StatusSlot
from insignia.issuing.selectors import status_bit
from insignia.issuing.services import key_rotate, lists_republish
from insignia.issuing.sources import OwnIssuers, OwnStatusLists
from insignia.outbox.models import Message
from insignia.vc.contexts import ContextLoader
from insignia.vc.verify import Outcome, Sources, Verdict, verify
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import Awarded, World, make_awarded, make_world
from tests.platform.factories import AT, SETUP, make_member, make_person

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


def said(award: Award) -> Said:
    fresh = award_by_id(award.public_id)
    return said_by(document_json(fresh, document_current(fresh)))


def document(award: Award, number: int) -> dict[str, Any]:
    fresh = award_by_id(award.public_id)
    return document_json(fresh, AwardDocument.objects.get(award=fresh, number=number))


def bits(award: Award, number: int) -> set[str]:
    slot = AwardDocument.objects.get(award=award, number=number).reservation.slot
    return {purpose for purpose in ("revocation", "suspension", "refresh") if status_bit(slot, purpose)}


def correct(
    world: World,
    award: Award,
    *,
    actor: Actor | None = None,
    reason: str = "Misspelt",
    **facts: Any,  # noqa: ANN401  - the facts of Said
) -> Award:
    return award_correct(
        award_id=award.public_id,
        said=replace(said(award), **facts),
        reason=reason,
        actor=actor or world.registrar_acts,
        at=LATER,
    )


def judged(award: Award, number: int) -> Verdict:
    view = award_public(award_id=award.public_id, viewer=award.learner, on=LATER)
    raw = award_json(document_numbered(view, number))
    sources = Sources(resolver=OwnIssuers(), status_lists=OwnStatusLists(), loader=ContextLoader())
    report = verify(raw, at=LATER, sources=sources)
    assert report.check("signature").outcome is Outcome.PASSED, report.checks
    return report.verdict


class TestFacts:
    def test_name_what_differs_and_what_matters(self) -> None:
        old = Said("Ana", AT, AT, AT + timedelta(days=9))
        assert corrected_facts(old, old) == ()
        assert corrected_facts(old, replace(old, name="Anna", valid_until=None)) == ("name", "valid_until")
        assert not is_substantial(["name"])
        for fact in ("awarded_at", "valid_from", "valid_until"):
            assert is_substantial(["name", fact])

    @pytest.mark.parametrize("until", [None, AT + timedelta(days=9)])
    def test_survive_being_stored(self, until: Any) -> None:  # noqa: ANN401  - a moment or nothing
        facts = Said("Itzel Ñ “x”", AT, AT + timedelta(hours=1), until)
        assert said_from_json(said_to_json(facts)) == facts


class TestCorrectedName:
    def test_is_said_by_a_new_document_at_the_same_address(self, world: World, award: Award) -> None:
        correct(world, award, name="Itzel Marroquín Núñez")
        first, second = document(award, 1), document(award, 2)
        assert first["id"] == second["id"]
        assert said_by(second).name == "Itzel Marroquín Núñez"
        assert said_by(first).name == "Itzel Marroquín Ñ"
        lists_republish(LATER)
        assert [judged(award, 1), judged(award, 2)] == [Verdict.VALID, Verdict.VALID]
        assert (bits(award, 1), bits(award, 2)) == ({"refresh"}, set())
        assert findings(deep=True) == []

    def test_changes_nothing_else(self, world: World, award: Award) -> None:
        correct(world, award, name="Itzel")
        first, second = document(award, 1), document(award, 2)
        for one in (first, second):
            for name in ("proof", "credentialStatus"):
                assert one.pop(name)
            del one["credentialSubject"]["identifier"]
        assert first == second

    def test_of_somebody_without_an_account_follows_on_their_row(self, world: World, award: Award) -> None:
        Award.objects.update(learner=None)
        Recipient.objects.update(person=None, name="Itsel", email="itzel@quillwater.example")
        correct(world, award, name="Itzel")
        assert Recipient.objects.get().name == "Itzel"

    def test_may_become_nothing_and_something_again(self, world: World, award: Award) -> None:
        correct(world, award, name="")
        assert "identifier" not in document(award, 2)["credentialSubject"]
        correct(world, award, name="Itzel")
        assert said(award).name == "Itzel"
        assert [row.superseded_at is None for row in award.documents.order_by("number")] == [False, False, True]
        lists_republish(LATER)
        assert findings() == []

    def test_is_told_once_and_recorded(self, world: World, award: Award) -> None:
        correct(world, award, name="Itzel")
        assert Message.objects.filter(kind="award-corrected").count() == 1
        entry = entries_of(subject_kind="award", subject_id=award.public_id)[-1]
        assert (entry.action, entry.old, entry.new) == (
            "award.corrected",
            {"document": 1},
            {"document": 2, "changed": ["name"], "revoked": False},
        )
        assert b"Itzel" not in bytes(entry.sealed_personal or b"")
        assert entry.actor_id == world.registrar.public_id


class TestCorrectedDay:
    def test_revokes_the_earlier_document_and_not_the_award(self, world: World, award: Award) -> None:
        until = AT + timedelta(days=100)
        corrected = correct(world, award, valid_until=until)
        lists_republish(LATER)
        assert corrected.valid_until == until == said(award).valid_until
        assert (bits(award, 1), bits(award, 2)) == ({"refresh", "revocation"}, set())
        assert [judged(award, 1), judged(award, 2)] == [Verdict.INVALID, Verdict.VALID]
        assert findings() == []

    def test_may_take_the_end_away(self, world: World, award: Award) -> None:
        assert correct(world, award, valid_until=None).valid_until is None
        assert "validUntil" not in document(award, 2)

    def test_is_followed_by_the_columns(self, world: World, award: Award) -> None:
        days = {"awarded_at": AT - timedelta(days=9), "valid_from": AT - timedelta(days=8)}
        correct(world, award, awarded_at=days["awarded_at"], valid_from=days["valid_from"])
        fresh = award_by_id(award.public_id)
        assert (fresh.awarded_at, fresh.valid_from) == (days["awarded_at"], days["valid_from"])


class TestRefusal:
    def test_of_what_changes_nothing_or_cannot_be_said(self, world: World, award: Award) -> None:
        with pytest.raises(CorrectionChangesNothing):
            correct(world, award)
        for name in ("x" * 201, "two\nlines", "bidi\u202e"):
            with pytest.raises(CorrectionUnusable):
                correct(world, award, name=name)
        with pytest.raises(CorrectionUnusable):
            correct(world, award, valid_until=said(award).valid_from)
        with pytest.raises(AwardedAhead):
            correct(world, award, awarded_at=LATER + timedelta(seconds=1))
        for reason in ("", " ", "x" * 501):
            with pytest.raises(ReasonMissing):
                correct(world, award, name="Itzel", reason=reason)
        assert not AwardCorrection.objects.exists()

    def test_of_everybody_but_the_issuers_registrars_and_owners(self, world: World, award: Award) -> None:
        elsewhere = make_member(make_world(name="Elsewhere").organization, "owner", "registrar")
        for person, refusal in (
            (elsewhere, NotFound),
            (make_person(), NotFound),
            (award.learner, NotFound),
            (world.assessor, NotAllowed),
            (world.author, NotAllowed),
        ):
            assert person is not None
            with pytest.raises(refusal):
                correct(world, award, actor=Actor.person(person), name="Mine")
            with pytest.raises(refusal):
                award_reissue(award_id=award.public_id, actor=Actor.person(person), at=LATER)
        assert not AwardCorrection.objects.exists()

    def test_of_an_award_that_is_revoked_or_not_signed(self, world: World, award: Award) -> None:
        Award.objects.update(state="reserved", issued_at=None)
        with pytest.raises(AwardNotIssued):
            correct(world, award, name="Itzel")
        Award.objects.update(state="revoked", issued_at=AT)
        with pytest.raises(AwardAlreadyRevoked):
            correct(world, award, name="Itzel")

    def test_while_another_is_unfinished(
        self, world: World, award: Award, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        interrupted(world, award, steps.Step.SIGNED, monkeypatch)
        with pytest.raises(CorrectionUnfinished):
            correct(world, award, name="Another")


class TestPause:
    def test_holds_for_the_corrected_document_as_well(self, world: World, award: Award) -> None:
        award_suspend(award_id=award.public_id, reason="Review", actor=world.registrar_acts, at=LATER)
        correct(world, award, name="Itzel")
        assert (bits(award, 1), bits(award, 2)) == ({"refresh", "suspension"}, {"suspension"})
        lists_republish(LATER)
        assert findings() == []
        award_reinstate(award_id=award.public_id, reason="Fine", actor=world.registrar_acts, at=LATER)
        assert (bits(award, 1), bits(award, 2)) == ({"refresh"}, set())

    def test_of_a_corrected_award_ends_in_a_revocation_of_all(self, world: World, award: Award) -> None:
        correct(world, award, name="Itzel")
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER)
        assert (bits(award, 1), bits(award, 2)) == ({"refresh", "revocation"}, {"revocation"})
        lists_republish(LATER)
        assert findings() == []


class Broken(Exception):
    """A fault put where a step was reached."""


def interrupted(world: World, award: Award, step: steps.Step, monkeypatch: pytest.MonkeyPatch) -> None:
    """Correct the name, and break off at a step."""
    reached = []

    def fail(at: steps.Step) -> None:
        if at is step:
            reached.append(at)
            raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(steps, "between", fail)
        with pytest.raises(Broken):
            correct(world, award, name="Itzel")
    assert reached == [step]


class TestFault:
    @pytest.mark.parametrize("step", [steps.Step.SIGNED, steps.Step.INSIDE_FINISH])
    def test_at_any_step_is_mended_by_the_sweep(
        self, world: World, award: Award, step: steps.Step, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        interrupted(world, award, step, monkeypatch)
        assert said(award).name == "Itzel Marroquín Ñ"
        assert (corrections_converge(LATER), corrections_converge(LATER)) == (1, 0)
        assert said(award).name == "Itzel"
        assert Message.objects.filter(kind="award-corrected").count() == 1
        lists_republish(LATER)
        assert findings() == []

    @pytest.mark.parametrize("place", range(3))
    def test_one_that_cannot_be_read_holds_up_no_other(self, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
        awarded = make_awarded("Amara", "Tomás", "Wanjiru")
        for award in awarded.awards:
            interrupted(awarded.world, award, steps.Step.SIGNED, monkeypatch)
        wish = AwardCorrection.objects.order_by("id")[place]
        AwardCorrection.objects.filter(pk=wish.pk).update(
            sealed_said=seal(b'{"name": 7}', key=wish.award.recipient.data_key, purpose=SAID_PURPOSE)
        )
        assert corrections_converge(LATER) == 2
        assert list(AwardCorrection.objects.filter(finished_at__isnull=True)) == [wish]

    def test_between_keys_burns_the_slot_and_the_new_key_signs(
        self, world: World, award: Award, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        interrupted(world, award, steps.Step.SIGNED, monkeypatch)
        key_rotate(issuer=world.issuer, actor=SETUP, at=LATER)
        assert corrections_converge(LATER) == 1
        assert StatusSlot.objects.filter(state="burned").count() == 1
        assert Reservation.objects.filter(document_number=2).count() == 2
        lists_republish(LATER)
        assert findings() == []

    def test_a_revocation_meanwhile_wins(
        self, world: World, award: Award, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        interrupted(world, award, steps.Step.SIGNED, monkeypatch)
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER)
        assert (corrections_converge(LATER), corrections_converge(LATER)) == (0, 0)
        assert AwardCorrection.objects.get().abandoned_at == LATER
        assert AwardDocument.objects.count() == 1
        lists_republish(LATER)
        assert findings() == []


class TestReissue:
    def test_says_the_same_under_the_new_key(self, world: World, award: Award) -> None:
        key_rotate(issuer=world.issuer, actor=SETUP, at=LATER, compromised=True)
        award_reissue(award_id=award.public_id, actor=world.registrar_acts, at=LATER)
        first, second = document(award, 1), document(award, 2)
        newest = SigningKey.objects.get(algorithm="Ed25519", retired_at__isnull=True)
        assert second["proof"]["verificationMethod"].endswith(str(newest.public_id))
        assert said_by(first) == said_by(second)
        assert not Message.objects.filter(kind="award-corrected").exists()
        lists_republish(LATER)
        assert (judged_key(award, 1), judged_key(award, 2)) == (Outcome.FAILED, Outcome.PASSED)
        assert findings() == []


def judged_key(award: Award, number: int) -> Outcome:
    view = award_public(award_id=award.public_id, viewer=award.learner, on=LATER)
    sources = Sources(resolver=OwnIssuers(), status_lists=OwnStatusLists(), loader=ContextLoader())
    return verify(award_json(document_numbered(view, number)), at=LATER, sources=sources).check("key").outcome


class TestDoctor:
    def test_names_a_document_nobody_wished_for(self, world: World, award: Award) -> None:
        correct(world, award, name="Itzel")
        lists_republish(LATER)
        AwardCorrection.objects.all().delete()
        assert any(finding.startswith("I5") and "wished" in finding for finding in findings())

    def test_names_a_chain_with_a_gap(self, world: World, award: Award) -> None:
        correct(world, award, name="Itzel")
        lists_republish(LATER)
        AwardDocument.objects.filter(number=2).update(number=3)
        assert any("one chain" in finding for finding in findings())

    def test_names_an_earlier_document_that_does_not_say_it_was_replaced(self, world: World, award: Award) -> None:
        correct(world, award, name="Itzel")
        StatusList.objects.filter(purpose="refresh").update(bits=bytes(LIST_LENGTH // 8))
        assert any(finding.startswith("I5") and "refresh bit" in finding for finding in findings())
