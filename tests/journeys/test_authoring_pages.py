"""An author's way from nothing to a published badge, by keyboard alone; every screen in every look."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from insignia.accounts.models import Person
from insignia.achievements.models import AchievementVersion
from insignia.achievements.services import version_new_draft, version_retire
from insignia.organizations.models import Organization
from tests.browser import Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.achievements.samples import application_content, make_draft, make_published
from tests.platform.factories import AT, make_member, make_organization
from tests.platform.web.test_authoring import import_framework

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def school() -> Organization:
    """Make an organization with a framework."""
    organization = make_organization("quillwater-high")
    import_framework(organization)
    return organization


@pytest.fixture
def author(school: Organization) -> Person:
    """Make its author."""
    return make_member(school, "author")


def enter(open_page: Opener, live_server: LiveServer, person: Person, path: str, **look: object) -> Page:
    """Open a page as a signed-in person."""
    first = open_page("/", **look)
    sign_in(first.context, person, live_server)
    page = open_page(path, context=first.context)
    first.close()
    return page


def edit(version: AchievementVersion, step: int) -> str:
    """Name a screen."""
    return f"/o/{version.organization.slug}/badges/{version.achievement.public_id}/edit/{step}"


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, as somebody without a mouse does."""
    for _press in range(150):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")


def write(page: Page, label: str, words: str) -> None:
    """Go to a text by its label and type."""
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(words)


def press(page: Page, name: str) -> None:
    """Go to a button by its name and press Enter."""
    tab_to(page, page.get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


def focused(page: Page) -> str:
    """Give the id of the element that has the focus."""
    return str(page.evaluate("document.activeElement.id"))


class TestAuthor:
    """The main way, by keyboard."""

    def test_makes_and_publishes_an_application_badge_without_a_mouse(
        self, open_page: Opener, live_server: LiveServer, author: Person, shoot: Shoot
    ) -> None:
        """Four screens; saved while typing; the last one says that nothing is missing."""
        page = enter(open_page, live_server, author, "/o/quillwater-high/badges")
        shoot(page, "authoring-empty-wide-light")
        press(page, "New badge")
        expect(page.get_by_role("heading", level=1)).to_have_text("What it certifies")
        self._certifies(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("How it is judged")
        self._judged(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Look and terms")
        self._looks(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Check and publish")
        expect(page.get_by_text("Nothing is missing. You can publish.")).to_be_visible()
        press(page, "Publish version 1")
        expect(page.get_by_text("Version 1 is published.")).to_be_visible()
        version = AchievementVersion.objects.get()
        assert (version.state, version.achievement.slug) == ("published", "peer-mediation")
        assert version.content["rubric"]["criteria"][0]["critical"]
        assert version.alignments.get().item.human_code.endswith("CV.2")

    def _certifies(self, page: Page) -> None:
        write(page, "Name, English", "Peer mediation")
        write(page, "Description, English", "Helps two people in a dispute to find an agreement they both keep.")
        press(page, "Add an outcome")
        page.wait_for_url("**#f-outcomes-0")
        assert focused(page) == "f-outcomes-0"
        write(page, "Outcome 1, English", "Understands conflicts.")
        expect(page.locator("#editor").get_by_text("Nobody can see “understands”")).to_be_visible(timeout=6000)
        expect(page.locator("#saved")).to_contain_text("Saved")
        page.keyboard.press("Control+A")
        page.keyboard.type("Mediate a dispute between two peers so that both sign an agreement.")
        write(
            page, "What you do to earn it, English", "Mediate three real disputes and hand in notes on each one."
        )
        write(page, "Find a skill", "CV.2")
        expect(page.get_by_text("skills found")).to_be_visible()
        tab_to(page, page.locator("input[name=items]").first)
        page.keyboard.press("Space")
        expect(page.locator("input[name=items]:checked")).to_have_count(1)
        press(page, "Save and continue")

    def _judged(self, page: Page) -> None:
        press(page, "Add a criterion")
        page.wait_for_url("**#f-rubric-criteria-0")
        write(page, "Title, English", "Both sides are heard")
        tab_to(page, page.get_by_label("Critical: without it"))
        page.keyboard.press("Space")
        for number, words in enumerate(("One side speaks.", "Both speak.", "Both sum up the other."), start=1):
            level = page.get_by_role("group", name=f"Criterion 1, Level {number}")
            tab_to(page, level.get_by_label("What an assessor sees, English"))
            page.keyboard.type(words)
        press(page, "Ask for a piece of evidence")
        page.wait_for_url("**#f-requirements-0")
        write(page, "What to hand in, English", "Notes on three mediations")
        tab_to(page, page.get_by_label("An exam"))
        page.keyboard.press("ArrowDown")
        tab_to(page, page.get_by_label("Nobody supervises the work"))
        page.keyboard.press("Space")
        write(page, "When it counts as met, English", "The criterion reaches its bar.")
        write(page, "Who may judge, English", "Trained mediators with a year of practice.")
        write(page, "How judgements are compared, English", "One in ten is judged twice.")
        write(page, "How quality is watched, English", "The council reads ten decisions a year.")
        press(page, "Save and continue")

    def _looks(self, page: Page) -> None:
        tab_to(page, page.get_by_label("Blue", exact=True))
        page.keyboard.press("ArrowDown")
        expect(page.locator("#saved")).to_contain_text("Saved")
        write(page, "Find a symbol", "handshake")
        expect(page.get_by_text("found", exact=False).first).to_be_visible()
        write(page, "Description of the picture, English", "Green shield with a medal")
        write(page, "Hours of work (optional)", "20")
        press(page, "Save and continue")

    def test_is_told_why_a_hostile_picture_is_not_taken(
        self, open_page: Opener, live_server: LiveServer, school: Organization, author: Person, shoot: Shoot
    ) -> None:
        """The word stands in the summary and at the picture; what was typed is there."""
        draft = make_draft(school, author)
        page = enter(open_page, live_server, author, edit(draft, 3))
        page.get_by_text("Use a picture of your own").click()
        hostile = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>'
        page.get_by_label("PNG or SVG").set_input_files(
            FilePayload(name="badge.svg", mimeType="image/svg+xml", buffer=hostile)
        )
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_role("alert")).to_contain_text("can run or load")
        accessible(page)
        shoot(page, "authoring-refused-wide-light")

    def test_meets_another_author(
        self, open_page: Opener, live_server: LiveServer, school: Organization, author: Person, shoot: Shoot
    ) -> None:
        """The page says so while typing; comparing shows both texts; choosing keeps what was chosen."""
        draft = make_draft(school, author)
        mine = enter(open_page, live_server, author, edit(draft, 1))
        other = make_member(school, "author", name="Samuel Okafor")
        theirs = enter(open_page, live_server, other, edit(draft, 1))
        theirs.get_by_label("Name, English").fill("Charts that answer")
        theirs.get_by_label("Name, English").blur()
        expect(theirs.locator("#saved")).to_contain_text("Saved")
        theirs.get_by_role("button", name="Save and continue").click()
        mine.get_by_label("Name, English").fill("Charts for everybody")
        mine.get_by_label("Name, English").blur()
        expect(mine.locator("#saved")).to_contain_text("Somebody changed this meanwhile.")
        mine.get_by_role("button", name="Compare both").click()
        expect(mine.get_by_text("Charts that answer")).to_be_visible()
        accessible(mine)
        shoot(mine, "authoring-conflict-wide-light")
        mine.set_viewport_size({"width": 390, "height": 844})
        accessible(mine)
        shoot(mine, "authoring-conflict-phone-light")
        mine.get_by_role("button", name="Save what I chose").click()
        expect(mine.get_by_label("Name, English")).to_have_value("Charts for everybody")


class TestScreens:
    """Every page of authors, in its looks."""

    @every_look
    def test_are_accessible(
        self, open_page: Opener, live_server: LiveServer, school: Organization, author: Person, shoot: Shoot,
        look: Look,
    ) -> None:  # fmt: skip
        """Axe finds nothing; nothing scrolls sideways."""
        published = make_published(school, author, slug="one")
        version_new_draft(achievement_id=published.achievement.public_id, person=author, at=AT)
        retired = make_published(school, author, slug="two", content=application_content("Welding safely"))
        version_retire(version_id=retired.public_id, person=author, at=AT)
        draft = make_draft(school, author, slug="three")
        here = f"/o/{school.slug}/badges"
        pages = {
            "list": here,
            "badge": f"{here}/{published.achievement.public_id}",
            "discard": f"{here}/{draft.achievement.public_id}/discard",
            "retire": f"{here}/{published.achievement.public_id}/v1/retire",
            **{f"screen{step}": edit(draft, step) for step in (1, 2, 3, 4)},
            "search": f"{edit(draft, 1)}?q=CV",
        }
        page = enter(open_page, live_server, author, here, look=look)
        for name, address in pages.items():
            page.goto(address)
            accessible(page)
            shoot(page, f"authoring-{name}-{look.name}")
