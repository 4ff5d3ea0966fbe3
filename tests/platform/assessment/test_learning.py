from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from insignia.achievements.rules import Rubric
from insignia.assessment.errors import (
    AlreadyMet,
    EvidenceNotFound,
    EvidenceUnusable,
    IllegalMove,
    NothingToHandIn,
    NotOpen,
    StaleVersion,
    SubmissionIncomplete,
    SubmissionNotFound,
    TooManyPieces,
)
from insignia.assessment.models import Assignment, Attempt, EvidenceItem, Submission
from insignia.assessment.pieces import Authorship
from insignia.assessment.selectors import evidence_open, my_submissions, submission_get, submission_view
from insignia.assessment.services import (
    authorship_save,
    evidence_add_file,
    evidence_add_link,
    evidence_add_text,
    evidence_remove,
    revision_open,
    submission_start,
    submission_submit,
    submission_withdraw,
    submissions,
)
from insignia.audit.models import AuditEntry
from insignia.foundation.files import FileEmpty, FileTooLarge, file_exists
from insignia.foundation.media import ArchiveBomb
from tests.platform.assessment.world import CONTENT, HOUR, World, make_version
from tests.platform.factories import AT, make_person

pytestmark = pytest.mark.django_db

ZIP_OF_TOO_MANY = b"PK\x03\x04PK\x05\x06" + b"\xff" * 20
SECRET = "Itzel Marroquín, Quillwater High"


@pytest.fixture
def committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> DjangoCaptureOnCommitCallbacks:
    return django_capture_on_commit_callbacks


def by(world: World) -> dict[str, Any]:
    return {"learner": world.learner, "at": AT}


def photo() -> bytes:
    tags = Image.Exif()
    tags[0x013B] = SECRET
    result = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(result, "JPEG", exif=tags)
    return result.getvalue()


def add_file(
    world: World, work: Submission, data: bytes, *, name: str = "a.txt", to: str = "report"
) -> EvidenceItem:
    return evidence_add_file(
        submission_id=work.public_id, requirement_id=to, name=name, source=data, learner=world.learner, at=AT
    )


def add_text(world: World, work: Submission, text: str, version: int = 0, to: str = "report") -> EvidenceItem:
    return evidence_add_text(
        submission_id=work.public_id, requirement_id=to, text=text, learner=world.learner, at=AT, version=version
    )


def unread() -> Iterator[bytes]:
    yield b"a"
    raise AssertionError("a byte was read")


def states_audited(work: Submission) -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(subject_id=work.public_id).order_by("id")
    return [(row.action, row.old.get("state", ""), row.new["state"]) for row in rows]


class TestSubmissionStart:
    def test_pressing_twice_opens_one_draft(self, world: World) -> None:
        assert world.draft() == world.draft()
        assert Attempt.objects.count() == 1

    def test_gives_every_work_a_pseudonym_of_its_own(self, world: World) -> None:
        works = [world.draft(make_person()) for _ in range(30)]
        assert len({work.code for work in works}) == 30

    @pytest.mark.parametrize("state", ["draft", "retired"])
    def test_refuses_a_version_that_takes_no_new_work(self, world: World, state: str) -> None:
        world.version.state = state
        with pytest.raises(NotOpen):
            submission_start(version=world.version, learner=world.learner, at=AT)

    @pytest.mark.parametrize(
        ("credential_class", "lacking"),
        [("knowledge", {"rubric": Rubric()}), ("knowledge", {"requirements": ()}), ("recognition", {})],
    )
    def test_refuses_a_badge_that_is_given_without_anybody_handing_in(
        self, world: World, credential_class: str, lacking: dict[str, Any]
    ) -> None:
        """By the results of an exam, say: what nobody could hand in or judge is not begun."""
        version = make_version(
            world.school, slug="exam", content=replace(CONTENT, **lacking), credential_class=credential_class
        )
        with pytest.raises(NothingToHandIn):
            submission_start(version=version, learner=world.learner, at=AT)

    def test_opens_for_knowledge_that_is_judged_by_a_rubric(self, world: World) -> None:
        version = make_version(world.school, slug="judged", credential_class="knowledge")
        assert submission_start(version=version, learner=world.learner, at=AT).state == "draft"

    def test_says_that_a_piece_is_missing_where_none_is_required(self, world: World) -> None:
        optional = replace(CONTENT, requirements=CONTENT.requirements[1:])
        world.version = make_version(world.school, slug="free", content=optional)
        work = world.draft()
        authorship_save(submission_id=work.public_id, authorship=Authorship("individual"), **by(world))
        with pytest.raises(SubmissionIncomplete, match=r"Still missing: a piece of evidence\."):
            submission_submit(submission_id=work.public_id, **by(world))

    def test_work_begun_before_on_such_a_badge_is_not_handed_in(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.version = make_version(world.school, slug="exam", content=replace(CONTENT, rubric=Rubric()))
        with monkeypatch.context() as before:
            before.setattr(submissions, "takes_work", lambda *_: True)
            work = world.ready()
        with pytest.raises(NothingToHandIn):
            submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)

    def test_refuses_what_was_met_already(self, world: World) -> None:
        world.decided()
        with pytest.raises(AlreadyMet):
            world.draft()

    def test_starts_afresh_after_a_withdrawal(self, world: World) -> None:
        first = world.draft()
        submission_withdraw(submission_id=first.public_id, learner=world.learner, at=AT)
        assert world.draft() != first


class TestDraftText:
    def test_saves_over_and_over(self, world: World) -> None:
        work = world.draft()
        first = add_text(world, work, "one")
        second = add_text(world, work, "two", version=first.lock_version)
        assert (second.pk, second.lock_version) == (first.pk, 2)
        view = submission_view(submission_id=work.public_id, viewer=world.learner)
        assert (view.requirements[0].text, view.requirements[0].text_version) == ("two", 2)

    @pytest.mark.parametrize("version", [0, 2, 99])
    def test_a_second_tab_gets_a_conflict_with_both_texts(self, world: World, version: int) -> None:
        work = world.draft()
        add_text(world, work, "mine")
        with pytest.raises(StaleVersion) as caught:
            add_text(world, work, "other", version=version)
        assert caught.value.data == {"version": 1, "theirs": "mine"}
        assert submission_view(submission_id=work.public_id, viewer=world.learner).requirements[0].text == "mine"

    def test_lies_sealed_and_its_hash_tells_nothing_of_a_guessed_text(self, world: World) -> None:
        item = add_text(world, world.draft(), "A guessable text")
        stored = EvidenceItem.objects.get(pk=item.pk)
        assert b"guessable" not in bytes(stored.sealed_body or b"")
        assert stored.sha256 != hashlib.sha256(b"A guessable text").hexdigest()

    def test_a_blank_text_counts_as_nothing(self, world: World) -> None:
        work = world.draft()
        add_text(world, work, " \n ")
        gaps = submission_view(submission_id=work.public_id, viewer=world.learner).gaps
        assert [gap.requirement_id for gap in gaps] == ["report", "authorship"]

    @pytest.mark.parametrize(("requirement", "kind"), [("talk", "text"), ("nothing", "text"), ("report", "link")])
    def test_refuses_what_is_not_asked_for(self, world: World, requirement: str, kind: str) -> None:
        work = world.draft()
        given: dict[str, Any] = {
            "submission_id": work.public_id,
            "requirement_id": requirement,
            "learner": world.learner,
            "at": AT,
        }
        adding = {
            "text": lambda: evidence_add_text(text="words", **given),
            "link": lambda: evidence_add_link(url="https://example.org/", **given),
        }
        with pytest.raises(EvidenceUnusable):
            adding[kind]()

    def test_somebody_elses_work_does_not_exist(self, world: World) -> None:
        work = world.draft()
        stranger = make_person()
        with pytest.raises(SubmissionNotFound):
            evidence_add_text(
                submission_id=work.public_id, requirement_id="report", text="x", learner=stranger, at=AT
            )
        with pytest.raises(SubmissionNotFound):
            submission_get(submission_id=work.public_id, viewer=stranger)
        assert my_submissions(viewer=stranger) == []


class TestDraftFiles:
    def test_keeps_name_and_bytes_for_the_learner(self, world: World) -> None:
        work = world.draft()
        item = add_file(world, work, b"%PDF-1.7 ...", name="../Tesis de Itzel.pdf")
        opened = evidence_open(item_id=item.public_id, viewer=world.learner, at=AT)
        assert (opened.name, opened.media_type, opened.inline) == ("Tesis de Itzel.pdf", "application/pdf", True)
        assert b"".join(opened.chunks()) == b"%PDF-1.7 ..."
        assert b"Tesis" not in bytes(item.sealed_name or b"")

    def test_goes_by_the_bytes_not_by_the_name(self, world: World) -> None:
        item = add_file(world, world.draft(), b"<script>alert(1)</script>", name="holiday.png")
        opened = evidence_open(item_id=item.public_id, viewer=world.learner, at=AT)
        assert (opened.media_type, opened.inline) == ("text/plain", False)

    def test_a_picture_gets_a_copy_without_metadata(self, world: World) -> None:
        item = add_file(world, world.draft(), photo())
        assert file_exists(item.shared_digest)
        assert item.shared_sha256 != item.sha256
        opened = evidence_open(item_id=item.public_id, viewer=world.learner, at=AT)
        assert SECRET[:5].encode() in b"".join(opened.chunks())

    def test_the_same_file_twice_is_one_piece(self, world: World) -> None:
        work = world.draft()
        first = add_file(world, work, photo())
        assert add_file(world, work, photo(), name="again.jpg") == first
        assert EvidenceItem.objects.count() == 1

    @pytest.mark.parametrize(
        ("data", "error"),
        [
            (b"", FileEmpty),
            (bytes(2000), FileTooLarge),
            (ZIP_OF_TOO_MANY, ArchiveBomb),
        ],
    )
    def test_what_is_refused_leaves_nothing(
        self, world: World, settings: LazySettings, data: bytes, error: type[Exception]
    ) -> None:
        settings.INSIGNIA_EVIDENCE_FILE_BYTES = 1000
        with pytest.raises(error):
            add_file(world, world.draft(), data)
        assert EvidenceItem.objects.count() == 0
        assert [path for path in (settings.INSIGNIA_DATA / "files").rglob("*") if path.is_file()] == []

    def test_refuses_before_reading_a_byte_when_nothing_can_be_kept(self, world: World) -> None:
        work = world.submitted()

        with pytest.raises(IllegalMove):
            evidence_add_file(
                submission_id=work.public_id, requirement_id="report", name="a", source=unread(), **by(world)
            )

    def test_the_hundredth_piece_is_the_last(self, world: World) -> None:
        work = world.draft()
        for number in range(100):
            evidence_add_link(
                submission_id=work.public_id,
                requirement_id="talk",
                url=f"https://example.org/{number}",
                learner=world.learner,
                at=AT,
            )
        with pytest.raises(TooManyPieces):
            add_file(world, work, b"one more")

    def test_removing_takes_the_file_along(self, world: World, committed: DjangoCaptureOnCommitCallbacks) -> None:
        work = world.draft()
        item = add_file(world, work, photo())
        with committed(execute=True):
            evidence_remove(item_id=item.public_id, learner=world.learner, at=AT)
        assert not file_exists(item.file_digest)
        assert not file_exists(item.shared_digest)
        with pytest.raises(EvidenceNotFound):
            evidence_remove(item_id=item.public_id, learner=world.learner, at=AT)

    def test_the_same_link_twice_is_one_piece(self, world: World) -> None:
        work = world.draft()
        links = [
            evidence_add_link(
                submission_id=work.public_id,
                requirement_id="talk",
                url="https://example.org/talk",
                learner=world.learner,
                at=AT,
            )
            for _ in range(2)
        ]
        assert links[0] == links[1]


class TestAuthorship:
    def test_lies_sealed_with_its_version(self, world: World) -> None:
        work = world.draft()
        said = Authorship("group", "I measured", "a chat assistant for wording", "NOAA tables")
        save = {"submission_id": work.public_id, **by(world)}
        attempt = authorship_save(authorship=said, **save)
        assert b"measured" not in bytes(attempt.sealed_authorship or b"")
        assert submission_view(submission_id=work.public_id, viewer=world.learner).authorship == said
        with pytest.raises(StaleVersion) as caught:
            authorship_save(authorship=Authorship("individual"), version=0, **save)
        assert caught.value.data["theirs"]["contribution"] == "I measured"


class TestSubmissionSubmit:
    def test_names_what_is_missing(self, world: World) -> None:
        work = world.draft()
        with pytest.raises(SubmissionIncomplete) as caught:
            submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        assert set(caught.value.fields) == {"report", "authorship"}
        assert "Report" in caught.value.message
        work.refresh_from_db()
        assert work.state == "draft"

    def test_a_second_press_is_a_conflict_and_changes_nothing(self, world: World) -> None:
        work = world.submitted()
        before = Attempt.objects.get()
        with pytest.raises(IllegalMove):
            submission_submit(submission_id=work.public_id, learner=world.learner, at=AT + HOUR)
        after = Attempt.objects.get()
        assert (after.submitted_at, after.snapshot_sha256) == (before.submitted_at, before.snapshot_sha256)
        assert states_audited(work)[-1] == ("submission.submit", "draft", "submitted")

    def test_nothing_of_a_snapshot_can_be_changed(self, world: World) -> None:
        work = world.ready()
        item = add_file(world, work, photo())
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        with pytest.raises(IllegalMove):
            add_text(world, work, "later", version=1)
        with pytest.raises(IllegalMove):
            add_file(world, work, b"later")
        with pytest.raises(IllegalMove):
            evidence_remove(item_id=item.public_id, learner=world.learner, at=AT)
        with pytest.raises(IllegalMove):
            authorship_save(
                submission_id=work.public_id,
                authorship=Authorship("individual"),
                learner=world.learner,
                at=AT,
                version=1,
            )

    def test_only_undecided_work_can_be_withdrawn(self, world: World) -> None:
        decision = world.decided()
        with pytest.raises(IllegalMove):
            submission_withdraw(submission_id=decision.attempt.submission.public_id, learner=world.learner, at=AT)

    def test_a_withdrawal_takes_the_work_from_its_assessor(self, world: World) -> None:
        work = world.submitted()
        assignment = world.leased()
        submission_withdraw(submission_id=work.public_id, learner=world.learner, at=AT)
        assert Assignment.objects.get(pk=assignment.pk).released_at == AT
        work.refresh_from_db()
        assert work.state == "withdrawn"


class TestRevisionOpen:
    def test_takes_evidence_along_and_freezes_what_was_met(self, world: World) -> None:
        work = world.ready()
        add_file(world, work, photo())
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        world.decide(world.leased(), audience=0)
        attempt = revision_open(submission_id=work.public_id, learner=world.learner, at=AT + HOUR)
        view = submission_view(submission_id=work.public_id, viewer=world.learner)
        assert view.editable
        assert (attempt.number, set(view.carried)) == (2, {"claim", "uncertainty", "sources"})
        assert view.carried["claim"].rated_by == str(world.samuel.public_id)
        assert [piece.kind for piece in view.requirements[0].pieces] == ["text", "file"]
        assert view.gaps == ()

    def test_an_earlier_attempt_keeps_its_file(
        self, world: World, committed: DjangoCaptureOnCommitCallbacks
    ) -> None:
        work = world.ready()
        item = add_file(world, work, photo())
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        world.decide(world.leased(), audience=0)
        attempt = revision_open(submission_id=work.public_id, learner=world.learner, at=AT)
        copy = attempt.evidence.get(kind="file")
        with committed(execute=True):
            evidence_remove(item_id=copy.public_id, learner=world.learner, at=AT)
        assert file_exists(item.file_digest)
        assert Attempt.objects.get(number=1).evidence.count() == 2

    def test_is_refused_for_what_is_met_or_waiting(self, world: World) -> None:
        work = world.submitted()
        with pytest.raises(IllegalMove):
            revision_open(submission_id=work.public_id, learner=world.learner, at=AT)
        world.decide(world.leased())
        with pytest.raises(IllegalMove):
            revision_open(submission_id=work.public_id, learner=world.learner, at=AT)


class TestAuditOfAssessment:
    def test_every_move_has_one_row_and_no_row_tells_what_was_written(self, world: World) -> None:
        work = world.ready()
        add_file(world, work, photo(), name="Itzel.jpg")
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        world.decide(world.leased(), audience=0)
        moves = [row for row in states_audited(work) if row[1]]
        assert moves == [
            ("submission.submit", "draft", "submitted"),
            ("submission.lease", "submitted", "in_review"),
            ("submission.decide_almost", "in_review", "almost"),
        ]
        told = json.dumps([[row.old, row.new] for row in AuditEntry.objects.filter(subject_id=work.public_id)])
        for private in ("Itzel", "measured", "interval", "See the notes", world.learner.email):
            assert private not in told
