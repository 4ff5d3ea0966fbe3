"""/demo: the people, the walk and every mail; there in demo mode only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import clear_url_caches, include, path

from insignia.demo.cast import PLAYERS
from insignia.demo.main_job import main_job
from insignia.demo.stage import Stage, stage_found
from insignia.issuing.services import lists_republish
from insignia.web import urls
from tests.browser import Look, Opener, Shoot, accessible, every_look
from tests.platform.again import again

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r'(?:href|src)="(/[^"#]*)')


@pytest.fixture
def demo_mode(settings: LazySettings) -> Iterator[None]:
    """Run as the demo does: its pages are mounted, and sign-in by button is open."""
    settings.INSIGNIA_DEMO = True
    added = path("", include("insignia.web.demo.urls"))
    urls.urlpatterns.append(added)
    clear_url_caches()
    cache.clear()
    yield
    urls.urlpatterns.remove(added)
    clear_url_caches()


@pytest.fixture
def stage(demo_mode: None, data_directory: Path) -> Stage:
    """Found the schools and play the main job."""
    return again("demo stage", _played)


def _played() -> Stage:
    start = datetime.now(UTC).replace(microsecond=0)
    stage = stage_found(start)
    lists_republish(start)
    for _step in main_job(stage, at=start):
        pass
    return stage


class TestOutsideTheDemo:
    def test_has_no_addresses(self, client: Client) -> None:
        assert client.get("/demo").status_code == 404
        assert client.post("/demo/sign-in", {"player": "itzel"}).status_code == 404

    def test_stays_closed_even_if_somebody_mounts_it(
        self, client: Client, demo_mode: None, settings: LazySettings
    ) -> None:
        settings.INSIGNIA_DEMO = False
        assert client.get("/demo").status_code == 404
        assert client.post("/demo/sign-in", {"player": "itzel"}).status_code == 404


class TestSignIn:
    def test_lets_anyone_be_each_of_the_people(self, demo_mode: None) -> None:
        stage = stage_found(datetime.now(UTC))
        for player in PLAYERS:
            client = Client()
            answer = client.post("/demo/sign-in", {"player": player.key})
            assert (answer.status_code, answer["Location"]) == (303, "/")
            assert client.get("/").wsgi_request.user == stage.people[player.key]

    def test_changes_from_one_person_to_another(self, client: Client, stage: Stage) -> None:
        client.post("/demo/sign-in", {"player": "itzel"})
        client.post("/demo/sign-in", {"player": "samuel"})
        assert client.get("/").wsgi_request.user == stage.people["samuel"]

    def test_knows_nobody_else(self, client: Client, stage: Stage) -> None:
        for key in ("", "nobody", "itzel@quillwater.example", "itzel\x00", "ITZEL"):
            assert client.post("/demo/sign-in", {"player": key}).status_code == 404
            assert "_auth_user_id" not in client.session

    def test_is_never_a_link(self, client: Client, stage: Stage) -> None:
        assert client.get("/demo/sign-in", {"player": "itzel"}).status_code == 405

    def test_asks_for_the_token_of_its_own_form(self, stage: Stage) -> None:
        strict = Client(enforce_csrf_checks=True)
        assert strict.post("/demo/sign-in", {"player": "itzel"}).status_code == 403


class TestPage:
    def test_shows_every_letter_as_its_reader_gets_it(self, client: Client, stage: Stage) -> None:
        text = client.get("/demo").content.decode()
        assert "itzel@quillwater.example" in text
        assert re.search(r'href="https?://[^"]*/claim/[A-Za-z0-9_-]{43}"', text)
        assert "{{" not in text

    def test_is_empty_of_letters_with_a_sentence_before_anything_happened(
        self, client: Client, demo_mode: None
    ) -> None:
        answer = client.get("/demo")
        assert answer.status_code == 200
        assert b"No mail yet." in answer.content

    def test_leads_only_to_addresses_that_are_there(self, client: Client, stage: Stage) -> None:
        main = client.get("/demo").content.decode().partition("<main")[2].partition("</main>")[0]
        addresses = set(ADDRESS.findall(main))
        assert any(address.startswith("/awards/") and not address.endswith(".png") for address in addresses)
        for address in addresses:
            assert client.get(address).status_code == 200, address

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_speaks_of_people_in_the_visitors_language(self, client: Client, stage: Stage, language: str) -> None:
        client.cookies["language"] = language
        text = client.get("/demo").content.decode()
        assert all(player.name in text for player in PLAYERS)
        assert ("Evaluadora, trabaja en español." in text) == (language == "es")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestPageInBrowser:
    @every_look
    def test_is_accessible(
        self,
        stage: Stage,
        open_page: Opener,
        shoot: Shoot,
        look: Look,
    ) -> None:
        page = open_page("/demo", look=look)
        page.locator("main details").first.locator("summary").click()
        accessible(page)
        shoot(page, f"demo-{look.name}")

    def test_signs_in_by_a_button_without_scripts(self, stage: Stage, open_page: Opener) -> None:
        page = open_page("/demo", javascript=False)
        page.get_by_role("button", name="Sign in as Samuel Okafor").click()
        page.wait_for_url("**/")
        assert "Samuel Okafor" in page.content()
