"""The shell in a real browser: accessible, by keyboard, without script, and by passkey."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import clear_url_caches, include, path
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from insignia.web import urls
from tests.browser import ALL_LOOKS, LOOKS, PHONE, Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.factories import make_member, make_organization, make_person
from tests.platform.web.test_sign_in import newest_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHELL = {"home": "/", "sign-in": "/sign-in", "sign-up": "/sign-up", "not-found": "/no-such-page"}


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Start each test with unused rate limits."""
    cache.clear()


@pytest.fixture
def styleguide_mounted() -> Iterator[None]:
    """Mount the styleguide, which only demo and debug mode do."""
    added = path("", include("insignia.web.styleguide.urls"))
    urls.urlpatterns.append(added)
    clear_url_caches()
    yield
    urls.urlpatterns.remove(added)
    clear_url_caches()


class TestShell:
    """Every page of the shell, in four looks."""

    @every_look
    def test_is_accessible(
        self,
        open_page: Opener,
        shoot: Shoot,
        look: Look,
    ) -> None:
        """Axe finds nothing; nothing scrolls sideways."""
        page = open_page("/", look=look)
        for name, address in SHELL.items():
            page.goto(address)
            accessible(page)
            shoot(page, f"shell-{name}-{look.name}")

    @pytest.mark.parametrize("look", ALL_LOOKS, ids=attrgetter("name"))
    def test_styleguide_is_accessible(
        self,
        styleguide_mounted: None,
        open_page: Opener,
        shoot: Shoot,
        look: Look,
    ) -> None:
        """Every component, in every look."""
        page = open_page("/styleguide", look=look)
        accessible(page)
        shoot(page, f"styleguide-{look.name}")

    def test_own_pages_are_accessible(self, open_page: Opener, shoot: Shoot, live_server: LiveServer) -> None:
        """The account's pages, signed in, with a menu of several roles."""
        organization = make_organization()
        person = make_member(organization, "owner", "assessor", name="Priscilla Yazzie-Featherstonehaugh")
        for look in LOOKS:
            page = open_page("/", look=look)
            sign_in(page.context, person, live_server)
            for name in ("account", "account/addresses", "account/security", "account/passkeys/add"):
                page.goto(f"/{name}")
                page.locator("details.menu summary").click()
                accessible(page)
                shoot(page, f"{name.replace('/', '-')}-{look.name}")

    def test_looks_right_at_400_percent(self, styleguide_mounted: None, open_page: Opener) -> None:
        """A window of 320 pixels (1280 at 400 %) scrolls one way only."""
        for address in ("/", "/sign-in", "/styleguide"):
            accessible(open_page(address, viewport={"width": 320, "height": 640}))

    def test_colours_follow_the_machine_unless_chosen(self, open_page: Opener) -> None:
        """`auto` is dark on a dark machine; `light` stays light there."""

        def ground(page: Page) -> str:
            return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

        dark = ground(open_page("/", theme="auto", scheme="dark"))
        assert dark == ground(open_page("/", theme="dark", scheme="light"))
        assert dark != ground(open_page("/", theme="light", scheme="dark"))

    def test_has_its_own_letters(self, open_page: Opener) -> None:
        """The vendored fonts load under the policy, and no other host is asked."""
        page = open_page("/")
        hosts: list[str] = page.evaluate("performance.getEntriesByType('resource').map(e => new URL(e.name).host)")
        assert {host.split(":")[0] for host in hosts} == {"localhost"}
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible Next\"')")
        assert page.evaluate("document.fonts.check('16px \"Source Serif 4\"')")

    def test_draws_its_icons(self, open_page: Opener) -> None:
        """A sprite from the same origin is shown under the policy."""
        page = open_page("/sign-in")
        box = page.evaluate("document.querySelector('.brandmark use').getBBox().width")
        assert box > 10


class TestKeyboard:
    """Without a mouse."""

    def test_first_stop_is_the_skip_link(self, open_page: Opener) -> None:
        """Tab shows it, Enter jumps to the content, the next Tab is inside it."""
        page = open_page("/sign-in")
        page.keyboard.press("Tab")
        skip = page.locator("a.skip")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator("#id_email")).to_be_focused()

    def test_focus_is_seen(self, open_page: Opener) -> None:
        """Whatever has focus wears the two rings."""
        page = open_page("/sign-in")
        for _stop in range(8):
            page.keyboard.press("Tab")
            ring = page.evaluate("getComputedStyle(document.activeElement).outline")
            assert "solid 3px" in ring

    def test_menu_opens_and_closes(self, open_page: Opener) -> None:
        """Enter opens, Escape closes and gives the focus back."""
        page = open_page("/", viewport=PHONE)
        summary = page.locator("details.menu summary")
        summary.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".menu-panel")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".menu-panel")).to_be_hidden()
        expect(summary).to_be_focused()

    def test_error_summary_takes_the_focus_and_leads_to_the_field(self, open_page: Opener) -> None:
        """What needs mending is read first; its link goes where it can be mended."""
        page = open_page("/sign-in")
        page.fill("#id_email", "ana@@school")
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.locator(".error-summary")).to_be_focused()
        assert page.title().startswith("Error: ")
        page.locator(".error-summary a").click()
        expect(page.locator("#id_email")).to_be_focused()
        expect(page.locator("#id_email")).to_have_value("ana@@school")


class TestWithoutScript:
    """JavaScript off."""

    def test_menu_theme_and_language_work(self, open_page: Opener) -> None:
        """The phone's menu opens, the theme changes, the page speaks Spanish."""
        page = open_page("/", viewport=PHONE, javascript=False)
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Dark").click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Español").click()
        expect(page.locator("html")).to_have_attribute("lang", "es")

    def test_sign_in_by_code_works(self, open_page: Opener) -> None:
        """The whole of it, on a phone."""
        person = make_person()
        page = open_page("/account", viewport=PHONE, javascript=False)
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_role("button", name="Mail me a code").click()
        page.get_by_label("Code", exact=True).fill(newest_code())
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("My account")

    def test_offers_no_passkey_it_cannot_use(self, open_page: Opener) -> None:
        """The passkey button needs script, so it is not there."""
        page = open_page("/sign-in", javascript=False)
        expect(page.get_by_role("button", name="passkey")).to_have_count(0)


class TestPasskey:
    """A passkey from a virtual authenticator, under the strict policy."""

    def test_is_added_and_signs_in(self, open_page: Opener, shoot: Shoot, live_server: LiveServer) -> None:
        """Code, passkey, recovery codes; sign out; passkey alone signs in."""
        person = make_person()
        page = open_page("/sign-in")
        authenticator(page)
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_role("button", name="Mail me a code").click()
        shoot(page, "sign-in-code-wide-light")
        accessible(page)
        page.get_by_label("Code", exact=True).fill(newest_code())
        page.get_by_role("button", name="Continue").click()

        page.goto("/account/passkeys/add")
        page.get_by_label("Name of this passkey").fill("school laptop")
        page.get_by_role("button", name="Add this passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
        expect(page.locator("#codes li")).to_have_count(10)
        accessible(page)
        shoot(page, "recovery-codes-wide-light")
        assert Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).count() == 1
        page.goto("/account/passkeys")
        expect(page.get_by_text("school laptop").first).to_be_visible()
        accessible(page)

        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.goto("/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(live_server.url + "/")
        page.goto("/account")
        expect(page.get_by_role("heading", level=1)).to_have_text("My account")

    def test_is_asked_for_after_a_mailed_code(self, open_page: Opener) -> None:
        """Who has a passkey needs it, or a recovery code, beside the mailed code."""
        person = make_person()
        page = open_page("/sign-in")
        authenticator(page)
        code_sign_in(page, person.email)
        page.goto("/account/passkeys/add")
        page.get_by_role("button", name="Add this passkey").click()
        recovery = page.locator("#codes li").first.inner_text()

        other = open_page("/sign-in", viewport=PHONE)
        code_sign_in(other, person.email)
        expect(other.get_by_role("heading", level=1)).to_have_text("One more step")
        accessible(other)
        other.get_by_label("Recovery code").fill(recovery)
        other.get_by_role("button", name="Continue").click()
        other.goto("/account")
        expect(other.get_by_role("heading", level=1)).to_have_text("My account")

    def test_says_so_when_it_is_not_used(self, open_page: Opener) -> None:
        """A ceremony that comes to nothing leaves a sentence, not silence."""
        page = open_page("/sign-in")
        authenticator(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert").filter(has_text="The passkey was not used")).to_be_visible()


def code_sign_in(page: Page, email: str) -> None:
    """Sign in by mailed code."""
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("Code", exact=True).fill(newest_code())
    page.get_by_role("button", name="Continue").click()
    expect(page).not_to_have_url("/sign-in/code")


def authenticator(page: Page) -> None:
    """Give the page a virtual authenticator that verifies its holder and keeps passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
