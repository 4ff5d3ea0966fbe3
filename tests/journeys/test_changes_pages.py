"""Correcting, renewing and changing many in a browser: accessible in two looks, and without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from insignia.achievements.rules import Renewal
from insignia.awards.credential import said_by
from insignia.awards.models import Award
from insignia.awards.rules import Said
from insignia.awards.selection import Selection
from insignia.awards.selectors import award_by_id, document_current, document_json
from insignia.awards.services import award_correct, awards_change_many, mass_changes_converge
from tests.browser import Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.awards.world import World, make_world
from tests.platform.web.award_world import make_award, now

LONG_AGO = now() - timedelta(days=50)
"""What holds for two months and was given then is due for renewal."""
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"
    cache.clear()


@pytest.fixture
def world() -> World:
    return make_world(months=2, renewal=Renewal.ATTESTATION, at=LONG_AGO)


def renamed(world: World, award: Award, name: str) -> None:
    before = said_by(document_json(award_by_id(award.public_id), document_current(award)))
    said = Said(name, before.awarded_at, before.valid_from, before.valid_until)
    award_correct(award_id=award.public_id, said=said, reason="Misspelt", actor=world.registrar_acts, at=now())


@every_look
class TestLooks:
    def test_pages_are_accessible(
        self,
        world: World,
        open_page: Opener,
        shoot: Shoot,
        live_server: LiveServer,
        look: Look,
    ) -> None:
        award, other = make_award(world, visibility="public"), make_award(world, name="Noor Haddad", at=LONG_AGO)
        renamed(world, award, "Itzel Marroquín Núñez")
        change = awards_change_many(
            organization=world.organization,
            selection=Selection(ids=(other.public_id,)),
            change="suspended",
            reason="A question",
            actor=world.registrar_acts,
            at=now(),
        )
        page = open_page("/", look=look)
        sign_in(page.context, world.registrar, live_server)
        base, day = f"/o/{world.organization.slug}/awards", (now() - timedelta(days=9)).date()
        for name, address in {
            "register-corrected": f"{base}/{award.public_id}?on={day}",
            "correction": f"{base}/{award.public_id}/correction",
            "many-first": f"{base}/many",
            "many": f"{base}/many?change=revoked",
            "many-change": f"{base}/changes/{change.public_id}",
            "ending": f"{base}/ending",
            "award-corrected": f"/awards/{award.public_id}?on={day}",
        }.items():
            page.goto(address)
            accessible(page)
            shoot(page, f"{name}-{look.name}")


class TestCorrection:
    def test_takes_three_steps_and_no_script(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        award = make_award(world, visibility="public")
        first = open_page("/", javascript=False)
        sign_in(first.context, world.registrar, live_server)
        page = open_page(f"/o/{world.organization.slug}/awards/{award.public_id}", context=first.context)
        page.get_by_role("link", name="Correct", exact=True).click()
        page.get_by_label("Name on the badge").fill("Itzel Marroquín Núñez")
        page.get_by_label("Reason").fill("The name was misspelt.")
        page.get_by_role("button", name="See what changes").click()
        expect(page.get_by_text("The earlier copy stays true")).to_be_visible()
        page.get_by_role("button", name="Correct and sign").click()
        expect(page.get_by_text("Corrected: the name.")).to_be_visible()


class TestMany:
    def test_follows_what_is_chosen_and_keeps_what_is_typed(
        self, world: World, open_page: Opener, live_server: LiveServer
    ) -> None:
        """By keyboard: the count, the words and the button are of the change chosen now; the address too."""
        make_award(world)
        first = open_page("/")
        sign_in(first.context, world.registrar, live_server)
        page = open_page(f"/o/{world.organization.slug}/awards/many", context=first.context)
        page.get_by_label("What is to happen?").select_option("suspended")
        expect(page.get_by_role("heading", name="One badge is meant")).to_be_visible()
        page.get_by_label("Reason").fill("A question is being looked into")
        page.get_by_label("What is to happen?").focus()
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("button", name="Revoke them for good")).to_be_visible()
        expect(page.get_by_label("Reason")).to_have_value("A question is being looked into")
        assert "change=revoked" in page.url
        accessible(page)
        page.get_by_label("What is to happen?").select_option("reinstated")
        expect(page.get_by_role("heading", name="No badge is meant")).to_be_visible()
        accessible(page)
        page.get_by_label("What is to happen?").select_option("suspended")
        expect(page.get_by_label("Reason")).to_have_value("A question is being looked into")

    def test_shows_its_progress_by_itself(self, world: World, open_page: Opener, live_server: LiveServer) -> None:
        make_award(world)
        first = open_page("/")
        sign_in(first.context, world.registrar, live_server)
        page = open_page(f"/o/{world.organization.slug}/awards/many", context=first.context)
        page.get_by_label("What is to happen?").select_option("suspended")
        page.get_by_role("button", name="See how many").click()
        expect(page.get_by_role("heading", name="One badge is meant")).to_be_visible()
        page.get_by_label("Reason").fill("A question is being looked into")
        page.get_by_role("button", name="Pause them").click()
        expect(page.get_by_text("0 of 1")).to_be_visible()
        mass_changes_converge(now())
        expect(page.get_by_text("Done")).to_be_visible()
        expect(page.get_by_text("1 of 1")).to_be_visible()
