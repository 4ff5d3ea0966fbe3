"""Catalogue, badge page and frameworks in a browser: in every look, by keyboard, without script, on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from insignia.accounts.models import Person
from insignia.achievements.models import AchievementVersion
from insignia.achievements.services import (
    achievement_create,
    alignment_set,
    image_compose,
    version_publish,
    version_retire,
)
from insignia.demo.badges import alignments, sheets
from insignia.frameworks.models import FrameworkItem
from insignia.frameworks.services import framework_import
from insignia.organizations.models import Organization
from tests.browser import PHONE, WIDE, Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.achievements.samples import ART, recognition_content
from tests.platform.again import again
from tests.platform.factories import AT, SETUP, make_member, make_organization
from tests.platform.frameworks.files import demo_file, item, package, tie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BADGES = ("scientific-communication", "community-data-inquiry", "workplace-safety", "restoration-field-study")


@dataclass(frozen=True)
class World:
    """A school with the demo's framework, four of its badges and one recognition; one badge is retired."""

    organization: Organization
    author: Person
    versions: dict[str, AchievementVersion]
    framework: UUID

    def address(self, slug: str) -> str:
        """Spell the address of a badge."""
        version = self.versions[slug]
        return reverse("achievement_version", args=[version.achievement.public_id, version.number])

    def item(self, code: str) -> str:
        """Spell the address of a skill."""
        found = FrameworkItem.objects.get(human_code=code)
        return reverse("framework_item", args=[self.framework, found.public_id])


@pytest.fixture
def world() -> World:
    """Build it the way authors do."""
    return again("badge pages", _built)


def _built() -> World:
    school = make_organization("quillwater-high")
    author = make_member(school, "author")
    report = framework_import(
        organization=school, actor=SETUP, at=AT, raw=demo_file(), filename="quillwater_framework.case.json"
    )
    versions = {slug: _published(school, author, slug) for slug in BADGES}
    retired = versions["restoration-field-study"]
    version_retire(version_id=retired.public_id, person=author, at=AT + timedelta(days=20))
    draft = achievement_create(
        organization=school,
        slug="open-house",
        content=replace(recognition_content("Open house helper"), tags=("community",)),
        credential_class="recognition",
        person=author,
        at=AT,
    )
    image_compose(version_id=draft.public_id, choices=ART, person=author, at=AT)
    versions["open-house"] = version_publish(version_id=draft.public_id, person=author, at=AT)
    return World(school, author, versions, UUID(report.framework_id))


def _published(school: Organization, author: Person, slug: str) -> AchievementVersion:
    sheet = sheets()[slug]
    draft = achievement_create(
        organization=school,
        slug=slug,
        content=sheet.content,
        credential_class=sheet.credential_class,
        person=author,
        at=AT,
    )
    ids = dict(FrameworkItem.objects.values_list("human_code", "public_id"))
    chosen = [(ids[code], outcome) for code, outcome in alignments(sheet)]
    alignment_set(version_id=draft.public_id, alignments=chosen, person=author, at=AT)
    image_compose(version_id=draft.public_id, choices=sheet.art, person=author, at=AT)
    return version_publish(version_id=draft.public_id, person=author, at=AT)


class TestLooks:
    """Every page, wide and on a phone, light and dark, English and Spanish."""

    @every_look
    def test_are_accessible(
        self,
        open_page: Opener,
        shoot: Shoot,
        world: World,
        look: Look,
    ) -> None:
        """Axe finds nothing; nothing scrolls sideways."""
        pages = {
            "catalogue": "/badges",
            "badge": world.address("community-data-inquiry"),
            "framework": reverse("framework", args=[world.framework]),
            "skill": world.item("QGS.SC.2"),
        }
        if look.theme == "light":
            pages |= {
                "catalogue-narrowed": "/badges?q=data&field=civic&level=3",
                "catalogue-nothing": "/badges?q=sailing",
                "badge-retired": world.address("restoration-field-study"),
                "badge-recognition": world.address("open-house"),
                "frameworks": "/frameworks",
                "frameworks-found": "/frameworks?q=comunicate%20sience",
                "frameworks-nothing": "/frameworks?q=ZZ.99",
            }
        first = open_page("/badges", look=look)
        for name, address in pages.items():
            first.goto(address)
            accessible(first)
            first.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
            first.wait_for_function("[...document.images].every(image => image.complete)")
            shoot(first, f"{name}-{look.name}")

    def test_hold_at_400_percent(self, open_page: Opener, world: World) -> None:
        """A window of 320 pixels scrolls one way only, the rubric included."""
        page = open_page("/badges", viewport={"width": 320, "height": 640})
        for address in ("/badges", world.address("community-data-inquiry"), world.item("QGS.SC.2")):
            page.goto(address)
            accessible(page)


class TestCatalogue:
    """Searching."""

    def test_narrows_as_one_chooses_and_says_so(self, open_page: Opener, world: World) -> None:
        """By keyboard: the list changes in place, the address follows, the count is announced."""
        page = open_page("/badges")
        expect(page.get_by_role("status")).to_have_text("4 badges")
        page.locator("summary", has_text="Filters").focus()
        page.keyboard.press("Enter")
        page.get_by_label("What it proves").focus()
        page.keyboard.press("k")
        expect(page.get_by_role("status")).to_have_text("1 badge")
        expect(page.locator("#found")).to_contain_text("Workshop Safety")
        assert "class=knowledge" in page.url
        accessible(page)
        page.get_by_role("link", name="Remove What it proves: Knowledge").click()
        expect(page.get_by_role("status")).to_have_text("4 badges")

    def test_works_without_script(self, open_page: Opener, world: World) -> None:
        """A plain form."""
        page = open_page("/badges", javascript=False)
        page.get_by_label("Skill or badge").fill("scientific")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("#found h3")).to_have_text(["Scientific Communication"])
        page.locator("#found h3 a").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Scientific Communication")


class TestBadgePage:
    """What must I show?"""

    def test_offers_its_one_button_on_the_first_screen_of_a_phone(self, open_page: Opener, world: World) -> None:
        """Start is seen without scrolling, and leads to signing in."""
        page = open_page(world.address("community-data-inquiry"), viewport=PHONE)
        button = page.get_by_role("link", name="Sign in to start")
        box = button.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < PHONE["height"]
        assert box["height"] >= 44
        button.click()
        assert "/sign-in" in page.url

    def test_shows_the_rubric_as_matrix_as_cards_and_on_paper(
        self, open_page: Opener, shoot: Shoot, world: World
    ) -> None:
        """Side by side when wide and printed; under each other on a phone; the bar has a word everywhere."""
        page = open_page(world.address("community-data-inquiry"))
        cells = page.locator(".rubric tbody tr").first.locator("td")

        def tops() -> set[int]:
            return {round(box["y"]) for cell in cells.all() if (box := cell.bounding_box()) is not None}

        assert len(tops()) == 1
        page.set_viewport_size({"width": 390, "height": 844})
        assert len(tops()) == cells.count() > 2
        expect(page.locator(".rubric .is-bar").first).to_contain_text("The bar")
        page.set_viewport_size({"width": 800, "height": 1100})
        page.emulate_media(media="print")
        assert len(tops()) == 1
        expect(page.get_by_role("link", name="Sign in to start")).to_be_hidden()
        assert "image-mono.svg" in str(page.locator("header picture img").evaluate("image => image.currentSrc"))
        shoot(page, "badge-print")

    def test_chooses_the_picture_by_its_size(self, open_page: Opener, world: World) -> None:
        """A phone takes the small drawing, a wide page the full one."""
        for viewport, pixels in ((PHONE, 128), (WIDE, 256)):
            page = open_page(world.address("community-data-inquiry"), viewport=viewport)
            source = page.locator("header picture img").evaluate("image => image.currentSrc")
            assert f"image-{pixels}.png" in str(source)


class TestFrameworkImport:
    """An author imports a framework."""

    def test_is_seen_before_it_is_done(
        self, open_page: Opener, shoot: Shoot, world: World, live_server: LiveServer, tmp_path: Path
    ) -> None:
        """Without script: wrong file, odd file, report, import, framework; each page accessible."""
        odd = tmp_path / "our-skills.json"
        odd.write_bytes(package([item(1), item(2, humanCodingScheme="T.1"), "no item"], [tie(2, 1)]))
        wrong = tmp_path / "notes.txt"
        wrong.write_text("Monday: ask for the package")
        page = open_page("/frameworks", viewport=PHONE, javascript=False)
        sign_in(page.context, world.author, live_server)
        page.reload()
        page.get_by_role("link", name="Import or update frameworks of Quillwater High").click()
        shoot(page, "framework-manage-phone")
        page.get_by_role("link", name="Import a framework").click()
        page.get_by_label("Framework file").set_input_files(wrong)
        page.get_by_role("button", name="Look into the file").click()
        expect(page.locator(".error-summary")).to_contain_text("no framework that we know")
        shoot(page, "framework-import-wrong-phone")
        page.get_by_label("Framework file").set_input_files(odd)
        page.get_by_role("button", name="Look into the file").click()
        expect(page.locator("main")).to_contain_text("2 items will be imported. Nothing is imported yet.")
        shoot(page, "framework-preview-phone")
        page.get_by_role("button", name="Import it").click()
        expect(page.locator("main")).to_contain_text("2 items were imported.")
        page.get_by_role("link", name="See the framework").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Test skills")

    def test_pages_are_accessible(
        self, open_page: Opener, shoot: Shoot, world: World, live_server: LiveServer
    ) -> None:
        """Where frameworks are looked after."""
        empty = make_organization("empty-school")
        newcomer = make_member(empty, "author")
        for person, slug, theme in (
            (world.author, "quillwater-high", "light"),
            (newcomer, "empty-school", "dark"),
        ):
            page = open_page("/frameworks", theme=theme)
            sign_in(page.context, person, live_server)
            for name in ("frameworks", "frameworks/import"):
                page.goto(f"/o/{slug}/{name}")
                accessible(page)
                shoot(page, f"manage-{name.replace('/', '-')}-{slug}")
