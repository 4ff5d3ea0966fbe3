"""Handing in, judging by keyboard and reading the decision, in a browser: accessible, saved, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import FilePayload, Route, expect
from pytest_django.live_server_helper import LiveServer

from insignia.assessment.models import Assignment, Decision, EvidenceItem, Rating, Submission
from insignia.assessment.services import evidence_add_file, revision_open, submission_return
from tests.browser import PHONE, Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.assessment.world import LOW, World
from tests.platform.factories import AT, make_person
from tests.platform.web.assessment_pages import leased, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"
    cache.clear()


@pytest.fixture
def world() -> World:
    return World()


def with_picture(world: World) -> Submission:
    work = world.draft()
    evidence_add_file(
        submission_id=work.public_id, requirement_id="talk", name="talk.png",
        source=picture(), learner=world.learner, at=AT,
    )  # fmt: skip
    return work


@every_look
class TestLooks:
    """Every page, in two looks: everything differs between them."""

    def test_learners_pages_are_accessible(
        self, world: World, open_page: Opener, shoot: Shoot, live_server: LiveServer,
        look: Look,
    ) -> None:  # fmt: skip
        page = open_page("/sign-in", look=look)
        sign_in(page.context, world.learner, live_server)

        def seen(name: str, address: str) -> None:
            page.goto(address)
            accessible(page)
            shoot(page, f"assessment-{name}-{look.name}")

        seen("empty", "/my/work")
        seen("start", f"/my/work/start/{world.version.public_id}")
        work = with_picture(world)
        own = f"/my/work/{work.public_id}"
        seen("draft", own)
        seen("hand-in-gaps", f"{own}/hand-in")
        seen("withdraw", f"{own}/withdraw")
        world.submitted()
        seen("receipt", f"{own}/receipt/1")
        seen("handed-in", own)
        held = leased(world, work)
        submission_return(assignment_id=held.public_id, assessor=world.samuel, note="The link is shut.", at=AT)
        seen("returned", own)
        noor = make_person("Noor Haddad")
        other = f"/my/work/{world.decide_for(noor, uncertainty=LOW).attempt.submission.public_id}"
        sign_in(page.context, noor, live_server)
        seen("list", "/my/work")
        seen("decision-not-yet", f"{other}/decision/1")
        revision_open(submission_id=Submission.objects.get(learner=noor).public_id, learner=noor, at=AT)
        seen("second-draft", other)
        seen("home", "/")

    def test_assessors_pages_are_accessible(
        self, world: World, open_page: Opener, shoot: Shoot, live_server: LiveServer,
        look: Look,
    ) -> None:  # fmt: skip
        page = open_page("/sign-in", look=look)
        sign_in(page.context, world.samuel, live_server)

        def seen(name: str, address: str) -> None:
            page.goto(address)
            accessible(page)
            shoot(page, f"assessment-{name}-{look.name}")

        seen("queue-empty", "/assess")
        world.decided(sources=LOW)
        seen("done", "/assess/done")
        noor = make_person("Noor Haddad")
        evidence_add_file(
            submission_id=world.draft(noor).public_id, requirement_id="talk", name="talk.png",
            source=picture(), learner=noor, at=AT,
        )  # fmt: skip
        work = world.submitted(noor)
        seen("queue", "/assess")
        held = leased(world, work)
        seen("marking", f"/assess/{held.public_id}")
        seen("marking-rubric", f"/assess/{held.public_id}#rubric")
        seen("lock-gaps", f"/assess/{held.public_id}/lock")
        world.rate(held, datetime.now(UTC), claim=1, uncertainty=1, audience=1, sources=0)
        seen("lock", f"/assess/{held.public_id}/lock")
        seen("return", f"/assess/{held.public_id}/return")
        seen("release", f"/assess/{held.public_id}/release")


class TestHandingIn:
    """A learner with text, file and link."""

    def test_goes_from_a_badge_to_a_receipt(
        self, world: World, open_page: Opener, live_server: LiveServer, shoot: Shoot
    ) -> None:
        page = open_page("/sign-in", viewport=PHONE)
        sign_in(page.context, world.learner, live_server)
        page.goto(f"/my/work/start/{world.version.public_id}")
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_label("A few sentences, Report").fill("We measured three wells.")
        expect(page.locator("#state-report")).to_contain_text("Saved")
        page.get_by_label("Add files, Talk / recording").set_input_files(
            FilePayload(name="talk.png", mimeType="image/png", buffer=picture())
        )
        expect(page.get_by_role("link", name="talk.png")).to_be_visible()
        page.get_by_label("Add a link, Talk / recording").fill("https://example.org/talk")
        page.get_by_role("button", name="Add link, Talk / recording").click()
        expect(page.get_by_role("link", name="https://example.org/talk")).to_be_visible()
        page.get_by_label("I made this work alone").check()
        expect(page.locator("#state-authorship")).to_contain_text("Saved")
        page.get_by_label("Tools you used").fill("A spreadsheet")
        page.get_by_role("button", name="Review and hand in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Look at it once more")
        expect(page.get_by_text("A spreadsheet")).to_be_visible()
        page.get_by_role("button", name="Hand in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
        assert Submission.objects.get().state == "submitted"
        assert sorted(EvidenceItem.objects.values_list("kind", flat=True)) == ["file", "link", "text"]
        page.emulate_media(media="print")
        shoot(page, "assessment-receipt-print")

    def test_says_what_is_wrong_with_a_link_and_keeps_it(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        work = world.draft()
        page = open_page("/sign-in")
        sign_in(page.context, world.learner, live_server)
        page.goto(f"/my/work/{work.public_id}")
        box = page.get_by_label("Add a link, Talk / recording")
        box.fill("http://plain.example")
        page.get_by_role("button", name="Add link, Talk / recording").click()
        expect(page.locator("#part-talk .field-error")).to_contain_text("https://")
        expect(box).to_have_value("http://plain.example")
        accessible(page)

    def test_keeps_what_is_typed_when_the_sign_in_ends(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        """Signed out meanwhile: the page says so; after signing in elsewhere the same page saves."""
        work = world.draft()
        page = open_page("/sign-in")
        sign_in(page.context, world.learner, live_server)
        page.goto(f"/my/work/{work.public_id}")
        page.context.clear_cookies(name="sessionid")
        box, state = page.get_by_label("A few sentences, Report"), page.locator("#state-report")
        box.fill("Typed while signed out.")
        box.blur()
        expect(state).to_contain_text("Not saved: you were signed out.")
        expect(box).to_have_value("Typed while signed out.")
        sign_in(page.context, world.learner, live_server)
        box.fill("Typed while signed out, saved after.")
        box.blur()
        expect(state).to_contain_text("Saved")

    def test_says_so_without_a_connection(self, world: World, open_page: Opener, live_server: LiveServer) -> None:
        work = world.draft()
        visitor = open_page("/sign-in").context
        sign_in(visitor, world.learner, live_server)
        page = visitor.new_page()  # one whose failing requests are no failure of this test
        page.goto(f"/my/work/{work.public_id}")

        def dead(route: Route) -> None:
            route.abort() if route.request.method == "POST" else route.continue_()

        page.route("**/my/work/*", dead)
        box = page.get_by_label("A few sentences, Report")
        box.fill("Typed on a train.")
        box.blur()
        expect(page.locator("#state-report")).to_contain_text("Not saved: no connection. Keep this page open.")
        page.unroute("**/my/work/*")
        box.fill("Typed on a train. Now in a station.")
        box.blur()
        expect(page.locator("#state-report")).to_contain_text("Saved")

    def test_needs_no_script(self, world: World, open_page: Opener, live_server: LiveServer) -> None:
        work = world.draft()
        page = open_page("/sign-in", javascript=False)
        sign_in(page.context, world.learner, live_server)
        page.goto(f"/my/work/{work.public_id}")
        page.get_by_label("A few sentences, Report").fill("Without script.")
        page.get_by_label("Add files, Talk / recording").set_input_files(
            FilePayload(name="talk.png", mimeType="image/png", buffer=picture())
        )
        page.get_by_label("I made this work alone").check()
        page.get_by_role("button", name="Add files, Talk / recording").click()
        expect(page.get_by_role("link", name="talk.png")).to_be_visible()
        page.get_by_role("button", name="Review and hand in").click()
        page.get_by_role("button", name="Hand in").click()
        assert Submission.objects.get().state == "submitted"


class TestJudging:
    """An assessor."""

    def test_judges_by_keyboard_only(
        self, world: World, open_page: Opener, live_server: LiveServer, shoot: Shoot
    ) -> None:
        """From the queue to a locked rating without a mouse; then the learner reads the decision."""
        world.submitted()
        page = open_page("/sign-in")
        sign_in(page.context, world.samuel, live_server)
        page.goto("/assess")
        page.get_by_role("button", name="Judge next").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Rubric")).to_be_visible()
        page.wait_for_load_state()  # shortcuts are heard once the scripts are there; people read first
        page.locator("#level-claim-1").focus()
        for key in ("2", "j", "2", "j", "3", "j", "1"):
            page.keyboard.press(key)
        page.keyboard.press("f")
        page.keyboard.type("Name where the data of 2024 is from.")  # 2, 0, 4, j and k are text here
        expect(page.locator("#judged")).to_have_text("4 of 4 judged")
        shoot(page, "assessment-marking-judged")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("This is what it amounts to")
        expect(page.locator("main .lead")).to_contain_text("Almost")
        page.get_by_role("button", name="Lock rating").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("is decided: Almost.")
        decision = Decision.objects.get()
        assert {row["criterion_id"]: row["level_id"] for row in decision.criteria} == {
            "claim": "claim1", "uncertainty": "uncertainty1", "audience": "audience2", "sources": "sources0",
        }  # fmt: skip
        sign_in(page.context, world.learner, live_server)
        page.goto("/my/work")
        page.get_by_role("link", name="Scientific communication").click()
        page.get_by_role("link", name="See the decision").click()
        expect(page.locator("main .lead")).to_contain_text("Only “Sources” is missing; the rest stays met.")
        expect(page.get_by_text("Name where the data of 2024 is from.")).to_be_visible()
        page.get_by_role("button", name="Redo this part").click()
        expect(page.get_by_role("heading", name="What was missing last time")).to_be_visible()

    def test_can_switch_the_keys_off(self, world: World, open_page: Opener, live_server: LiveServer) -> None:
        held = leased(world, world.submitted())
        page = open_page("/sign-in")
        sign_in(page.context, world.samuel, live_server)
        page.goto(f"/assess/{held.public_id}")
        page.get_by_text("Keys", exact=True).click()
        page.get_by_label("Use single keys inside the rubric").uncheck()
        page.locator("#level-claim-1").focus()
        page.keyboard.press("3")
        expect(page.locator("#level-claim-3")).not_to_be_checked()
        page.reload()
        page.locator("#level-claim-1").focus()
        page.keyboard.press("3")
        expect(page.locator("#level-claim-3")).not_to_be_checked()

    def test_has_no_keys_outside_the_rubric(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        held = leased(world, world.submitted())
        page = open_page("/sign-in")
        sign_in(page.context, world.samuel, live_server)
        page.goto(f"/assess/{held.public_id}")
        page.locator("#evidence").focus()
        page.keyboard.press("2")
        assert page.locator("#rubric input:checked").count() == 0

    def test_waits_with_a_button_for_the_save_under_way(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        """Typing, then pressing at once: the button does not meet a newer version of its own text."""
        held = leased(world, world.submitted())
        page = open_page("/sign-in")
        sign_in(page.context, world.samuel, live_server)
        page.goto(f"/assess/{held.public_id}")
        for number in range(3):
            page.locator(f"#level-claim-{number + 1}").check()
            page.locator("#feedback-claim").fill(f"Round {number}")
            page.locator("#feedback-claim").blur()
            page.get_by_role("button", name="Save", exact=True).last.click()
            expect(page.locator("#rating-state")).to_contain_text("Saved")
            expect(page.get_by_role("alert")).to_have_count(0)

    def test_compares_when_a_second_window_saved(
        self, world: World, open_page: Opener, live_server: LiveServer, shoot: Shoot
    ) -> None:
        held = leased(world, world.submitted())
        first = open_page("/sign-in")
        sign_in(first.context, world.samuel, live_server)
        first.goto(f"/assess/{held.public_id}")
        second = open_page(f"/assess/{held.public_id}", context=first.context)
        first.locator("#feedback-claim").fill("From the first window")
        first.locator("#feedback-claim").blur()
        expect(first.locator("#rating-state")).to_contain_text("Saved")
        second.locator("#feedback-claim").fill("From the second window")
        second.locator("#feedback-claim").blur()
        second.get_by_role("button", name="Compare both").click()
        expect(second.get_by_text("From the first window")).to_be_visible()
        expect(second.locator("#feedback-claim")).to_have_value("From the second window")
        accessible(second)
        shoot(second, "assessment-marking-both")
        second.get_by_role("button", name="Save", exact=True).last.click()
        expect(second.locator("#feedback-claim")).to_have_value("From the second window")
        assert Rating.objects.get().lock_version == 3

    def test_has_tabs_on_a_phone_without_script(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        held = leased(world, world.submitted())
        page = open_page("/sign-in", viewport=PHONE, javascript=False)
        sign_in(page.context, world.samuel, live_server)
        page.goto(f"/assess/{held.public_id}")
        expect(page.get_by_role("heading", name="Evidence")).to_be_visible()
        expect(page.get_by_role("heading", name="Rubric")).to_be_hidden()
        page.get_by_role("link", name="Rubric").click()
        expect(page.get_by_role("heading", name="Evidence")).to_be_hidden()
        page.locator("#level-claim-2").check()
        page.get_by_role("link", name="Evidence").click()
        page.get_by_role("link", name="Rubric").click()
        expect(page.locator("#level-claim-2")).to_be_checked()
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(page.locator("#level-claim-2")).to_be_checked()
        assert Assignment.objects.get().rating.levels == {"claim": "claim1"}
