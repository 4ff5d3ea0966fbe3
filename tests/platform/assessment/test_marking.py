from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from dataclasses import replace

import pytest
from PIL import Image

from insignia.achievements.rules import Rubric
from insignia.assessment.errors import (
    AssignmentNotFound,
    EvidenceNotFound,
    LeaseLost,
    LevelUnknown,
    NothingToJudgeBy,
    StaleVersion,
)
from insignia.assessment.models import Decision, EvidenceItem, Rating, Submission
from insignia.assessment.selectors import (
    decision_get,
    evidence_items,
    evidence_open,
    evidence_shared,
    marking_view,
    queue_for,
    rating_preview,
)
from insignia.assessment.services import (
    evidence_add_file,
    evidence_add_link,
    evidence_add_text,
    rating_lock,
    rating_save,
    revision_open,
    submission_submit,
    submission_withdraw,
    submissions,
)
from insignia.foundation.errors import InsigniaError
from insignia.foundation.sealing import Erased, datakey_destroy
from insignia.organizations.errors import OrganizationNotFound
from insignia.organizations.models import Membership
from insignia.organizations.services import membership_end
from tests.platform.assessment.world import CONTENT, HOUR, World, findings, make_version
from tests.platform.factories import AT, make_member, make_person

pytestmark = pytest.mark.django_db


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
        for name, source in (("Itzel.jpg", jpeg.getvalue()), ("itzel.csv", b"river,pH\nLerma,7.9\n")):
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

    def test_what_cannot_be_cleaned_is_for_the_assessor_alone_and_what_is_locked_for_nobody(
        self, world: World
    ) -> None:
        work = world.ready()
        given = {"submission_id": work.public_id, "requirement_id": "talk", "learner": world.learner, "at": AT}
        film = evidence_add_file(name="talk.webm", source=b"\x1aE\xdf\xa3 talk", **given)  # type: ignore[arg-type]  # one dict for both
        damaged = evidence_add_file(name="talk.pdf", source=b"%PDF-1.7 cut off", **given)  # type: ignore[arg-type]  # as above
        assert (film.copy_problem, damaged.copy_problem) == ("metadata-kept", "copy-unreadable")
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        lease = world.leased()
        shown = marking_view(assessor=world.samuel, assignment_id=lease.public_id).pieces
        assert [piece.opens for piece in shown] == [True, True, False]
        with evidence_open(item_id=film.public_id, viewer=world.samuel, at=AT).stream as stream:
            assert stream.read() == b"\x1aE\xdf\xa3 talk"
        with pytest.raises(EvidenceNotFound):
            evidence_open(item_id=damaged.public_id, viewer=world.samuel, at=AT)
        decision = decision_get(world.decide(lease).public_id)
        for piece in evidence_items(decision)[1:]:
            assert not piece.shareable
            with pytest.raises(EvidenceNotFound):
                evidence_shared(decision=decision, item_id=piece.public_id, language="en")

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

    def test_work_on_a_badge_without_a_rubric_is_never_met(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Handed in before such badges took no work: the assessor returns it."""
        world.version = make_version(world.school, slug="exam", content=replace(CONTENT, rubric=Rubric()))
        with monkeypatch.context() as before:
            before.setattr(submissions, "takes_work", lambda *_: True)
            world.submitted()
        assignment = world.leased()
        preview = rating_preview(assessor=world.samuel, assignment_id=assignment.public_id)
        assert (preview.facts, preview.complete) == (None, False)
        with pytest.raises(NothingToJudgeBy):
            rating_lock(assignment_id=assignment.public_id, assessor=world.samuel, version=1, at=AT)
        assert not Decision.objects.exists()

    def test_a_withdrawn_work_says_so(self, world: World) -> None:
        work = world.submitted()
        assignment = world.leased()
        submission_withdraw(submission_id=work.public_id, learner=world.learner, at=AT)
        with pytest.raises(LeaseLost):
            world.rate(assignment, claim=1)
        with pytest.raises(LeaseLost):
            rating_lock(assignment_id=assignment.public_id, assessor=world.samuel, version=1, at=AT)
        assert Decision.objects.count() == 0
