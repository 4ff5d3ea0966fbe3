"""Award, claim, links, register, issuer and check in a browser: accessible, by keyboard, without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from insignia.audit.actor import Actor
from insignia.awards.selectors import award_json, award_public
from insignia.awards.services import evidence_visibility_set, share_create
from insignia.issuing.models import SigningKey
from insignia.issuing.services import key_rotate
from tests.browser import LOOKS, PHONE, PICTURES, SCREENSHOTS, Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.awards.world import World, make_decision
from tests.platform.factories import make_member, make_organization, make_person, owner_of
from tests.platform.web.award_world import (
    claim_address,
    make_award,
    make_past_world,
    make_revoked,
    make_suspended,
    minor_born,
    now,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"
    cache.clear()


@pytest.fixture
def world() -> World:
    return make_past_world()


@every_look
class TestLooks:
    """Every page of these areas, in two looks: everything differs between them."""

    def test_public_pages_are_accessible(
        self,
        world: World,
        open_page: Opener,
        shoot: Shoot,
        look: Look,
    ) -> None:
        award = make_award(world, visibility="public")
        learner = Actor.person(owner_of(award))
        evidence_visibility_set(award_id=award.public_id, number=1, shared=True, actor=learner, at=now())
        share = share_create(award_id=award.public_id, actor=learner, at=now())
        pages = {
            "award": f"/awards/{award.public_id}",
            "award-checks": f"/awards/{award.public_id}/checks",
            "award-evidence": f"/awards/{award.public_id}/evidence/1",
            "award-revoked": f"/awards/{make_revoked(world).public_id}",
            "award-suspended": f"/awards/{make_suspended(world).public_id}",
            "award-share": share.path,
            "claim": claim_address(make_award(world)),
            "verify": "/verify",
            "issuers": "/issuers",
            "issuer": f"/issuers/{world.issuer.public_id}",
        }
        page = open_page("/", look=look)
        for name, address in pages.items():
            if look.viewport == PHONE and name in {"issuers", "issuer", "award-suspended", "award-share"}:
                continue  # built of the same parts as the others
            page.goto(address)
            accessible(page)
            shoot(page, f"{name}-{look.name}")

    def test_own_pages_are_accessible(
        self,
        world: World,
        open_page: Opener,
        shoot: Shoot,
        live_server: LiveServer,
        look: Look,
    ) -> None:
        award = make_award(world, visibility="public", name="Ana-Sofía Featherstonehaugh-Lindqvist y Marroquín")
        page = open_page("/", look=look)
        sign_in(page.context, award.learner, live_server)
        share_create(award_id=award.public_id, actor=Actor.person(owner_of(award)), at=now(), label="Admissions")
        for name, address in {
            "my-badges": "/my/badges",
            "my-shares": "/my/shares",
            "share-new": f"/my/badges/{award.public_id}/share",
            "award-choices": f"/my/badges/{award.public_id}/who-sees-it",
            "award-own": f"/awards/{award.public_id}",
        }.items():
            page.goto(address)
            accessible(page)
            shoot(page, f"{name}-{look.name}")

    def test_registrars_pages_are_accessible(
        self,
        world: World,
        open_page: Opener,
        shoot: Shoot,
        live_server: LiveServer,
        look: Look,
    ) -> None:
        award, suspended = make_award(world), make_suspended(world)
        make_decision(world, learner=make_person("Tobias Lindqvist-Osei"), at=now() - timedelta(hours=1))
        owner = make_member(world.organization, "owner", name="Dolores Ibarra")
        key_rotate(issuer=world.issuer, actor=Actor.person(owner), at=now())
        page = open_page("/", look=look)
        sign_in(page.context, owner, live_server)
        school = world.organization.slug
        old = SigningKey.objects.filter(retired_at__isnull=False)[0]
        for name, address in {
            "register": f"/o/{school}/awards",
            "register-none": f"/o/{school}/awards?q=nobody",
            "register-award": f"/o/{school}/awards/{suspended.public_id}",
            "register-revoke": f"/o/{school}/awards/{award.public_id}/revoke",
            "issuer-settings": f"/o/{school}/issuer",
            "issuer-rotate": f"/o/{school}/issuer/rotate",
            "issuer-withdraw": f"/o/{school}/issuer/keys/{old.public_id}/withdraw",
        }.items():
            page.goto(address)
            accessible(page)
            shoot(page, f"{name}-{look.name}")


class TestEmpty:
    """Pages with nothing on them yet."""

    def test_teach_the_first_step(self, open_page: Opener, shoot: Shoot, live_server: LiveServer) -> None:
        school = make_organization()
        person = make_member(school, "owner", name="Dolores Ibarra")
        page = open_page("/", viewport=PHONE)
        sign_in(page.context, person, live_server)
        for name, address in {
            "my-badges": "/my/badges",
            "my-shares": "/my/shares",
            "register": f"/o/{school.slug}/awards",
            "issuer-settings": f"/o/{school.slug}/issuer",
            "issuers": "/issuers",
        }.items():
            page.goto(address)
            accessible(page)
            shoot(page, f"empty-{name}")

    def test_first_key_is_made_by_one_button(
        self, open_page: Opener, shoot: Shoot, live_server: LiveServer
    ) -> None:
        school = make_organization()
        first = open_page("/")
        sign_in(first.context, make_member(school, "owner"), live_server)
        page = open_page(f"/o/{school.slug}/issuer", context=first.context)
        page.get_by_role("button", name="Create a key").click()
        expect(page.get_by_text("We can sign")).to_be_visible()
        accessible(page)
        shoot(page, "issuer-first-key")


class TestClaim:
    """From the mail's link to a badge that is kept and shown."""

    def test_takes_two_clicks_without_script_or_account(
        self, world: World, open_page: Opener, shoot: Shoot
    ) -> None:
        award = make_award(world)
        page = open_page(claim_address(award), viewport=PHONE, javascript=False)
        page.get_by_role("button", name="Keep this badge").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("It is yours. Who sees it?")
        shoot(page, "claim-choices-phone")
        page.get_by_label("Everyone who has its address").check()
        page.get_by_label("Recording of the talk").check()
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="See the page as others do").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Scientific Communication")
        expect(page.get_by_role("link", name="Recording of the talk")).to_be_visible()
        page.get_by_role("link", name="Recording of the talk").click()
        expect(page.get_by_text("secret words of piece 1")).to_be_visible()

    def test_offers_a_minor_only_what_is_allowed(self, world: World, open_page: Opener, shoot: Shoot) -> None:
        award = make_award(world, born_on=minor_born(), name="Mai Nguyen")
        page = open_page(claim_address(award), viewport=PHONE)
        page.get_by_role("button", name="Keep this badge").click()
        expect(page.get_by_text("Your guardian has to agree first.")).to_be_visible()
        expect(page.get_by_role("radio")).to_have_count(1)
        accessible(page)
        shoot(page, "claim-minor-phone")


class TestShare:
    """Showing one badge to one person."""

    def test_takes_three_clicks_and_ends_in_one(
        self, world: World, open_page: Opener, shoot: Shoot, live_server: LiveServer
    ) -> None:
        award = make_award(world)
        first = open_page("/")
        sign_in(first.context, award.learner, live_server)
        page = open_page("/my/badges", context=first.context)
        page.get_by_role("link", name="Scientific Communication", exact=True).click()
        page.get_by_role("link", name="Share", exact=True).click()
        page.get_by_label("For whom?").fill("Admissions")
        page.get_by_role("button", name="Create link").click()
        link = page.locator("#fresh-link").inner_text()
        shoot(page, "my-shares-fresh")
        accessible(page)
        stranger = open_page(link.replace(live_server.url, ""), viewport=PHONE)
        expect(stranger.get_by_role("heading", level=1)).to_have_text("Scientific Communication")
        page.get_by_role("button", name="End Admissions").click()
        expect(page.get_by_text("Ended by you")).to_be_visible()
        stranger.reload()
        expect(stranger.get_by_text("The owner ended this share. Ask them for another.")).to_be_visible()
        shoot(stranger, "share-ended-phone")


class TestRevoke:
    """A registrar takes a badge back."""

    def test_shows_what_a_checker_will_read_while_it_is_written(
        self, world: World, open_page: Opener, shoot: Shoot, live_server: LiveServer
    ) -> None:
        award = make_award(world, visibility="public")
        first = open_page("/")
        sign_in(first.context, world.registrar, live_server)
        page = open_page(f"/o/{world.organization.slug}/awards/{award.public_id}", context=first.context)
        page.get_by_role("link", name="Revoke").click()
        page.get_by_label("Reason").press_sequentially("Issued in error", delay=5)
        expect(page.locator("#preview")).to_contain_text("Issued in error. It no longer counts.")
        expect(page.get_by_label("Reason")).to_have_value("Issued in error")
        page.get_by_role("button", name="Revoke for good").click()
        expect(page.locator("#main")).to_contain_text("Whoever checks it reads date and reason from now on.")
        public = open_page(f"/awards/{award.public_id}")
        expect(public.locator(".validity")).to_contain_text("Revoked on")
        above = public.evaluate(
            "document.querySelector('.validity').getBoundingClientRect().top"
            " < document.querySelector('.record-head').getBoundingClientRect().top"
        )
        assert above


class TestVerify:
    """A stranger checks a badge."""

    def test_tells_a_changed_file_from_a_sound_one(self, world: World, open_page: Opener, shoot: Shoot) -> None:
        award = make_award(world)
        raw = award_json(award_public(award_id=award.public_id, viewer=award.learner, on=now()))
        page = open_page("/verify")
        page.get_by_label("Or its text").fill(raw.decode())
        page.get_by_role("button", name="Check it").click()
        expect(page.locator(".validity")).to_contain_text("Valid.")
        accessible(page)
        shoot(page, "verify-valid-wide")
        for look in LOOKS:
            page = open_page("/verify", look=look)
            page.locator("#id_text").fill(raw.decode().replace("Itzel", "Ritzel"))
            page.locator("#main form .button").click()
            expect(page.locator(".check").first.locator(".is-bad")).to_be_visible()
            accessible(page)
            shoot(page, f"verify-changed-{look.name}")

    def test_keeps_what_was_typed_and_says_what_is_wrong(self, open_page: Opener, shoot: Shoot) -> None:
        page = open_page("/verify", viewport=PHONE)
        page.get_by_label("Or its address").fill("https://127.0.0.1/badge")
        page.get_by_role("button", name="Check it").click()
        expect(page.locator(".error-summary")).to_be_focused()
        expect(page.get_by_label("Or its address")).to_have_value("https://127.0.0.1/badge")
        accessible(page)
        shoot(page, "verify-error-phone")

    def test_works_by_keyboard_alone(self, open_page: Opener) -> None:
        page = open_page("/verify")
        page.get_by_label("Or its text").focus()
        page.keyboard.type("hello")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".validity")).to_contain_text("Invalid.")


class TestPrint:
    """The proof on paper."""

    def test_has_code_date_and_one_column(self, world: World, open_page: Opener, shoot: Shoot) -> None:
        award = make_award(world, visibility="public")
        page = open_page(f"/awards/{award.public_id}")
        page.emulate_media(media="print")
        expect(page.get_by_text("As of")).to_be_visible()
        expect(page.locator("img.code")).to_be_visible()
        expect(page.locator(".masthead nav").first).to_be_hidden()
        assert page.evaluate("getComputedStyle(document.querySelector('.split')).display") == "block"
        shoot(page, "award-print")
        if PICTURES:
            page.pdf(path=str(SCREENSHOTS / "award-print.pdf"), format="A4")
