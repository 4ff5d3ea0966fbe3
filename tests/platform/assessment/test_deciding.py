from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from insignia.assessment.errors import (
    CriterionFrozen,
    DecisionNotFound,
    QueueEmpty,
    RatingIncomplete,
    RatingLocked,
)
from insignia.assessment.models import Assignment, Attempt, Decision, EvidenceItem, Submission
from insignia.assessment.selectors import (
    decision_for_learner,
    decision_of_submission,
    decisions_by,
    decisions_final_met,
)
from insignia.assessment.services import (
    assignment_release,
    evidence_add_file,
    rating_lock,
    rating_save,
    revision_open,
    submission_return,
    submission_submit,
)
from insignia.foundation.files import file_path
from insignia.outbox.rendering import letter_of
from tests.platform.assessment.world import HOUR, World, findings, learner_mails
from tests.platform.factories import AT, make_person

pytestmark = pytest.mark.django_db


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
