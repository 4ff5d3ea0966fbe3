from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from insignia.assessment.checks import CHECKS
from insignia.assessment.errors import (
    AssignmentNotFound,
    CriterionFrozen,
    DecisionNotFound,
    EvidenceNotFound,
    EvidenceUnusable,
    IllegalMove,
    LeaseLost,
    LeaseTaken,
    LevelUnknown,
    OwnWork,
    QueueEmpty,
    RatingIncomplete,
    RatingLocked,
    StaleVersion,
    SubmissionNotFound,
)
from insignia.assessment.models import Assignment, Attempt, Decision, EvidenceItem, Rating, Submission
from insignia.assessment.selectors import (
    assignment_held,
    decision_for_learner,
    decision_get,
    decision_of_submission,
    decisions_by,
    decisions_final_met,
    evidence_items,
    evidence_open,
    evidence_shared,
    marking_view,
    queue_for,
    submission_view,
)
from insignia.assessment.services import (
    assignment_release,
    evidence_add_file,
    evidence_add_link,
    evidence_add_text,
    queue_lease,
    queue_lease_next,
    rating_lock,
    rating_save,
    revision_open,
    submission_return,
    submission_start,
    submission_submit,
    submission_withdraw,
)
from insignia.foundation.errors import InsigniaError, NotFound
from insignia.foundation.files import file_path
from insignia.foundation.sealing import Erased, datakey_destroy
from insignia.organizations.errors import OrganizationNotFound, RoleMissing
from insignia.organizations.models import Membership
from insignia.organizations.services import membership_end
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from tests.platform.assessment.world import HOUR, World, make_version
from tests.platform.factories import AT, join, make_member, make_organization, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def learner_mails(world: World) -> QuerySet[Message]:
    return Message.objects.filter(recipient=world.learner.email)


def findings() -> list[tuple[str, str]]:
    return [(found.invariant, found.message) for check in CHECKS for found in check.run(True)]  # noqa: FBT003  - deep


class TestQueue:
    def test_gives_the_oldest_first(self, world: World) -> None:
        young = world.submitted(make_person(), at=AT + HOUR)
        old = world.submitted(make_person(), at=AT)
        rows = queue_for(assessor=world.samuel, at=AT + 2 * HOUR)
        assert [row.code for row in rows] == [old.code, young.code]
        assert world.leased(at=AT + 2 * HOUR).attempt.submission == old

    def test_tells_age_and_due_day_in_the_schools_own_time(self, world: World) -> None:
        late_evening = AT.replace(day=15, hour=3)  # the 14th in Denver
        world.submitted(at=late_evening)
        (row,) = queue_for(assessor=world.samuel, at=AT.replace(day=30))
        assert row.due_on.isoformat() == "2026-05-28"
        assert (row.age_days, row.overdue) == (15, True)
        assert row.badge["es"] == "Comunicación científica"

    def test_two_assessors_get_two_works_and_the_third_a_clear_word(self, world: World) -> None:
        world.submitted(make_person())
        world.submitted(make_person())
        first, second = world.leased(world.samuel), world.leased(world.lucia)
        assert first.attempt_id != second.attempt_id
        with pytest.raises(QueueEmpty):
            world.leased(make_member(world.school, "assessor"))

    def test_asking_twice_gives_the_same_work(self, world: World) -> None:
        world.submitted(make_person())
        world.submitted(make_person())
        assert world.leased() == world.leased(at=AT + HOUR / 4)
        assert Assignment.objects.count() == 1
        assert assignment_held(assessor=world.samuel, at=AT) is not None

    def test_a_lapsed_lease_goes_to_whoever_asks_next(self, world: World) -> None:
        world.submitted()
        first = world.leased(world.samuel)
        assert queue_for(assessor=world.lucia, at=AT + HOUR / 4) == ()
        second = world.leased(world.lucia, at=AT + HOUR)
        assert second.attempt_id == first.attempt_id
        with pytest.raises(LeaseLost):
            world.rate(first, AT + HOUR, claim=1)
        with pytest.raises(LeaseLost):
            marking_view(assessor=world.samuel, assignment_id=first.public_id)

    def test_nobody_sees_their_own_work_in_the_queue(self, world: World) -> None:
        join(world.school, world.learner, "assessor")
        work = world.submitted()
        assert queue_for(assessor=world.learner, at=AT) == ()
        with pytest.raises(QueueEmpty):
            world.leased(world.learner)
        with pytest.raises(OwnWork):
            queue_lease(submission_id=work.public_id, assessor=world.learner, at=AT)

    def test_the_database_itself_refuses_ones_own_work(self, world: World) -> None:
        work = world.submitted()
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.create(
                attempt=work.attempts.get(),
                learner=world.learner,
                assessor=world.learner,
                leased_at=AT,
                leased_until=AT,
            )

    @pytest.mark.parametrize("roles", [(), ("owner",), ("author", "registrar")])
    def test_only_an_assessor_takes_work(self, world: World, roles: tuple[str, ...]) -> None:
        work = world.submitted()
        person = make_member(world.school, *roles)
        with pytest.raises(RoleMissing):
            queue_lease_next(assessor=person, at=AT)
        with pytest.raises(RoleMissing):
            queue_lease_next(assessor=person, at=AT, organization=world.school)
        with pytest.raises(RoleMissing):
            queue_lease(submission_id=work.public_id, assessor=person, at=AT)
        assert queue_for(assessor=person, at=AT) == ()

    def test_an_assessor_elsewhere_sees_and_takes_nothing(self, world: World) -> None:
        work = world.submitted()
        stranger = make_member(make_organization(), "assessor")
        assert queue_for(assessor=stranger, at=AT) == ()
        with pytest.raises(QueueEmpty):
            queue_lease_next(assessor=stranger, at=AT)
        with pytest.raises(NotFound):
            queue_lease(submission_id=work.public_id, assessor=stranger, at=AT)
        with pytest.raises(OrganizationNotFound):
            queue_for(assessor=stranger, at=AT, organization=world.school)

    def test_a_work_by_name_is_taken_once(self, world: World) -> None:
        work = world.submitted()
        queue_lease(submission_id=work.public_id, assessor=world.samuel, at=AT)
        with pytest.raises(LeaseTaken):
            queue_lease(submission_id=work.public_id, assessor=world.lucia, at=AT)
        with pytest.raises(SubmissionNotFound):
            queue_lease(submission_id=world.samuel.public_id, assessor=world.lucia, at=AT)

    def test_a_draft_cannot_be_taken(self, world: World) -> None:
        work = world.ready()
        with pytest.raises(IllegalMove):
            queue_lease(submission_id=work.public_id, assessor=world.samuel, at=AT)

    def test_a_work_put_back_waits_again_and_keeps_what_was_rated(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        world.rate(assignment, claim=2)
        assignment_release(assignment_id=assignment.public_id, assessor=world.samuel, at=AT)
        assert world.leased(world.lucia).rating.levels == {}
        assignment_release(assignment_id=world.leased(world.lucia).public_id, assessor=world.lucia, at=AT)
        again = world.leased(world.samuel)
        assert again.pk != assignment.pk
        assert again.rating.levels == {"claim": "claim2"}

    def test_returning_unjudged_tells_the_learner_why(self, world: World) -> None:
        work = world.submitted()
        assignment = world.leased()
        with pytest.raises(EvidenceUnusable):
            submission_return(assignment_id=assignment.public_id, assessor=world.samuel, note=" ", at=AT)
        submission_return(
            assignment_id=assignment.public_id, assessor=world.samuel, note="The link does not open.", at=AT
        )
        view = submission_view(submission_id=work.public_id, viewer=world.learner)
        assert (view.submission.state, view.return_note) == ("returned", "The link does not open.")
        assert learner_mails(world).get().kind == "submission-returned"
        assert queue_for(assessor=world.lucia, at=AT) == ()
        revision_open(submission_id=work.public_id, learner=world.learner, at=AT)
        view = submission_view(submission_id=work.public_id, viewer=world.learner)
        assert view.return_note == "The link does not open."
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        assert world.leased(world.lucia).attempt.number == 2
        assert findings() == []

    def test_each_assessor_hears_of_waiting_work_once_a_day_and_not_whose(self, world: World) -> None:
        join(world.school, world.learner, "assessor")
        make_member(make_organization(), "assessor")
        make_member(world.school, "owner", "registrar")
        world.submitted()
        world.submitted(make_person())
        mails = Message.objects.filter(kind="work-waiting")
        expected = [world.samuel.email, world.lucia.email, world.learner.email]  # the second work is not hers
        assert sorted(mails.values_list("recipient", flat=True)) == sorted(expected)
        for mail in mails:
            letter = letter_of(mail)
            assert "Itzel" not in letter.subject + letter.text
            assert "https://badges.example.org/assess" in letter.text
        world.submitted(make_person(), at=AT + 24 * HOUR)
        assert mails.all().count() == 6

    def test_reads_a_long_queue_in_few_queries(
        self, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(12):
            world.submitted(make_person())
        with django_assert_max_num_queries(5):
            assert len(queue_for(assessor=world.samuel, at=AT)) == 12


class TestMarkingView:
    def test_nothing_says_whose_work_it_is(self, world: World) -> None:
        work = world.ready()
        tags = Image.Exif()
        tags[0x013B] = world.learner.display_name
        jpeg = io.BytesIO()
        Image.new("RGB", (8, 8), "teal").save(jpeg, "JPEG", exif=tags)
        evidence_add_file(
            submission_id=work.public_id,
            requirement_id="talk",
            name="Itzel Marroquín charla.jpg",
            source=jpeg.getvalue(),
            learner=world.learner,
            at=AT,
        )
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        assignment = world.leased()
        view = marking_view(assessor=world.samuel, assignment_id=assignment.public_id)
        row = queue_for(assessor=world.samuel, at=AT)
        opened = [evidence_open(item_id=p.public_id, viewer=world.samuel, at=AT) for p in view.pieces]
        told = json.dumps([dataclasses.asdict(view), [dataclasses.asdict(one) for one in row]], default=str)
        told += json.dumps([[one.name, one.media_type] for one in opened])
        told += repr([b"".join(one.chunks()) for one in opened])
        for private in ("Itzel", "Marroqu", "charla", world.learner.email, str(world.learner.public_id)):
            assert private not in told
        assert [one.name for one in opened] == ["Report 1.txt", "Talk recording 1.jpg"]
        assert [(p.number, p.kind) for p in view.pieces] == [(1, "text"), (2, "file")]
        assert view.pieces[0].text == "We measured."
        assert view.to_rate == ("claim", "uncertainty", "audience", "sources")

    def test_belongs_to_its_assessor_alone(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        for other in (world.lucia, world.learner, make_person()):
            with pytest.raises(AssignmentNotFound):
                marking_view(assessor=other, assignment_id=assignment.public_id)

    def test_a_second_attempt_shows_what_stays_met_and_what_was_said(self, world: World) -> None:
        work = world.submitted()
        world.decide(world.leased(), audience=0)
        revision_open(submission_id=work.public_id, learner=world.learner, at=AT)
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        view = marking_view(assessor=world.lucia, assignment_id=world.leased(world.lucia).public_id)
        assert view.to_rate == ("audience",)
        assert view.earlier is not None
        assert (view.earlier.outcome, view.earlier.texts[""]) == ("almost", "See the notes.")


class TestEvidenceOpen:
    def test_opens_for_learner_and_holder_and_for_nobody_else(self, world: World) -> None:
        work = world.submitted()
        piece = EvidenceItem.objects.get()
        assignment = world.leased()

        def may(person: object, at: object = AT) -> bool:
            try:
                evidence_open(item_id=piece.public_id, viewer=person, at=at)  # type: ignore[arg-type]  # people, times
            except EvidenceNotFound:
                return False
            return True

        owner = make_member(world.school, "owner", "registrar", "author")
        assert may(world.learner)
        assert may(world.samuel)
        assert not any(may(person) for person in (world.lucia, owner, make_person()))
        assert not may(world.samuel, AT + HOUR)  # the lease lapsed
        membership = Membership.objects.get(person=world.samuel)
        membership_end(membership_id=membership.public_id, person=world.samuel, at=AT)
        assert not may(world.samuel)
        assert Submission.objects.get(pk=work.pk).state == "in_review"
        assert assignment.released_at is None

    def test_closes_once_decided(self, world: World) -> None:
        world.decided()
        with pytest.raises(EvidenceNotFound):
            evidence_open(item_id=EvidenceItem.objects.get().public_id, viewer=world.samuel, at=AT)

    def test_an_erased_learners_evidence_never_opens(self, world: World) -> None:
        world.decided()
        datakey_destroy(world.learner.data_key, at=AT)
        with pytest.raises(Erased):
            evidence_open(item_id=EvidenceItem.objects.get().public_id, viewer=world.learner, at=AT)
        assert findings() == []


class TestEvidenceShared:
    def test_gives_exactly_the_bytes_its_hash_covers(self, world: World) -> None:
        work = world.ready()
        jpeg = io.BytesIO()
        Image.new("RGB", (8, 8), "teal").save(jpeg, "JPEG", comment=b"Itzel was here")
        for name, source in (("Itzel.jpg", jpeg.getvalue()), ("itzel.bin", b"\x00\x01raw" * 9)):
            evidence_add_file(
                submission_id=work.public_id,
                requirement_id="talk",
                name=name,
                source=source,
                learner=world.learner,
                at=AT,
            )
        evidence_add_link(
            submission_id=work.public_id,
            requirement_id="talk",
            url="https://example.org/talk",
            learner=world.learner,
            at=AT,
        )
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        decision = decision_get(world.decide(world.leased()).public_id)
        pieces = evidence_items(decision)
        assert [(p.requirement_id, p.number, p.kind) for p in pieces] == [
            ("report", 1, "text"),
            ("talk", 1, "file"),
            ("talk", 2, "file"),
            ("talk", 3, "link"),
        ]
        for piece in pieces:
            opened = evidence_shared(decision=decision, item_id=piece.public_id, language="es")
            data = b"".join(opened.chunks())
            assert hashlib.sha256(data).hexdigest() == piece.sha256
            assert opened.media_type == piece.media_type
            assert b"Itzel" not in data
            assert "tzel" not in opened.name
            assert opened.name.startswith(("Informe ", "Charla "))
            if piece.kind == "file":
                assert len(data) == piece.byte_size == opened.byte_size

    def test_never_gives_a_picture_that_could_not_be_cleaned(self, world: World) -> None:
        work = world.ready()
        png = io.BytesIO()
        Image.new("RGB", (8, 8), "teal").save(png, "PNG")
        evidence_add_file(
            submission_id=work.public_id,
            requirement_id="talk",
            name="torn.png",
            source=png.getvalue()[:50],
            learner=world.learner,
            at=AT,
        )
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        decision = decision_get(world.decide(world.leased()).public_id)
        torn = evidence_items(decision)[-1]
        assert not torn.shareable
        with pytest.raises(EvidenceNotFound):
            evidence_shared(decision=decision, item_id=torn.public_id, language="en")

    def test_rests_on_what_a_carried_criterion_was_met_by(self, world: World) -> None:
        work = world.submitted()
        world.decide(world.leased(), audience=0)
        revision_open(submission_id=work.public_id, learner=world.learner, at=AT)
        evidence_add_text(
            submission_id=work.public_id,
            requirement_id="report",
            text="For those who were not there.",
            learner=world.learner,
            at=AT,
            version=1,
        )
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        assignment = world.leased()
        version = world.rate(assignment, audience=1)
        locked = rating_lock(assignment_id=assignment.public_id, assessor=world.samuel, version=version, at=AT)
        decision = decision_get(locked.public_id)
        pieces = evidence_items(decision)
        assert [(piece.requirement_id, piece.number) for piece in pieces] == [("report", 1), ("report", 2)]
        shared = [evidence_shared(decision=decision, item_id=p.public_id, language="en") for p in pieces]
        texts = {b"".join(one.chunks()).partition(b"\n")[2] for one in shared}
        assert texts == {b"We measured.", b"For those who were not there."}

    def test_gives_no_piece_of_another_decision(self, world: World) -> None:
        decision = world.decided()
        other = world.submitted(make_person())
        item = EvidenceItem.objects.get(attempt__submission=other)
        with pytest.raises(EvidenceNotFound):
            evidence_shared(decision=decision, item_id=item.public_id, language="en")


class TestRatingSave:
    def test_a_second_tab_gets_a_conflict_with_what_is_stored(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        world.rate(assignment, claim=1)
        with pytest.raises(StaleVersion) as caught:
            rating_save(
                assignment_id=assignment.public_id,
                assessor=world.samuel,
                levels={"claim": "claim2"},
                feedback={},
                version=1,
                at=AT,
            )
        assert caught.value.data["levels"] == {"claim": "claim1"}
        assert caught.value.data["version"] == 2
        assert Rating.objects.get().levels == {"claim": "claim1"}

    def test_keeps_the_lease_alive_and_the_words_sealed(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        world.rate(assignment, AT + HOUR / 4, claim=1)
        assignment.refresh_from_db()
        assert assignment.leased_until == AT + HOUR / 4 + HOUR / 2
        assert b"interval" not in bytes(Rating.objects.get().sealed_feedback)

    def test_refuses_what_the_rubric_does_not_know(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        for levels, feedback in (({"claim": "x"}, {}), ({"x": "y"}, {}), ({}, {"x": "y"})):
            with pytest.raises(LevelUnknown):
                rating_save(
                    assignment_id=assignment.public_id,
                    assessor=world.samuel,
                    levels=levels,
                    feedback=feedback,
                    version=1,
                    at=AT,
                )

    def test_a_removed_assessor_can_do_nothing_more(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        membership = Membership.objects.get(person=world.samuel)
        membership_end(membership_id=membership.public_id, person=world.samuel, at=AT)
        with pytest.raises(InsigniaError) as caught:
            world.rate(assignment, claim=1)
        assert isinstance(caught.value, OrganizationNotFound)
        assert world.leased(world.lucia, at=AT + HOUR).attempt_id == assignment.attempt_id

    def test_a_withdrawn_work_says_so(self, world: World) -> None:
        work = world.submitted()
        assignment = world.leased()
        submission_withdraw(submission_id=work.public_id, learner=world.learner, at=AT)
        with pytest.raises(LeaseLost):
            world.rate(assignment, claim=1)
        with pytest.raises(LeaseLost):
            rating_lock(assignment_id=assignment.public_id, assessor=world.samuel, version=1, at=AT)
        assert Decision.objects.count() == 0


class TestRatingLock:
    @pytest.mark.parametrize(
        ("places", "outcome", "kind"),
        [
            ({}, "met", "decision-met"),
            ({"audience": 0}, "almost", "decision-almost"),
            ({"uncertainty": 0}, "not_yet", "decision-not-yet"),
            ({"claim": 0, "audience": 0, "sources": 0}, "not_yet", "decision-not-yet"),
        ],
    )
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_decides_and_tells_the_learner(
        self, world: World, places: dict[str, int], outcome: str, kind: str, language: str
    ) -> None:
        world.learner.language = language
        world.learner.save(update_fields=["language"])
        decision = world.decided(**places)
        assert decision.outcome == outcome
        assert decision.attempt.submission.state == outcome
        message = learner_mails(world).get()
        assert message.kind == kind
        letter = letter_of(message)
        badge = {"en": "Scientific communication", "es": "Comunicación científica"}[language]
        assert badge in letter.subject
        assert f"https://badges.example.org/my/work/{decision.attempt.submission.public_id}" in letter.text
        for name in places:
            assert f"- {name.capitalize()}" in letter.text
        assert "{" not in letter.subject + letter.text
        assert findings() == []

    def test_stores_level_reached_and_required_per_criterion(self, world: World) -> None:
        decision = world.decided(audience=0, claim=2)
        assert decision.criteria[0] == {
            "criterion_id": "claim",
            "level_id": "claim2",
            "required_level_id": "claim1",
            "met": True,
            "carried": False,
            "rated_by": str(world.samuel.public_id),
            "attempt": 1,
        }
        assert [entry["met"] for entry in decision.criteria] == [True, True, False, True]

    def test_needs_a_level_for_each_criterion(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        version = world.rate(assignment, claim=1)
        with pytest.raises(RatingIncomplete) as caught:
            rating_lock(assignment_id=assignment.public_id, assessor=world.samuel, version=version, at=AT)
        assert set(caught.value.fields) == {"uncertainty", "audience", "sources"}

    def test_needs_words_for_what_is_missing(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        rating = rating_save(
            assignment_id=assignment.public_id,
            assessor=world.samuel,
            levels={name: f"{name}0" for name in ("claim", "uncertainty", "audience", "sources")},
            feedback={"claim": "name it"},
            version=1,
            at=AT,
        )
        lock: dict[str, Any] = {"assignment_id": assignment.public_id, "assessor": world.samuel, "at": AT}
        with pytest.raises(RatingIncomplete) as caught:
            rating_lock(version=rating.lock_version, **lock)
        assert set(caught.value.fields) == {"uncertainty", "audience", "sources"}
        assert Decision.objects.count() == 0

    def test_is_for_good(self, world: World) -> None:
        decision = world.decided()
        assignment = Assignment.objects.get()
        version = world.rating_version(assignment)
        for again in (
            lambda: rating_lock(assignment_id=assignment.public_id, assessor=world.samuel, version=version, at=AT),
            lambda: world.rate(assignment, claim=0),
            lambda: assignment_release(assignment_id=assignment.public_id, assessor=world.samuel, at=AT),
            lambda: submission_return(assignment_id=assignment.public_id, assessor=world.samuel, note="x", at=AT),
        ):
            with pytest.raises(RatingLocked):
                again()
        assert Decision.objects.get() == decision
        assert learner_mails(world).count() == 1
        with pytest.raises(QueueEmpty):
            world.leased(world.lucia, at=AT + HOUR)

    def test_only_what_was_missing_is_judged_again(self, world: World) -> None:
        work = world.submitted()
        world.decide(world.leased(), audience=0)
        revision_open(submission_id=work.public_id, learner=world.learner, at=AT)
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        assignment = world.leased(world.lucia)
        with pytest.raises(CriterionFrozen):
            world.rate(assignment, claim=0)
        version = world.rate(assignment, audience=1)
        decision = rating_lock(
            assignment_id=assignment.public_id, assessor=world.lucia, version=version, at=AT + HOUR
        )
        assert decision.outcome == "met"
        by = {entry["criterion_id"]: entry["rated_by"] for entry in decision.criteria}
        assert by["audience"] == str(world.lucia.public_id)
        assert {by[name] for name in ("claim", "uncertainty", "sources")} == {str(world.samuel.public_id)}
        assert findings() == []


class TestDecisions:
    def test_the_learner_reads_what_is_missing_first(self, world: World) -> None:
        decision = world.decided(uncertainty=0)
        view = decision_for_learner(decision_id=decision.public_id, viewer=world.learner)
        assert (view.met_count, len(view.criteria), view.criteria[0].criterion.id) == (3, 4, "uncertainty")
        assert view.criteria[0].feedback == "Give an interval."
        assert view.feedback == "See the notes."
        assert [entry.criterion.id for entry in view.missing] == ["uncertainty"]
        work = decision.attempt.submission
        assert decision_of_submission(submission_id=work.public_id, viewer=world.learner) == view

    def test_nobody_else_reads_it(self, world: World) -> None:
        decision = world.decided()
        for other in (world.samuel, make_person()):
            with pytest.raises(DecisionNotFound):
                decision_for_learner(decision_id=decision.public_id, viewer=other)

    def test_the_sweep_finds_every_met_decision_once(self, world: World) -> None:
        met = [world.decide_for(make_person()) for _ in range(3)]
        world.decided(audience=0)
        assert decisions_final_met() == met
        assert decisions_final_met(excluding=[met[1].public_id]) == [met[0], met[2]]
        assert decisions_final_met(after=met[0].pk, limit=1) == [met[1]]
        subquery = Decision.objects.filter(pk=met[0].pk).values_list("public_id", flat=True)
        assert decisions_final_met(excluding=subquery) == met[1:]
        assert len(decisions_by(assessor=world.samuel)) == 4

    def test_the_database_itself_refuses_a_decision_about_oneself(self, world: World) -> None:
        decision = world.decided()
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.filter(pk=decision.pk).update(decided_by=world.learner)


class TestChecks:
    def test_name_a_file_that_is_gone_or_changed(self, world: World) -> None:
        work = world.ready()
        item = evidence_add_file(
            submission_id=work.public_id,
            requirement_id="report",
            name="a.bin",
            source=b"\x00\x01\x02" * 50,
            learner=world.learner,
            at=AT,
        )
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        assert findings() == []
        path = file_path(item.file_digest)
        sealed = path.read_bytes()
        path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        assert findings() == [("I18", f"file {item.file_digest[:12]} is not the one that was written")]
        path.unlink()
        assert findings() == [("I18", f"file {item.file_digest[:12]} is not on the disk")]

    def test_name_a_snapshot_that_was_changed(self, world: World) -> None:
        world.submitted()
        EvidenceItem.objects.update(requirement_id="talk")
        assert findings() == [("I18", "what was handed in is not what its hash covers")]

    def test_name_a_text_that_was_changed(self, world: World) -> None:
        world.submitted()
        other = world.submitted(make_person("Noor Haddad"))
        mine, theirs = EvidenceItem.objects.order_by("id")
        assert theirs.attempt.submission == other
        EvidenceItem.objects.filter(pk=mine.pk).update(sealed_body=theirs.sealed_body)
        assert [invariant for invariant, _ in findings()] == ["I18"]

    def test_name_a_state_without_its_decision(self, world: World) -> None:
        work = world.submitted()
        Submission.objects.filter(pk=work.pk).update(state="met")
        assert [invariant for invariant, _ in findings()] == ["I8"]
        decision_less = Attempt.objects.get()
        assert decision_less.submission_id == work.pk


class TestTwoBadges:
    def test_one_assessor_judges_several_badges_of_a_school(self, world: World) -> None:
        second = make_version(world.school, slug="peer-mediation")
        submission_start(version=second, learner=world.learner, at=AT)
        world.submitted()
        assert len(queue_for(assessor=world.samuel, at=AT, organization=world.school)) == 1
