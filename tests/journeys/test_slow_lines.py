"""Pages that save by themselves, over a slow line: scripts and answers that come late, nothing lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import FilePayload, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from insignia.assessment.models import EvidenceItem, Rating
from tests.browser import Opener, sign_in
from tests.platform.achievements.samples import make_draft
from tests.platform.assessment.world import World
from tests.platform.factories import make_member
from tests.platform.web.assessment_pages import leased

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HTMX = "**/htmx-2*.js"


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

    def _at_work(self, world: World, open_page: Opener, live_server: LiveServer) -> Page:
        work = world.draft()
        page = open_page("/sign-in")
        sign_in(page.context, world.learner, live_server)
        page.goto(f"/my/work/{work.public_id}")
        return page
