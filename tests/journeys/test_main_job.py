"""The main job, played by four people in a real browser: from evidence to a badge an employer checks.

Itzel works in Spanish, Samuel in English; the employer has no account. What they see is kept in
build/screenshots/main-job-*.jpeg.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.urls import clear_url_caches, include, path
from playwright.sync_api import BrowserContext, Page, expect

from insignia.awards.models import Award
from insignia.demo.badges import sheets
from insignia.demo.main_job import FLAGSHIP, SCHOOL
from insignia.demo.scenes import earn
from insignia.demo.stage import Stage, badge_publish, framework_bring, stage_found
from insignia.demo.works import file_for
from insignia.issuing.services import lists_republish
from insignia.web import urls
from tests.browser import PHONE, WIDE, Opener, accessible, photograph
from tests.platform.awards import doctor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINK = "https://work.quillwater.example/well-water"
LOG = "Dos muestras por semana en cada pozo, 48 en total; medidas con tiras y con fotómetro."


@pytest.fixture(autouse=True)
def demo_mode(settings: LazySettings) -> Iterator[None]:
    """Serve as the demo does: its page with the mails and the sign-in buttons is mounted."""
    settings.INSIGNIA_DEMO = True
    added = path("", include("insignia.web.demo.urls"))
    urls.urlpatterns.append(added)
    clear_url_caches()
    cache.clear()
    yield
    urls.urlpatterns.remove(added)
    clear_url_caches()


@pytest.fixture
def stage(data_directory: Path) -> Stage:
    """Found the schools, publish the flagship badge, and give Mai, a minor, one she keeps for herself."""
    now = datetime.now(UTC).replace(microsecond=0)
    stage = stage_found(now)
    lists_republish(now)
    framework_bring(stage, SCHOOL, at=stage.days_ago(30))
    badge_publish(stage, sheets()[FLAGSHIP], at=stage.days_ago(30))
    earn(stage, "mai", FLAGSHIP, at=stage.days_ago(9))
    return stage


class Journey:
    """One walk through the main job; `look` numbers what the people see and checks it with axe."""

    def __init__(self, open_page: Opener, folder: Path) -> None:
        self.open_page, self.folder, self.seen = open_page, folder, 0

    def look(self, page: Page, name: str) -> None:
        """Check a page and keep its picture."""
        self.seen += 1
        accessible(page)
        photograph(page, f"main-job-{self.seen:02}-{name}")

    def sign_in(self, player: str, *, language: str, viewport: dict[str, int] = WIDE) -> Page:
        """Sign in by the demo's button."""
        page = self.open_page("/demo", language=language, viewport=viewport)
        page.locator(f'form:has(input[name="player"][value="{player}"]) button').click()
        page.wait_for_url(re.compile(r"/$"))
        return page


@pytest.fixture
def journey(open_page: Opener, tmp_path: Path) -> Journey:
    return Journey(open_page, tmp_path)


def hand_in(journey: Journey, stage: Stage) -> None:
    """Itzel, in Spanish: reads what is asked, adds a file, a text and a link, says who made it, hands in."""
    page = journey.sign_in("itzel", language="es")
    version = stage.versions[FLAGSHIP]
    page.goto(f"/badges/{SCHOOL}/{FLAGSHIP}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Investigación comunitaria con datos")
    journey.look(page, "badge")
    page.locator(f'form[action="/my/work/start/{version.public_id}"] button').click()
    page.wait_for_url(re.compile(r"/my/work/[0-9a-f-]{36}$"))
    report, log, recording = (row["id"] for row in version.content["requirements"])
    chosen = file_for("Inquiry report", "")
    file = {"name": chosen.name, "mimeType": "application/pdf", "buffer": chosen.content}
    page.set_input_files(f'input[name="file-{report}"]', file)  # type: ignore[arg-type]  # a dict is a FilePayload
    expect(page.locator(f"#part-{report}")).to_contain_text(chosen.name)
    page.fill(f'textarea[name="text-{log}"]', LOG)
    page.fill(f'input[name="link-{recording}"]', LINK)
    page.click(f'#part-{recording} button[value="add:{recording}"]:visible')
    expect(page.locator(f"#part-{recording}")).to_contain_text(LINK)
    page.check('input[name="mode"][value="individual"]')
    expect(page.locator("#state-authorship")).to_contain_text("Guardado")
    journey.look(page, "work")
    page.click('button[name="do"][value="review"]')
    page.wait_for_url(re.compile(r"/hand-in$"))
    expect(page.locator("main")).to_contain_text(LOG)
    journey.look(page, "review")
    page.locator("main form button").last.click()
    page.wait_for_url(re.compile(r"/receipt/1$"))
    journey.look(page, "receipt")


def judge(journey: Journey) -> None:
    """Samuel, in English: takes the next work, sees no name, rates each criterion at its bar, locks."""
    page = journey.sign_in("samuel", language="en")
    page.goto("/assess")
    journey.look(page, "queue")
    page.locator('form[action="/assess/next"] button').click()
    page.wait_for_url(re.compile(r"/assess/[0-9a-f-]{36}$"))
    assert "Itzel" not in page.content()
    assert "Marroquín" not in page.content()
    for criterion in page.locator("fieldset[data-criterion]").all():
        criterion.locator("label:has(.bar-mark) input").check()
    page.get_by_label("Feedback on the whole work").fill("Clear method. Readers will thank you for the ranges.")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("Feedback on the whole work").blur()
    expect(page.locator("#rating-state")).to_contain_text("Saved")
    expect(page.locator("#judged")).to_contain_text("5 of 5")
    journey.look(page, "marking")
    page.get_by_role("button", name="Lock rating").click()
    page.wait_for_url(re.compile(r"/lock$"))
    journey.look(page, "lock")
    page.get_by_role("button", name="Lock rating").click()
    page.wait_for_url(re.compile(r"/assess\?locked=1$"))


def keep(journey: Journey) -> None:
    """Itzel, on her telephone and signed in nowhere: opens the link in the mail and keeps the badge."""
    room = journey.open_page("/demo", language="es")
    letter = room.locator("details", has_text="itzel@quillwater.example").filter(has_text="/claim/")
    letter.first.locator("summary").click()
    address = letter.first.get_by_role("link").first.get_attribute("href")
    assert address
    page = journey.open_page("/claim/" + address.rpartition("/claim/")[2], language="es", viewport=PHONE)
    journey.look(page, "claim")
    page.locator('form[action^="/claim/"] button').click()
    page.wait_for_url(re.compile(r"/choices"))
    journey.look(page, "choices")
    page.check('input[name="visibility"][value="link"]')
    page.locator('input[type="checkbox"][name="shown"]').first.check()
    page.locator('form[action$="/choices"] button').click()


def share(journey: Journey, award: Award) -> str:
    """Itzel, signed in: finds the badge among hers and makes a link; gives the link's path."""
    page = journey.sign_in("itzel", language="es")
    page.goto("/my/badges")
    journey.look(page, "my-badges")
    page.goto(f"/my/badges/{award.public_id}/share")
    page.get_by_role("textbox").first.fill("Servicio de aguas")
    page.locator('form[action$="/share"] button').click()
    fresh = page.locator("#fresh-link")
    expect(fresh).to_be_visible()
    journey.look(page, "link")
    written = fresh.input_value() if fresh.evaluate("box => 'value' in box") else fresh.inner_text()
    return "/s/" + written.strip().rpartition("/s/")[2]


def download(journey: Journey, link: str) -> tuple[BrowserContext, bytes]:
    """The employer, without an account: opens the link, reads, downloads the picture."""
    page = journey.open_page(link, language="en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Community Data Inquiry")
    expect(page.locator("main")).to_contain_text("Valid")
    journey.look(page, "award")
    with page.expect_download() as started:
        page.locator('a[href$=".png"][download]').first.click()
    return page.context, Path(started.value.path()).read_bytes()


def check(journey: Journey, context: BrowserContext, content: bytes, name: str) -> Page:
    """The employer gives the file to /verify."""
    page = journey.open_page("/verify", context=context)
    file = {"name": "badge", "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files('input[type="file"]', file)  # type: ignore[arg-type]  # a dict is a FilePayload
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Result of the check")
    journey.look(page, name)
    return page


def one_byte_changed(content: bytes) -> bytes:
    """Change one byte inside the credential, alone or in its picture."""
    place = content.index(b"Community Data Inquiry") + 4
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


class TestMainJob:
    def test_leads_four_people_from_evidence_to_a_checked_badge(self, journey: Journey, stage: Stage) -> None:
        hand_in(journey, stage)
        judge(journey)
        award = Award.objects.get(learner=stage.people["itzel"])
        keep(journey)
        link = share(journey, award)
        employer, picture = download(journey, link)

        genuine = check(journey, employer, picture, "verify-valid")
        expect(genuine.locator("main")).to_contain_text("Itzel Marroquín")
        expect(genuine.locator("main")).not_to_contain_text("Invalid")
        damaged = check(journey, employer, one_byte_changed(picture), "verify-damaged")
        expect(damaged.locator("main")).to_contain_text("Invalid")
        document = employer.request.get(f"{link}.json").body()
        forged = check(journey, employer, one_byte_changed(document), "verify-forged")
        expect(forged.locator("main")).to_contain_text("Invalid")
        expect(forged.locator("main")).to_contain_text("Changed after signing")

        mais = Award.objects.get(learner=stage.people["mai"])
        closed = journey.open_page(f"/awards/{mais.public_id}", context=employer)
        expect(closed.locator("body")).not_to_contain_text("Mai Nguyen")
        journey.look(closed, "minor-404")
        answer = closed.request.get(f"/awards/{mais.public_id}.json")
        assert answer.status == 404
        direct = closed.request.get(f"/awards/{award.public_id}")
        assert direct.status == 404, "without the link her page is as closed"
        assert doctor.findings(deep=True) == []
