"""Pages that save by themselves, over a slow line: scripts and answers come late, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import FilePayload, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from insignia.assessment.models import EvidenceItem, Rating
from tests.browser import Opener, sign_in
from tests.platform.achievements.samples import make_draft
from tests.platform.assessment.world import World
from tests.platform.factories import make_member
from tests.platform.web.assessment_pages import leased

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HTMX = "**/htmx-2*.js"
CHOOSE_AT_ONCE = """() => document.body.addEventListener("htmx:afterRequest", (event) => {
    const chooser = document.getElementById(event.detail.requestConfig.elt.id)
    const chosen = new DataTransfer()
    chosen.items.add(new File(["second"], "second.txt", {type: "text/plain"}))
    chooser.files = chosen.files
    chooser.dispatchEvent(new Event("change", {bubbles: true}))
}, {once: true})"""


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"
    cache.clear()


@pytest.fixture
def world() -> World:
    return World()


class Held:
    """Requests of a page that are on their way until they are let go."""

    def __init__(self, page: Page, where: str, *, method: str = "GET") -> None:
        self._method = method
        self._holding = True
        self._routes: list[Route] = []
        page.route(where, self._take)

    def _take(self, route: Route) -> None:
        if self._holding and route.request.method == self._method:
            self._routes.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        """Let go what is held, and hold nothing more."""
        self._holding = False
        for route in self._routes:
            route.continue_()


def _kind(sent: Request) -> str:
    if sent.method != "POST":
        return ""
    return "page" if sent.is_navigation_request() else "save"


def text_file(name: str) -> FilePayload:
    return FilePayload(name=name, mimeType="text/plain", buffer=name.encode())


def arrive(page: Page, address: str) -> Callable[[], None]:
    """Open a page whose scripts are still on their way; what is given lets them come."""
    scripts = Held(page, HTMX)
    page.goto(address, wait_until="commit")
    return scripts.let_go


class TestLateScripts:
    """What is done on a page before its scripts came is saved once they are there."""

    def test_saves_a_learners_text_and_choice(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        work = world.draft()
        page = open_page("/sign-in")
        sign_in(page.context, world.learner, live_server)
        come = arrive(page, f"/my/work/{work.public_id}")
        page.get_by_label("A few sentences, Report").fill("Typed at once.")
        page.get_by_label("I made this work alone").check()
        come()
        expect(page.locator("#state-report")).to_contain_text("Saved")
        expect(page.locator("#state-authorship")).to_contain_text("Saved")

    def test_saves_an_assessors_choice(self, world: World, open_page: Opener, live_server: LiveServer) -> None:
        held = leased(world, world.submitted())
        page = open_page("/sign-in")
        sign_in(page.context, world.samuel, live_server)
        come = arrive(page, f"/assess/{held.public_id}")
        page.locator("#level-claim-2").check()
        come()
        expect(page.locator("#rating-state")).to_contain_text("Saved")
        assert Rating.objects.get().levels == {"claim": "claim1"}

    def test_saves_an_authors_text(self, world: World, open_page: Opener, live_server: LiveServer) -> None:
        author = make_member(world.school, "author")
        draft = make_draft(world.school, author)
        page = open_page("/sign-in")
        sign_in(page.context, author, live_server)
        come = arrive(page, f"/o/{world.school.slug}/badges/{draft.achievement.public_id}/edit/1")
        page.get_by_label("Name, English").fill("Charts at once")
        come()
        expect(page.locator("#saved")).to_contain_text("Saved")
        draft.refresh_from_db()
        assert draft.content["name"]["en"] == "Charts at once"

    def test_sends_nothing_where_nothing_was_done(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        world.ready()
        page = open_page("/sign-in")
        sign_in(page.context, world.learner, live_server)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        page.goto(f"/my/work/{world.draft().public_id}")
        assert "POST" not in sent


class TestLateAnswers:
    """What is done while a save is under way is not lost by its answer."""

    def test_takes_no_second_file_until_the_first_is_there(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        """The answer renews the boxes: a file chosen meanwhile would go with them, and unsaid."""
        page = self._at_work(world, open_page, live_server)
        answers = Held(page, "**/my/work/*", method="POST")
        chooser = page.get_by_label("Add files, Talk / recording")
        chooser.focus()
        chooser.set_input_files(text_file("first.txt"))
        expect(chooser).to_be_disabled()
        answers.let_go()
        expect(page.get_by_role("link", name="first.txt")).to_be_visible()
        expect(chooser).to_be_focused()
        chooser.set_input_files(text_file("second.txt"))
        expect(page.get_by_role("link", name="second.txt")).to_be_visible()
        assert EvidenceItem.objects.count() == 2

    def test_takes_a_second_file_the_moment_the_first_is_there(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        """The boxes of an answer do their work at once, not when the page has settled some moments later."""
        page = self._at_work(world, open_page, live_server)
        page.evaluate(CHOOSE_AT_ONCE)
        page.get_by_label("Add files, Talk / recording").set_input_files(text_file("first.txt"))
        expect(page.get_by_role("link", name="second.txt")).to_be_visible()
        assert EvidenceItem.objects.count() == 2

    def test_keeps_a_link_that_is_typed_meanwhile(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        page = self._at_work(world, open_page, live_server)
        answers = Held(page, "**/my/work/*", method="POST")
        page.get_by_label("Add files, Talk / recording").set_input_files(text_file("first.txt"))
        page.get_by_label("Add a link, Talk / recording").fill("https://example.org/talk")
        add = page.get_by_role("button", name="Add link, Talk / recording")
        expect(add).to_be_disabled()
        answers.let_go()
        expect(page.get_by_role("link", name="first.txt")).to_be_visible()
        add.click()
        expect(page.get_by_role("link", name="https://example.org/talk")).to_be_visible()
        expect(page.get_by_label("Add a link, Talk / recording")).to_have_value("")

    def test_sends_a_pressed_button_after_every_save_before_it(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        """One save is under way and one queued: the page itself goes last, never beside them."""
        held = leased(world, world.submitted())
        page = open_page("/sign-in")
        sign_in(page.context, world.samuel, live_server)
        page.goto(f"/assess/{held.public_id}")
        seen: list[str] = []
        page.on("request", lambda sent: seen.append(_kind(sent)) if _kind(sent) else None)
        page.on("response", lambda got: seen.append("answered") if _kind(got.request) == "save" else None)
        answers = Held(page, "**/assess/*", method="POST")
        page.locator("#level-claim-2").check()
        page.locator("#feedback-claim").fill("Word by word")
        page.locator("#feedback-claim").blur()
        page.get_by_role("button", name="Save", exact=True).last.click()
        answers.let_go()
        page.wait_for_url("**?saved=1*")
        assert seen == ["save", "answered", "save", "answered", "page"]

    def _at_work(self, world: World, open_page: Opener, live_server: LiveServer) -> Page:
        work = world.draft()
        page = open_page("/sign-in")
        sign_in(page.context, world.learner, live_server)
        page.goto(f"/my/work/{work.public_id}")
        return page


class TestNoAnswer:
    """An author's page says that a save failed; an older "Saved" does not stay."""

    def test_says_so_without_a_connection_and_signed_out(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        author = make_member(world.school, "author")
        draft = make_draft(world.school, author)
        visitor = open_page("/sign-in").context
        sign_in(visitor, author, live_server)
        page = visitor.new_page()  # one whose failing requests are no failure of this test
        page.goto(f"/o/{world.school.slug}/badges/{draft.achievement.public_id}/edit/1")
        name, state = page.get_by_label("Name, English"), page.locator("#saved")

        def write(words: str) -> None:
            name.fill(words)
            name.blur()

        write("Charts at home")
        expect(state).to_contain_text("Saved")
        page.route("**/edit/1", lambda route: route.abort())
        write("Charts on a train")
        expect(state).to_have_text("Not saved: no connection. Keep this page open.")
        page.unroute("**/edit/1")
        visitor.clear_cookies(name="sessionid")
        write("Charts in a station")
        expect(state).to_contain_text("Not saved: you were signed out.")
        sign_in(visitor, author, live_server)
        write("Charts that arrive")
        expect(state).to_contain_text("Saved")
        draft.refresh_from_db()
        assert draft.content["name"]["en"] == "Charts that arrive"
