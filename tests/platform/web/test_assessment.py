"""The learner's work, through the client: what works without script, and who may do what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from insignia.accounts.models import Person
from insignia.achievements.rules import Rubric
from insignia.assessment.models import Attempt, Decision, EvidenceItem, Submission
from insignia.assessment.selectors import SubmissionView, submission_view
from insignia.assessment.services import (
    evidence_add_link,
    submission_return,
    submissions,
)
from insignia.web.assessment import learning
from tests.platform.assessment.world import CONTENT, LOW, World, make_version
from tests.platform.factories import AT, make_member, make_organization, make_person
from tests.platform.web.assessment_pages import HTMX, browser, leased, rating_form, text_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


class TestMyWork:
    """The list of one's own work."""

    def test_teaches_a_first_step_when_empty(self) -> None:
        page = browser(make_person()).get("/my/work")
        assert "Start with what you have: a file, a link or a few sentences." in text_of(page)

    def test_asks_to_sign_in(self) -> None:
        assert browser().get("/my/work")["Location"].startswith("/sign-in?next=/my/work")

    def test_says_where_each_work_stands(self, world: World) -> None:
        world.decided(sources=LOW)
        page = text_of(browser(world.learner).get("/my/work"))
        assert "Almost" in page
        assert "See what is missing and redo that part." in page

    def test_says_by_when_it_is_judged(self, world: World) -> None:
        world.submitted()
        assert '<time datetime="2026-05-28">' in text_of(browser(world.learner).get("/my/work"))

    def test_shows_nobody_elses(self, world: World) -> None:
        world.draft()
        assert "Scientific communication" not in text_of(browser(make_person("Noor Haddad")).get("/my/work"))


class TestStart:
    """From a badge's page to a draft."""

    def test_begins_a_draft_and_goes_there(self, world: World) -> None:
        answer = browser(world.learner).post(f"/my/work/start/{world.version.public_id}")
        work = Submission.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, f"/my/work/{work.public_id}")

    def test_gives_back_the_draft_that_is_there(self, world: World) -> None:
        work = world.draft()
        answer = browser(world.learner).post(f"/my/work/start/{world.version.public_id}")
        assert answer["Location"] == f"/my/work/{work.public_id}"
        assert Submission.objects.count() == 1

    def test_changes_nothing_on_get_and_comes_back_after_sign_in(self, world: World) -> None:
        address = f"/my/work/start/{world.version.public_id}"
        assert browser().post(address)["Location"] == f"/sign-in?next={address}"
        assert "Start “Scientific communication”?" in text_of(browser(world.learner).get(address))
        assert not Submission.objects.exists()

    def test_leads_to_the_decision_when_met(self, world: World) -> None:
        decision = world.decided()
        answer = browser(world.learner).post(f"/my/work/start/{world.version.public_id}")
        assert answer["Location"] == f"/my/work/{decision.attempt.submission.public_id}"

    @pytest.mark.parametrize("lacking", [{"rubric": Rubric()}, {"requirements": ()}])
    def test_offers_no_start_where_nothing_is_handed_in(self, world: World, lacking: dict[str, Any]) -> None:
        exam = make_version(
            world.school, slug="exam", content=replace(CONTENT, **lacking), credential_class="knowledge"
        )
        for answer in (
            browser(world.learner).get(f"/my/work/start/{exam.public_id}"),
            browser(world.learner).post(f"/my/work/start/{exam.public_id}"),
        ):
            assert answer.status_code == 409
            assert "Nothing is handed in for this badge" in text_of(answer)
            assert '<button class="button">Start' not in answer.content.decode()
        assert not Submission.objects.exists()

    def test_work_begun_before_says_so_when_it_is_handed_in(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.version = make_version(world.school, slug="exam", content=replace(CONTENT, rubric=Rubric()))
        with monkeypatch.context() as before:
            before.setattr(submissions, "takes_work", lambda *_: True)
            work = world.ready()
        answer = browser(world.learner).post(f"/my/work/{work.public_id}/hand-in")
        assert answer.status_code == 409
        assert "Nothing is handed in for this badge" in text_of(answer)

    def test_says_so_when_the_version_is_retired(self, world: World) -> None:
        type(world.version).objects.update(state="retired", retired_at=AT)
        answer = browser(world.learner).post(f"/my/work/start/{world.version.public_id}")
        assert answer.status_code == 409
        assert "This version takes no new work." in text_of(answer)


class TestDraft:
    """One's own draft, saved without script."""

    def save(
        self,
        world: World,
        data: Mapping[str, object],
        client: Client | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        work = Submission.objects.get()
        return (client or browser(world.learner)).post(f"/my/work/{work.public_id}", dict(data), headers=headers)

    @pytest.mark.parametrize(
        ("first", "second", "version"),
        [
            ({"text-report": "One window"}, {"text-report": "Another window"}, "version-report"),
            (
                {"mode": "individual", "tools": "None"},
                {"mode": "individual", "tools": "A calculator"},
                "statement_version",
            ),
        ],
    )
    def test_answers_an_autosave_with_its_own_version(
        self, world: World, first: dict[str, str], second: dict[str, str], version: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        """Another window saved right after it: with that one's version the next autosave would undo it unseen."""
        world.draft()
        looks: list[int] = []

        def late(**asked: Any) -> SubmissionView:  # noqa: ANN401  - handed on
            looks.append(1)
            if len(looks) == 2:  # between this window's save and what it is answered with
                monkeypatch.undo()
                assert self.save(world, {**second, version: "1"}, headers=HTMX).status_code == 200
            return submission_view(**asked)

        monkeypatch.setattr(learning, "submission_view", late)
        answer = self.save(world, {**first, version: "0"}, headers=HTMX)
        assert f'name="{version}" value="1"' in text_of(answer)
        changed = {name: f"{value}!" if name != "mode" else value for name, value in first.items()}
        assert self.save(world, {**changed, version: "1"}, headers=HTMX).status_code == 409

    def test_keeps_text_link_file_and_statement_in_one_go(self, world: World) -> None:
        work = world.draft()
        answer = self.save(
            world,
            {
                "text-report": "We measured.", "version-report": "0",
                "link-talk": "https://example.org/talk",
                "file-talk": [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")],
                "mode": "group", "contribution": "The numbers", "statement_version": "0", "do": "review",
            },
        )  # fmt: skip
        assert (answer.status_code, answer["Location"]) == (303, f"/my/work/{work.public_id}/hand-in")
        assert sorted(EvidenceItem.objects.values_list("kind", flat=True)) == ["file", "file", "link", "text"]
        page = text_of(browser(world.learner).get(f"/my/work/{work.public_id}"))
        for shown in ("We measured.", "https://example.org/talk", "a.txt", "b.txt", "The numbers"):
            assert shown in page

    def test_keeps_every_text_when_one_part_cannot_be_kept(self, world: World) -> None:
        world.draft()
        answer = self.save(
            world, {"text-report": "We measured.", "link-talk": "http://plain", "tools": "A ruler", "mode": ""}
        )
        page = text_of(answer)
        assert answer.status_code == 422
        assert "<title>Error: " in page
        for shown in ("We measured.", 'value="http://plain"', "A ruler", "Say whether you worked alone"):
            assert shown in page
        assert EvidenceItem.objects.get().kind == "text"

    def test_shows_both_texts_when_another_window_saved(self, world: World) -> None:
        work = world.draft()
        self.save(world, {"text-report": "From the first window", "version-report": "0"})
        answer = self.save(world, {"text-report": "From the second window", "version-report": "0"})
        page = text_of(answer)
        assert answer.status_code == 409
        assert "From the first window" in page
        assert "From the second window" in page
        again = {"text-report": "From the second window", "version-report": "1"}
        assert 'name="version-report" value="1"' in page
        assert self.save(world, again).status_code == 303
        assert "From the second window" in text_of(browser(world.learner).get(f"/my/work/{work.public_id}"))

    def test_overwrites_nothing_from_a_window_where_nobody_wrote(self, world: World) -> None:
        world.draft()
        self.save(world, {"text-report": "We measured.", "version-report": "0"})
        assert self.save(world, {"text-report": "", "version-report": "0"}).status_code == 303
        assert EvidenceItem.objects.get().byte_size == len("We measured.")

    def test_saves_the_same_twice_without_complaint(self, world: World) -> None:
        world.draft()
        for _press in range(2):
            assert self.save(world, {"text-report": "Same", "version-report": "0"}).status_code == 303

    def test_answers_a_fragment_with_the_time_and_the_new_version(self, world: World) -> None:
        world.draft()
        answer = self.save(world, {"text-report": "We measured.", "version-report": "0"}, headers=HTMX)
        page = text_of(answer)
        assert "<html" not in page
        assert re.search(r"Saved \d\d:\d\d", page)
        assert 'name="version-report" value="1"' in page

    def test_answers_a_stale_fragment_with_409_and_keeps_what_is_stored(self, world: World) -> None:
        world.draft()
        self.save(world, {"text-report": "First", "version-report": "0"}, headers=HTMX)
        answer = self.save(world, {"text-report": "Second", "version-report": "0"}, headers=HTMX)
        assert answer.status_code == 409
        assert "Compare both" in text_of(answer)
        assert EvidenceItem.objects.get().byte_size == len("First")

    def test_removes_a_piece_after_asking(self, world: World) -> None:
        work = world.draft()
        item = evidence_add_link(
            submission_id=work.public_id,
            requirement_id="talk",
            url="https://example.org",
            learner=world.learner,
            at=AT,
        )
        client = browser(world.learner)
        answer = self.save(world, {"do": f"remove:{item.public_id}"}, client)
        assert answer["Location"] == f"/my/work/{work.public_id}/remove/{item.public_id}"
        assert "Remove this piece?" in text_of(client.get(answer["Location"]))
        assert EvidenceItem.objects.exists()
        assert client.post(answer["Location"]).status_code == 303
        assert not EvidenceItem.objects.exists()

    @pytest.mark.parametrize("action", ["remove:nonsense", "remove:", "no-such", ""])
    def test_survives_an_unknown_button(self, world: World, action: str) -> None:
        world.draft()
        assert self.save(world, {"do": action}).status_code == 303

    def test_belongs_to_its_learner_alone(self, world: World) -> None:
        work = world.ready()
        for stranger in (make_person("Noor Haddad"), world.samuel, make_member(make_organization(), "owner")):
            client = browser(stranger)
            for end in ("", "/hand-in", "/withdraw", "/receipt/1", "/decision/1"):
                assert client.get(f"/my/work/{work.public_id}{end}").status_code == 404
            for end in ("", "/hand-in", "/withdraw", "/revise"):
                assert client.post(f"/my/work/{work.public_id}{end}").status_code == 404
        assert Submission.objects.get().state == "draft"

    def test_shows_what_came_too_late_after_it_was_handed_in(self, world: World) -> None:
        world.submitted()
        answer = self.save(world, {"text-report": "One more thought", "version-report": "1"})
        assert answer.status_code == 409
        assert "One more thought" in text_of(answer)
        late = self.save(world, {"text-report": "One more thought", "version-report": "1"}, headers=HTMX)
        assert late.status_code == 409
        assert "moved on" in text_of(late)


class TestHandIn:
    """Looking once more, handing in, the receipt, taking back."""

    def test_names_what_is_missing_with_a_way_there(self, world: World) -> None:
        work = world.draft()
        client = browser(world.learner)
        for answer in (
            client.get(f"/my/work/{work.public_id}/hand-in"),
            client.post(f"/my/work/{work.public_id}/hand-in"),
        ):
            page = text_of(answer)
            assert f'href="/my/work/{work.public_id}#requirement-report"' in page
            assert "Say who made this work." in page
        assert answer.status_code == 422
        assert Submission.objects.get().state == "draft"

    def test_ends_in_a_receipt_with_hashes(self, world: World) -> None:
        work = world.ready()
        client = browser(world.learner)
        assert client.get(f"/my/work/{work.public_id}/hand-in").status_code == 200
        assert Submission.objects.get().state == "draft"
        answer = client.post(f"/my/work/{work.public_id}/hand-in")
        assert (answer.status_code, answer["Location"]) == (303, f"/my/work/{work.public_id}/receipt/1")
        page = text_of(client.get(answer["Location"]))
        attempt = Attempt.objects.get()
        assert attempt.snapshot_sha256 in page
        assert EvidenceItem.objects.get().sha256 in page
        again = client.post(f"/my/work/{work.public_id}/hand-in")
        assert again["Location"] == f"/my/work/{work.public_id}"

    def test_has_no_receipt_before(self, world: World) -> None:
        work = world.ready()
        assert browser(world.learner).get(f"/my/work/{work.public_id}/receipt/1").status_code == 404

    def test_can_be_taken_back_after_asking(self, world: World) -> None:
        work = world.submitted()
        client = browser(world.learner)
        assert "Take this work back?" in text_of(client.get(f"/my/work/{work.public_id}/withdraw"))
        assert client.post(f"/my/work/{work.public_id}/withdraw")["Location"] == "/my/work"
        assert Submission.objects.get().state == "withdrawn"
        assert client.post(f"/my/work/{work.public_id}/withdraw").status_code == 303
        assert client.get(f"/my/work/{work.public_id}").status_code == 200

    def test_shows_why_it_came_back_and_opens_the_next_attempt(self, world: World) -> None:
        work = world.submitted()
        held = leased(world, work)
        submission_return(assignment_id=held.public_id, assessor=world.samuel, note="The link is shut.", at=AT)
        client = browser(world.learner)
        page = text_of(client.get(f"/my/work/{work.public_id}"))
        assert "The link is shut." in page
        assert client.get(f"/my/work/{work.public_id}/revise").status_code == 405
        assert client.post(f"/my/work/{work.public_id}/revise").status_code == 303
        assert "The link is shut." in text_of(client.get(f"/my/work/{work.public_id}"))
        assert client.post(f"/my/work/{work.public_id}/revise")["Location"] == f"/my/work/{work.public_id}"


class TestKeptText:
    """What was typed outlives the sign-in."""

    LONG = "A text that took an hour to write and that nobody wants to write again, ever."

    def test_is_shown_again_when_the_sign_in_ended(self, world: World) -> None:
        work = world.draft()
        data = {"text-report": self.LONG, "version-report": "0", "link-talk": "https://example.org/<b>"}
        answer = browser().post(f"/my/work/{work.public_id}", data)
        page = text_of(answer)
        assert answer.status_code == 401
        assert self.LONG in page
        assert 'value="https://example.org/&lt;b&gt;"' in page
        assert "You were signed out. Your text is kept." in page
        assert not EvidenceItem.objects.exists()

    def test_is_saved_by_the_same_page_after_signing_in_again(self, world: World) -> None:
        work = world.draft()
        client = browser(csrf=True)
        client.get("/sign-in")
        data = {"text-report": self.LONG, "version-report": "0"}
        kept = client.post(f"/my/work/{work.public_id}", data)
        assert kept.status_code == 401
        old = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', kept.content.decode())[-1]
        client.force_login(world.learner)
        client.cookies["csrftoken"] = "b" * 32  # signing in makes a new one
        again = client.post(f"/my/work/{work.public_id}", {**data, "csrfmiddlewaretoken": old})
        assert again.status_code == 403
        assert self.LONG in text_of(again)
        fresh = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', again.content.decode())[-1]
        assert client.post(f"/my/work/{work.public_id}", {**data, "csrfmiddlewaretoken": fresh}).status_code == 303
        assert EvidenceItem.objects.get().byte_size == len(self.LONG)

    def test_answers_a_fragment_in_one_line(self, world: World) -> None:
        work = world.draft()
        answer = browser().post(f"/my/work/{work.public_id}", {"text-report": self.LONG}, headers=HTMX)
        assert answer.status_code == 401
        assert "Not saved: you were signed out." in text_of(answer)
        assert "<html" not in text_of(answer)

    def test_of_an_assessor_is_kept_too(self, world: World) -> None:
        held = leased(world, world.submitted())
        answer = browser().post(f"/assess/{held.public_id}", rating_form(held, feedback=self.LONG))
        assert answer.status_code == 401
        assert self.LONG in text_of(answer)

    def test_needs_a_form_token_to_be_saved(self, world: World) -> None:
        work = world.draft()
        client = browser(world.learner, csrf=True)
        assert client.post(f"/my/work/{work.public_id}", {"text-report": "Forged"}).status_code == 403
        assert not EvidenceItem.objects.exists()

    def test_sends_a_reader_to_sign_in(self, world: World) -> None:
        address = f"/my/work/{world.draft().public_id}"
        assert browser().get(address)["Location"] == f"/sign-in?next={address}"


class TestDecision:
    """What the learner reads."""

    def read(self, decision: Decision, learner: Person) -> str:
        work = decision.attempt.submission
        return text_of(browser(learner).get(f"/my/work/{work.public_id}/decision/{decision.attempt.number}"))

    @pytest.mark.django_db(transaction=True)
    def test_met_says_that_the_badge_is_being_signed(self, world: World) -> None:
        page = self.read(world.decided(), world.learner)
        assert "mark-check" in page
        assert "Your badge is being signed." in page

    @pytest.mark.django_db(transaction=True)
    def test_almost_names_the_one_thing_and_offers_to_redo_it(self, world: World) -> None:
        page = self.read(world.decided(sources=LOW), world.learner)
        assert "mark-half" in page
        assert "Only “Sources” is missing; the rest stays met." in page
        assert "Redo this part" in page

    @pytest.mark.django_db(transaction=True)
    def test_not_yet_is_never_red_and_puts_what_is_missing_first(self, world: World) -> None:
        page = self.read(world.decided(uncertainty=LOW, sources=LOW), world.learner)
        main = page[page.index("<main") :]
        assert "is-bad" not in main
        assert "mark-return" in main
        assert "You meet 2 of 4 criteria." in main
        assert main.index("Uncertainty") < main.index("Claim")
        assert "Give an interval." in main
        assert "Try again" in main

    @pytest.mark.django_db(transaction=True)
    def test_stays_readable_after_the_next_attempt_began(self, world: World) -> None:
        decision = world.decided(sources=LOW)
        client = browser(world.learner)
        client.post(f"/my/work/{decision.attempt.submission.public_id}/revise")
        assert "Go on with your work" in self.read(decision, world.learner)
        page = text_of(client.get(f"/my/work/{decision.attempt.submission.public_id}"))
        assert page.index("What was missing last time") < page.index("What you show")
        assert "What stays met" in page

    @pytest.mark.django_db(transaction=True)
    def test_speaks_spanish(self, world: World) -> None:
        decision = world.decided(sources=LOW)
        client = browser(world.learner)
        client.cookies["language"] = "es"
        address = f"/my/work/{decision.attempt.submission.public_id}/decision/1"
        assert "Solo falta «Sources (es)»; lo demás ya está superado." in text_of(client.get(address))


class TestNextThree:
    """What waits, on the start page."""

    def test_puts_what_came_back_before_the_queue_before_drafts(self, world: World) -> None:
        decision = world.decided(sources=LOW)
        page = text_of(browser(world.learner).get("/"))
        assert f'href="/my/work/{decision.attempt.submission.public_id}"' in page
        world.submitted(make_person("Noor Haddad"))
        assert "1 work waits for an assessor." in text_of(browser(world.samuel).get("/"))

    def test_stays_quiet_when_nothing_waits(self, world: World) -> None:
        assert "Nothing is waiting for you." in text_of(browser(world.learner).get("/"))
