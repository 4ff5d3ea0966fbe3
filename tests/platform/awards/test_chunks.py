"""A chunk of awards: each origin exactly one, whatever dies in between, and no row that holds up another."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insignia.accounts.models import Person
from insignia.audit.actor import Actor
from insignia.audit.models import AuditEntry
from insignia.audit.services import audit_sequence
from insignia.awards.credential import DocumentFacts, award_document
from insignia.awards.models import Award, AwardDocument, Recipient
from insignia.awards.rules import RUN_ROW
from insignia.awards.selectors import award_held, award_json, award_jwt, award_public
from insignia.awards.services import (
    AwardRequest,
    ChunkOutcome,
    award_claim,
    awards_issue_chunk,
    awards_undo,
    claim_path,
)
from insignia.awards.services import chunks as chunks_module
from insignia.awards.steps import Step
from insignia.foundation.errors import NotFound
from insignia.foundation.sealing import datakey_destroy
from insignia.issuing.errors import DatabaseBehindMark
from insignia.issuing.mark import mark_advance
from insignia.issuing.models import Approval, DocumentShape, Reservation, StatusSlot
from insignia.issuing.rules import Mark
from insignia.issuing.selectors import counters_now, intent_place
from insignia.issuing.services import (
    SignedReservation,
    Unsigned,
    approval_grant,
    approval_withdraw,
    key_rotate,
    lists_republish,
    recover,
    sign_reservations,
    slots_of,
)
from insignia.issuing.sources import OwnIssuers, OwnStatusLists
from insignia.outbox.claiming import messages_claim
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import ShapeUncompilable
from insignia.vc.issue import CredentialShape
from insignia.vc.verify import Outcome, Sources, Verdict, verify, verify_jwt
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import World, make_world
from tests.platform.factories import AT, SETUP, make_person

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
Result: TypeAlias = SignedReservation | Unsigned
HOLDS_UP: tuple[dict[str, Any], ...] = (
    {"name": "\ud800"},
    {"valid_until": AT - timedelta(days=1)},
    {"narrative": "\x00"},
    {"email": ""},
)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def approval(world: World) -> Approval:
    return approval_grant(organization=world.organization, kind="run", subject_id=uuid4(), granted_at=AT)


def asked(number: int, **changes: Any) -> AwardRequest:  # noqa: ANN401  - any of its fields
    request = AwardRequest(
        origin=(RUN_ROW, uuid4()),
        name=f"Learner {number} Ñandú",
        email=f"learner{number}@quillwater.example",
        language="en",
        recipient_key=f"{number:05}",
        awarded_at=AT,
        valid_from=AT,
    )
    return replace(request, **changes)


def issue(
    world: World, approval: Approval, requests: Sequence[AwardRequest], *, at: datetime = AT
) -> list[ChunkOutcome]:
    return awards_issue_chunk(
        version=world.version,
        organization=world.organization,
        approval=approval,
        requests=requests,
        actor=world.registrar_acts,
        at=at,
    )


def award_of(outcome: ChunkOutcome) -> Award:
    assert outcome.award_id is not None, outcome.code
    return Award.objects.get(public_id=outcome.award_id)


def document_of(outcome: ChunkOutcome) -> dict[str, Any]:
    view = award_held(award_of(outcome))
    found: dict[str, Any] = json.loads(award_json(view))
    return found


class TestChunk:
    def test_leaves_exactly_one_of_everything_a_row(self, world: World, approval: Approval) -> None:
        requests = [asked(number) for number in range(7)]
        outcomes = issue(world, approval, requests)
        assert [outcome.origin for outcome in outcomes] == [request.origin for request in requests]
        assert {outcome.code for outcome in outcomes} == {"issued"}
        for model in (Award, AwardDocument, Reservation, StatusSlot, Recipient):
            assert model._default_manager.count() == 7, model
        assert Message.objects.filter(kind="award-issued").count() == 7
        assert AuditEntry.objects.filter(action="award.issued").count() == 7
        intent = AuditEntry.objects.get(action="signing.intended")
        reservations = Reservation.objects.all()
        assert {one.intent_id for one in reservations} == {intent.subject_id}
        assert sorted(intent.new["reservations"]) == sorted(str(one.public_id) for one in reservations)
        assert findings(deep=True) == []

    def test_its_row_of_the_record_vouches_for_what_it_names_and_nothing_else(
        self, world: World, approval: Approval
    ) -> None:
        issue(world, approval, [asked(number) for number in range(2)])
        audit_sequence(AT)
        named, slipped_in = Reservation.objects.order_by("id")
        Reservation.objects.filter(pk=slipped_in.pk).update(public_id=uuid4())
        slipped_in.refresh_from_db()

        assert intent_place(named) is not None
        assert intent_place(slipped_in) is None
        assert any(found.startswith("I2 ") and "signing.intended" in found for found in findings())

    def test_asked_again_gives_the_same_awards(self, world: World, approval: Approval) -> None:
        requests = [asked(number) for number in range(3)]
        first = issue(world, approval, requests[:2])
        assert issue(world, approval, requests, at=LATER)[:2] == first
        assert Award.objects.count() == Message.objects.filter(kind="award-issued").count() == 3

    def test_makes_documents_that_anybody_can_verify(self, world: World, approval: Approval) -> None:
        levels = {"cri000000001": "lev100000001", "cri000000002": "lev200000002"}
        requests = [
            asked(1),
            asked(2, name='"Ana" \\ \n\t日本 ñ'),
            asked(3, name=""),
            asked(4, valid_until=LATER),
            asked(5, levels=levels, narrative="Passed with <distinction> & more."),
        ]
        sources = Sources(OwnIssuers(), OwnStatusLists(), ContextLoader())
        for outcome in issue(world, approval, requests):
            view = award_held(award_of(outcome))
            for report in (
                verify(award_json(view), at=AT, sources=sources),
                verify_jwt(award_jwt(view), at=AT, sources=sources),
            ):
                wrong = [check for check in report.checks if check.outcome is Outcome.FAILED]
                assert report.verdict is Verdict.VALID, wrong
        assert DocumentShape.objects.count() == 4

    def test_writes_what_the_general_path_would(self, world: World, approval: Approval) -> None:
        request = asked(1, valid_until=LATER, narrative="On time.")
        document = document_of(issue(world, approval, [request])[0])
        del document["proof"]
        award, reservation = Award.objects.get(), Reservation.objects.get()
        facts = DocumentFacts(
            award_id=award.public_id,
            urn=award.recipient.urn,
            name=request.name,
            awarded_at=AT,
            valid_from=AT,
            valid_until=LATER,
            narrative="On time.",
        )
        slots = slots_of(reservation.issuer, reservation.slot.status_set, at=AT)
        frozen = slots.frozen(reservation.slot.index)
        assert document == award_document(world.version, facts, frozen=frozen)

    @pytest.mark.parametrize("wrong", range(4))
    def test_lets_one_bad_row_hold_up_no_other(self, world: World, approval: Approval, wrong: int) -> None:
        requests = [asked(number) for number in range(4)]
        requests[wrong] = replace(requests[wrong], **HOLDS_UP[wrong])
        codes = [outcome.code for outcome in issue(world, approval, requests)]
        assert [code == "issued" for code in codes] == [number != wrong for number in range(4)]
        assert Award.objects.count() == Reservation.objects.count() == 3
        assert findings() == []

    @pytest.mark.usefixtures("no_sample")
    def test_takes_as_many_queries_for_many_rows_as_for_few(self, world: World, approval: Approval) -> None:
        issue(world, approval, [asked(0)])  # the shape is made once
        counts = []
        for start, size in ((10, 5), (100, 60)):
            with CaptureQueriesContext(connection) as queries:
                issue(world, approval, [asked(start + number) for number in range(size)])
            counts.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
        assert counts[0] == counts[1]
        assert counts[0] < 45

    def test_without_an_address_waits_for_one(self, world: World, approval: Approval) -> None:
        outcomes = issue(world, approval, [asked(1), asked(2, email="")])
        assert [outcome.code for outcome in outcomes] == ["issued", "no-address"]
        assert Award.objects.count() == 1

    def test_calls_a_person_the_same_in_every_badge(self, world: World, approval: Approval) -> None:
        outcomes = issue(world, approval, [asked(1), asked(2), asked(1)])
        subjects = [document_of(outcome)["credentialSubject"]["id"] for outcome in outcomes]
        assert subjects[0] == subjects[2] != subjects[1]
        assert Recipient.objects.count() == 2


class TestInterrupted:
    def test_between_reserving_and_signing_signs_the_same_values_later(
        self, world: World, approval: Approval, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        requests = [asked(number) for number in range(3)]

        def dies(*_arguments: object, **_options: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(chunks_module, "sign_reservations", dies)
            with pytest.raises(KeyboardInterrupt):
                issue(world, approval, requests)
        reserved = dict(Reservation.objects.values_list("award_public_id", "public_id"))
        assert len(reserved) == 3
        assert not Award.objects.exists()
        outcomes = issue(world, approval, requests, at=LATER)
        assert {outcome.award_id for outcome in outcomes} == set(reserved)
        assert Reservation.objects.count() == 3
        assert {document_of(outcome)["proof"]["created"] for outcome in outcomes} == {"2026-05-14T10:00:00Z"}
        assert findings() == []

    def test_between_signing_and_finishing_gives_the_same_bytes(
        self, world: World, approval: Approval, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        requests = [asked(number) for number in range(3)]
        signed: list[bytes] = []
        finish = chunks_module._finish

        def dies(_job: object, good: Sequence[SignedReservation], *_rest: object) -> None:
            signed.extend(one.signed.json_bytes for one in good)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(chunks_module, "_finish", dies)
            with pytest.raises(KeyboardInterrupt):
                issue(world, approval, requests)
        assert chunks_module._finish is finish
        outcomes = issue(world, approval, requests, at=LATER)
        views = [award_held(award_of(outcome)) for outcome in outcomes]
        assert sorted(award_json(view) for view in views) == sorted(signed)

    def test_by_a_new_key_reserves_again_with_it(
        self, world: World, approval: Approval, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        requests = [asked(number) for number in range(2)]
        rotated: list[bool] = []

        def rotates_first(
            ids: Sequence[UUID], *, actor: Actor, at: datetime
        ) -> list[SignedReservation | Unsigned]:
            if not rotated:
                rotated.append(True)
                key_rotate(issuer=world.issuer, actor=SETUP, at=AT)
            return sign_reservations(ids, actor=actor, at=at)

        monkeypatch.setattr(chunks_module, "sign_reservations", rotates_first)
        assert [outcome.code for outcome in issue(world, approval, requests)] == ["issued", "issued"]
        states = sorted(Reservation.objects.values_list("state", flat=True))
        assert states == ["abandoned", "abandoned", "finished", "finished"]
        assert StatusSlot.objects.filter(state="burned").count() == 2
        assert findings() == []

    def test_by_a_withdrawn_approval_signs_nothing(
        self, world: World, approval: Approval, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def withdraws_first(
            ids: Sequence[UUID], *, actor: Actor, at: datetime
        ) -> list[SignedReservation | Unsigned]:
            approval_withdraw(approval=approval, actor=SETUP, at=AT)
            return sign_reservations(ids, actor=actor, at=at)

        monkeypatch.setattr(chunks_module, "sign_reservations", withdraws_first)
        assert [outcome.code for outcome in issue(world, approval, [asked(1)])] == ["approval-withdrawn"]
        assert not AwardDocument.objects.exists()
        assert StatusSlot.objects.get().state == "burned"

    def test_with_documents_that_no_shape_fits_takes_the_general_path(
        self, world: World, approval: Approval, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuses(*_arguments: object, **_options: object) -> None:
            raise ShapeUncompilable("Two nodes look alike.")

        monkeypatch.setattr(CredentialShape, "compile", refuses)
        requests = [asked(1), asked(2, valid_until=AT - timedelta(days=1)), asked(3)]
        codes = [outcome.code for outcome in issue(world, approval, requests)]
        assert [code == "issued" for code in codes] == [True, False, True]
        assert all(bytes(document.sealed_json) for document in AwardDocument.objects.all())
        assert findings(deep=True) == []


class TestOldDatabase:
    """The mark knows of five more indexes than the database: whoever holds those badges holds their indexes."""

    @pytest.mark.parametrize("rows", [1, 5, 9])
    def test_reserves_nothing_however_often_asked(self, world: World, approval: Approval, rows: int) -> None:
        issue(world, approval, [asked(number) for number in range(3)])
        before = counters_now()
        mark_advance(Mark({name: count + 5 for name, count in before.reserved.items()}))
        requests = [asked(number) for number in range(rows)]
        for _ in range(3):
            with pytest.raises(DatabaseBehindMark):
                issue(world, approval, requests)
        assert counters_now() == before
        assert Award.objects.count() == Reservation.objects.count() == 3
        recover(actor=SETUP, at=LATER)
        assert {outcome.code for outcome in issue(world, approval, requests, at=LATER)} == {"issued"}
        lists_republish(LATER)
        assert findings() == []


class TestRecipient:
    def test_sees_it_by_the_link_and_nobody_else_does(self, world: World, approval: Approval) -> None:
        award = award_of(issue(world, approval, [asked(1)])[0])
        with pytest.raises(NotFound):
            award_public(award_id=award.public_id, viewer=make_person(), on=AT)
        assert award_public(award_id=award.public_id, viewer=world.registrar, on=AT).award == award

    def test_is_tied_to_an_account_by_the_link_alone(self, world: World, approval: Approval) -> None:
        person = make_person()
        outcomes = issue(world, approval, [asked(1, email=person.email), asked(1, email=person.email)])
        awards = [award_of(outcome) for outcome in outcomes]
        assert [award.learner for award in awards] == [None, None]
        token = claim_path(str(awards[0].public_id)).removeprefix("/claim/")
        award_claim(token=token, actor=Actor.person(person), at=AT)
        for award in awards:
            award.refresh_from_db()
        assert [award.learner for award in awards] == [person, person]
        assert [award.claimed_at for award in awards] == [AT, None]
        assert AuditEntry.objects.filter(action="recipient.claimed").count() == 1

    def test_may_claim_first_and_make_an_account_later(self, world: World, approval: Approval) -> None:
        award = award_of(issue(world, approval, [asked(1)])[0])
        token = claim_path(str(award.public_id)).removeprefix("/claim/")
        award_claim(token=token, actor=Actor.system("claim-link"), at=AT)
        person = make_person()
        claimed = award_claim(token=token, actor=Actor.person(person), at=LATER)
        assert (claimed.learner, claimed.claimed_at) == (person, AT)


class TestErased:
    def test_stays_erased_whatever_a_later_list_says(self, world: World, approval: Approval) -> None:
        issue(world, approval, [asked(1), asked(2)])
        recipient, other = Recipient.objects.order_by("id")
        datakey_destroy(recipient.data_key, at=AT)
        Recipient.objects.filter(pk=recipient.pk).update(name="", email="")
        outcomes = issue(world, approval, [asked(1), asked(2, name="New Name")])
        assert [outcome.code for outcome in outcomes] == ["erased", "issued"]
        recipient.refresh_from_db()
        other.refresh_from_db()
        assert (recipient.name, recipient.email, other.name) == ("", "", "New Name")


class TestUndone:
    def test_in_silence_only_where_no_sender_has_its_mail_in_hand(self, world: World, approval: Approval) -> None:
        first, second = (award_of(one) for one in issue(world, approval, [asked(1), asked(2)]))
        Message.objects.filter(key=f"award:{second.public_id}:issued:1").update(next_try_at=LATER)
        assert [message.key for message in messages_claim(AT)] == [f"award:{first.public_id}:issued:1"]
        awards_undo(
            award_ids=[first.public_id, second.public_id], reason="Wrong list", actor=world.registrar_acts, at=AT
        )
        assert set(Award.objects.values_list("state", flat=True)) == {"revoked"}
        told = Message.objects.get(kind="award-revoked")
        assert (told.recipient, told.key.split(":")[1]) == (first.recipient.email, str(first.public_id))


class TestClaimedMeanwhile:
    """A learner opens the link of an earlier badge while their next one is being signed."""

    @pytest.fixture
    def first(self, world: World, approval: Approval) -> Award:
        return award_of(issue(world, approval, [asked(1)])[0])

    def meanwhile(self, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
        """Do something once, after the reservations and before the signatures."""
        done: list[bool] = []

        def reaches(step: str) -> None:
            if step == Step.RESERVED and not done:
                done.append(True)
                act()

        monkeypatch.setattr(chunks_module, "reached", reaches)

    def test_has_both_badges(
        self, world: World, approval: Approval, first: Award, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = make_person("Ana")
        token = claim_path(str(first.public_id)).removeprefix("/claim/")
        self.meanwhile(monkeypatch, lambda: award_claim(token=token, actor=Actor.person(person), at=AT))
        second, other = (award_of(one) for one in issue(world, approval, [asked(1), asked(2)]))
        assert (second.learner, second.recipient.person) == (person, person)
        assert other.learner is None
        mail = Message.objects.get(key=f"award:{second.public_id}:issued:1")
        assert mail.recipient == person.email, "the account's address counts once it is tied"
        assert letter_of(mail).text.startswith("Hello Ana")
        assert findings() == []

    @pytest.mark.usefixtures("no_sample")
    def test_costs_no_query_for_each(
        self, world: World, approval: Approval, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counts, finish = [], chunks_module._finish
        for size in (2, 9):
            requests = [asked(size * 100 + number) for number in range(size)]
            firsts = [award_of(one) for one in issue(world, approval, requests)]
            people = [make_person(f"Person {size} {number}") for number in range(size)]

            def claims(firsts: list[Award] = firsts, people: list[Person] = people) -> None:
                for award, person in zip(firsts, people, strict=True):
                    token = claim_path(str(award.public_id)).removeprefix("/claim/")
                    award_claim(token=token, actor=Actor.person(person), at=AT)

            self.meanwhile(monkeypatch, claims)

            def counted(*arguments: Any) -> Any:  # noqa: ANN401  - as it is
                with CaptureQueriesContext(connection) as queries:
                    outcomes = finish(*arguments)
                counts.append(len(queries))
                return outcomes

            with monkeypatch.context() as patch:
                patch.setattr(chunks_module, "_finish", counted)
                issue(world, approval, [replace(one, origin=(RUN_ROW, uuid4())) for one in requests])
        assert counts[0] == counts[1]

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one lock: nobody claims in the midst of it"
    )
    def test_has_both_badges_when_the_second_is_just_being_stored(
        self, world: World, approval: Approval, first: Award, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person, claims = make_person("Ana"), list[threading.Thread]()
        token = claim_path(str(first.public_id)).removeprefix("/claim/")

        def claim() -> None:
            award_claim(token=token, actor=Actor.person(person), at=AT)
            connection.close()

        def reaches(step: str) -> None:
            if step == Step.INSIDE_FINISH:
                claims.append(threading.Thread(target=claim))
                claims[0].start()
                claims[0].join(timeout=1)
                assert claims[0].is_alive(), "it waits for the chunk"

        monkeypatch.setattr(chunks_module, "reached", reaches)
        second = award_of(issue(world, approval, [asked(1)])[0])
        claims[0].join(timeout=60)
        second.refresh_from_db()
        assert (second.learner, second.recipient.person) == (person, person)
