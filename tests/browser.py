"""A real headless Chromium and a real server for it, shared by the tests of pages and of journeys.

`tests/conftest.py` takes them in once; tests ask for the fixtures `page`, `open_page`, `shoot`.
`every_look` runs a test once for each way a page may look.
Pages are served on `localhost`, because browsers take passkeys there without TLS.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import axe_playwright_python.base
import pytest
from axe_playwright_python.base import AXE_FILE_NAME, AxeResults
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

__all__ = [
    "PHONE",
    "WIDE",
    "accessible",
    "axe_served",
    "browser_",
    "context",
    "every_look",
    "open_page",
    "page",
    "shoot",
    "sign_in",
]

# The same engine without the frame around it takes half the processor time; the whole browser serves as well.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("INSIGNIA_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), "")
SCREENSHOTS = Path(__file__).parents[1] / "build" / "screenshots"
WIDE = {"width": 1200, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Look:
    """One way to look at a page: how wide, light or dark, in which language."""

    viewport: dict[str, int]
    theme: str
    language: str

    @property
    def name(self) -> str:
        """Name it, as in the names of pictures: `phone-dark-es`."""
        return f"{'phone' if self.viewport == PHONE else 'wide'}-{self.theme}-{self.language}"


PICTURES = os.environ.get("INSIGNIA_PICTURES") == "all"
"""Whether to keep a picture of every page, for people to look at (`make looks`)."""

# Between the first two everything differs: width, colours and language are each checked in both their ways. The
# other two put the same parts together once more. They are for the eye, and for what only they show: a part that a
# telephone hides has its colours in the dark checked by `make looks` alone.
LOOKS = [Look(WIDE, "light", "en"), Look(PHONE, "dark", "es")]
ALL_LOOKS = [*LOOKS, Look(WIDE, "dark", "es"), Look(PHONE, "light", "en")]
every_look = pytest.mark.parametrize("look", ALL_LOOKS if PICTURES else LOOKS, ids=attrgetter("name"))

# Only what is wrong is brought over: the lists of all that is right cost more than finding them. What axe would
# load before (style sheets, films), only its rules about turned screens and sound ask for; we have neither, and
# no frames. A selector for each element it looked at is wanted only where something is wrong.
AXE = Path(axe_playwright_python.base.__file__).with_name(AXE_FILE_NAME)
ASK_AXE = """async () => {
    const asked = {resultTypes: ['violations'], preload: false, iframes: false}
    const quick = await axe.run({...asked, selectors: false, elementRef: false})
    return {violations: quick.violations.length ? (await axe.run(asked)).violations : []}
}"""

PATIENCE = 12_000  # ms until an expectation gives up: a busy machine is no defect

Opener = Callable[..., Page]
Shoot = Callable[[Page, str], None]


@pytest.fixture(scope="session")
def axe_served() -> None:
    """Let pages have axe from their own server, as their policy asks; the browser then compiles it once."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finder

    settings.STATICFILES_DIRS = [str(AXE.parent)]
    get_finder.cache_clear()  # type: ignore[attr-defined]  # it remembers which folders there were


@pytest.fixture(scope="session")
def browser_(axe_served: None) -> Iterator[Browser]:
    """Start Debian's Chromium once; where there is none, skip with the reason, in CI fail."""
    if not shutil.which(CHROMIUM):
        reason = f"no browser{f' at {CHROMIUM}' if CHROMIUM else ''}: apt-get install chromium-headless-shell"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    _ = axe_served
    # Playwright's own loop runs in this thread; the ORM of the tests is used beside it, never inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser_: Browser, live_server: LiveServer) -> Iterator[Opener]:
    """Give `open_page(path="/", viewport=WIDE, theme="auto", language="en", scheme="light", context=None)`.

    A `look` says three of them at once. Each call without `context` is a new visitor. A console error, a refused
    resource (a break of the Content-Security-Policy shows as one) or a script error fails the test at its end.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opener(
        path: str = "/",
        *,
        look: Look | None = None,
        viewport: dict[str, int] = WIDE,
        theme: str = "auto",
        language: str = "en",
        scheme: str = "light",
        javascript: bool = True,
        context: BrowserContext | None = None,
    ) -> Page:
        if look is not None:
            viewport, theme, language = look.viewport, look.theme, look.language
        if context is None:
            context = browser_.new_context(
                viewport={"width": viewport["width"], "height": viewport["height"]},
                base_url=live_server.url,
                color_scheme="dark" if scheme == "dark" else "light",
                java_script_enabled=javascript,
                locale=language,
            )
            contexts.append(context)
            context.add_cookies(
                [
                    {"name": "theme", "value": theme, "url": live_server.url},
                    {"name": "language", "value": language, "url": live_server.url},
                ]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: _complaint(said.type, said.text, problems))
        page.goto(path)
        return page

    yield opener
    for made in contexts:
        made.close()
    assert not problems, problems


def _complaint(kind: str, text: str, problems: list[str]) -> None:
    # Chromium reports an answer of 4xx as a console error; tests ask for those on purpose.
    if kind == "error" and "Failed to load resource: the server responded with a status of 4" not in text:
        problems.append(text)


@pytest.fixture
def page(open_page: Opener) -> Page:
    """Give one visitor's page at the start page."""
    return open_page()


@pytest.fixture
def context(page: Page) -> BrowserContext:
    """Give the visitor behind `page`."""
    return page.context


@pytest.fixture
def shoot() -> Shoot:
    """Give `shoot(page, name)`: a whole-page picture where pictures are wanted, else nothing."""
    return photograph if PICTURES else lambda page, name: None  # noqa: ARG005  - the names of what it stands for


def photograph(page: Page, name: str) -> None:
    """Keep a picture of the whole page in build/screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENSHOTS / f"{name}.jpeg"), full_page=True, type="jpeg", quality=90)


def accessible(page: Page) -> None:
    """Check that axe finds nothing against WCAG 2.2 AA or its own best practices, and nothing scrolls sideways."""
    page.wait_for_load_state("domcontentloaded")  # after a click the new page may have no head yet to put axe into
    page.add_script_tag(url=f"/static/{AXE.name}")
    found = AxeResults(page.evaluate(ASK_AXE))
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= seen, f"{page.url} is {wide} pixels wide in a window of {seen}"


def sign_in(context: BrowserContext, person: object, live_server: LiveServer) -> None:
    """Sign a person in without the pages, as if by a mailed code just now: for tests about something else."""
    from allauth.account.internal.flows import login
    from django.conf import settings
    from django.contrib.auth import SESSION_KEY
    from django.test import Client

    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # any model of a person
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "code", "at": time.time()}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = session[SESSION_KEY]
    session.save()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
