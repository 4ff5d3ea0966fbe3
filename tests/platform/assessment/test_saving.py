"""A whole page saved at once, and what a rating would amount to."""

from __future__ import annotations

import io

import pytest

from insignia.assessment.errors import IllegalMove, StaleVersion, SubmissionNotFound
from insignia.assessment.models import EvidenceItem
from insignia.assessment.pieces import Authorship
from insignia.assessment.selectors import my_work, rating_preview, submission_receipt, submission_view
from insignia.assessment.services import DraftChange, DraftSaved, draft_save, rating_save
from tests.platform.assessment.world import BAR, LOW, World
from tests.platform.factories import AT, make_person

pytestmark = pytest.mark.django_db


class TestDraftSave:
    """Each part by itself."""

    def test_keeps_the_good_parts_and_names_the_others(self, world: World) -> None:
        work = world.draft()
        change = DraftChange(
            texts={"report": ("We measured.", 0), "talk": ("Not asked for as text", 0)},
            links={"talk": "http://plain"},
            files=(("report", "empty.txt", io.BytesIO()), ("report", "log.txt", io.BytesIO(b"log"))),
            authorship=(Authorship("group"), 0),
        )
        saved = draft_save(submission_id=work.public_id, change=change, learner=world.learner, at=AT)
        assert saved.versions["text-report"] == 1
        assert {name: error.code for name, error in saved.refused.items()} == {
            "text-talk": "evidence-unusable",
            "link-talk": "link-unusable",
            "file-report": "file-empty",
            "authorship": "evidence-unusable",
        }
        assert sorted(EvidenceItem.objects.values_list("kind", flat=True)) == ["file", "text"]

    def test_leaves_a_box_nobody_wrote_into_alone(self, world: World) -> None:
        work = world.draft()
        change = DraftChange(texts={"report": (" ", 0)}, links={"talk": ""})
        saved = draft_save(submission_id=work.public_id, change=change, learner=world.learner, at=AT)
        assert saved == DraftSaved()
        assert not EvidenceItem.objects.exists()

    def test_takes_the_same_save_twice_and_a_different_one_only_at_its_version(self, world: World) -> None:
        work = world.draft()

        def save(text: str, version: int) -> dict[str, object]:
            change = DraftChange(texts={"report": (text, version)})
            return dict(
                draft_save(submission_id=work.public_id, change=change, learner=world.learner, at=AT).refused
            )

        assert save("one", 0) == save("one", 0) == save("one", 7) == {}
        assert isinstance(save("two", 0)["text-report"], StaleVersion)
        assert save("two", 1) == {}

    def test_is_for_drafts_of_ones_own(self, world: World) -> None:
        work = world.submitted()
        change = DraftChange(texts={"report": ("More", 1)})
        with pytest.raises(IllegalMove):
            draft_save(submission_id=work.public_id, change=change, learner=world.learner, at=AT)
        with pytest.raises(SubmissionNotFound):
            draft_save(submission_id=work.public_id, change=change, learner=make_person(), at=AT)


class TestRatingPreview:
    """What a rating would amount to."""

    def test_names_what_waits_then_what_is_silent_then_the_outcome(self, world: World) -> None:
        world.submitted()
        held = world.leased()
        preview = rating_preview(assignment_id=held.public_id, assessor=world.samuel)
        assert preview.unrated == ("claim", "uncertainty", "audience", "sources")
        levels = {name: f"{name}{BAR}" for name in ("claim", "uncertainty", "audience")} | {
            "sources": f"sources{LOW}"
        }
        rating_save(
            assignment_id=held.public_id, assessor=world.samuel, levels=levels, feedback={}, version=1, at=AT
        )
        preview = rating_preview(assignment_id=held.public_id, assessor=world.samuel)
        assert (preview.silent, preview.complete) == (("sources",), False)
        rating_save(
            assignment_id=held.public_id,
            assessor=world.samuel,
            levels=levels,
            feedback={"sources": "Name them."},
            version=2,
            at=AT,
        )
        preview = rating_preview(assignment_id=held.public_id, assessor=world.samuel)
        assert preview.complete
        assert preview.facts is not None
        assert preview.facts.outcome == "almost"

    def test_counts_the_same_rating_saved_twice_once(self, world: World) -> None:
        world.submitted()
        held = world.leased()
        for _press in range(2):
            rating = rating_save(
                assignment_id=held.public_id, assessor=world.samuel,
                levels={"claim": f"claim{BAR}"}, feedback={}, version=1, at=AT,
            )  # fmt: skip
        assert rating.lock_version == 2


class TestReading:
    """The list and the receipt."""

    def test_lists_the_newest_attempt_of_each_work(self, world: World) -> None:
        world.submitted()
        (row,) = my_work(viewer=world.learner)
        assert (row.state, row.attempt_number, str(row.due_on)) == ("submitted", 1, "2026-05-28")

    def test_gives_a_receipt_only_for_what_was_handed_in(self, world: World) -> None:
        work = world.ready()
        with pytest.raises(SubmissionNotFound):
            submission_receipt(submission_id=work.public_id, number=1, viewer=world.learner)
        world.submitted()
        receipt = submission_receipt(submission_id=work.public_id, number=1, viewer=world.learner)
        view = submission_view(submission_id=work.public_id, viewer=world.learner)
        assert receipt.attempt.snapshot_sha256
        assert receipt.requirements == view.requirements
        with pytest.raises(SubmissionNotFound):
            submission_receipt(submission_id=work.public_id, number=1, viewer=world.samuel)
