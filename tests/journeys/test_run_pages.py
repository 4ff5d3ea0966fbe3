"""A registrar gives a badge to a class list in a browser: looks first, starts, watches, takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from insignia.awards.models import Award
from insignia.runs.models import Run
from insignia.runs.services import run_converge
from tests.browser import Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.runs.world import RunWorld, make_run_world
from tests.platform.web.award_world import now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = """Full name\tE-mail\tDate
Ana Peña Featherstonehaugh-Marroquín y de la Vega\tana@school.example\t2026-03-14
Luis Gil\tluis@@school\t2026-03-14
Mai Nguyen\tmai@school.example\t
Mai Nguyen\tmai@school.example\t
"""


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"
    cache.clear()


@pytest.fixture
def world() -> RunWorld:
    return make_run_world()


def until_nothing_moves() -> None:
    while run_converge(now()):
        pass


@every_look
class TestLooks:
    """Every page of runs, in two looks: everything differs between them."""

    def test_every_page_is_accessible(
        self,
        world: RunWorld,
        open_page: Opener,
        shoot: Shoot,
        live_server: LiveServer,
        look: Look,
    ) -> None:
        """Along the whole way: nothing here yet, a mistake, columns, dry run, running, done, row by row."""
        own = f"/o/{world.school.organization.slug}/runs"
        page = open_page("/", look=look)
        sign_in(page.context, world.school.registrar, live_server)

        def seen(name: str) -> None:
            accessible(page)
            shoot(page, f"run-{name}-{look.name}")

        page.goto(own)
        seen("none")
        page.goto(f"{own}/new")
        page.locator("form[enctype] button").click()
        expect(page.locator(".error-summary")).to_be_focused()
        seen("new-mistake")
        page.locator("#id_badge").select_option(str(world.version.public_id))
        page.locator("#id_pasted").fill(LIST)
        page.locator("form[enctype] button").click()
        seen("columns")
        expect(page.locator("#id_name")).to_have_value("Full name")
        page.locator("form.form button").click()
        seen("looking")
        until_nothing_moves()
        expect(page.locator("#reasons")).to_be_visible()
        seen("found")
        address = page.url
        page.locator("form[action$='/start'] button").click()
        seen("running")
        until_nothing_moves()
        expect(page.locator("form[action$='/pause']")).to_have_count(0)
        seen("finished")
        page.goto(f"{address}/rows")
        seen("rows")
        page.goto(own)
        seen("list")

    def test_the_exception_is_accessible(
        self,
        world: RunWorld,
        open_page: Opener,
        shoot: Shoot,
        live_server: LiveServer,
        look: Look,
    ) -> None:
        run = world.checked([{"Name": "Ana", "E-mail": "ana@school.example"}], version=world.school.version)
        page = open_page("/", look=look)
        sign_in(page.context, world.school.registrar, live_server)
        page.goto(f"/o/{world.school.organization.slug}/runs/{run.public_id}")
        page.locator("form[action$='/override'] button").click()
        expect(page.locator(".error-summary")).to_be_focused()
        accessible(page)
        shoot(page, f"run-exception-{look.name}")


class TestJourney:
    """From a list to badges and back."""

    def test_takes_a_file_and_everything_back(
        self, world: RunWorld, open_page: Opener, live_server: LiveServer, tmp_path: Path
    ) -> None:
        file = tmp_path / "people.csv"
        file.write_text("Name;E-mail\nAna;ana@school.example\nLuis;luis@school.example\n")
        page = open_page("/")
        sign_in(page.context, world.school.registrar, live_server)
        page.goto(f"/o/{world.school.organization.slug}/runs")
        page.get_by_role("link", name="Give a badge to many").click()
        page.get_by_label("Badge", exact=True).select_option(label="Took part")
        page.locator("#id_file").set_input_files(str(file))
        page.get_by_role("button", name="Look at the table").click()
        page.get_by_role("button", name="Look at every row").click()
        until_nothing_moves()
        expect(page.get_by_text("2 rows ready, 0 not. Nothing has been sent.")).to_be_visible()
        page.get_by_role("button", name="Give 2 badges").click()
        expect(page.get_by_role("heading", name="Being signed")).to_be_visible()
        until_nothing_moves()
        expect(page.get_by_text("2 badges go out at")).to_be_visible()
        page.get_by_role("button", name="Undo all of it").click()
        until_nothing_moves()
        expect(page.get_by_text("Taken back. No mail goes out, and what was signed is revoked.")).to_be_visible()
        assert set(Award.objects.values_list("state", flat=True)) == {"revoked"}

    def test_needs_no_script(self, world: RunWorld, open_page: Opener, live_server: LiveServer) -> None:
        page = open_page("/", javascript=False)
        sign_in(page.context, world.school.registrar, live_server)
        page.goto(f"/o/{world.school.organization.slug}/runs/new")
        page.locator("#id_badge").select_option(str(world.version.public_id))
        page.locator("#id_pasted").fill("ana@school.example")
        page.get_by_role("button", name="Look at the table").click()
        page.get_by_role("button", name="Look at every row").click()
        assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "5"
        until_nothing_moves()
        page.reload()
        page.get_by_role("button", name="Give one badge").click()
        until_nothing_moves()
        page.reload()
        expect(page.get_by_role("heading", name="Finished")).to_be_visible()
        assert Run.objects.get().issued == 1
