"""An organization's mails that did not arrive, their wording, and the link that turns reminders off."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from insignia.accounts.models import Person
from insignia.audit.models import AuditEntry
from insignia.organizations.models import Organization
from insignia.outbox.models import Bounce, LetterText, Message, Unsubscription
from insignia.outbox.rendering import letter_of, stop_path
from insignia.outbox.services import message_queue
from tests.browser import Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.factories import make_member, make_organization

HERE = "/o/quillwater-high/mails"
WORDING = f"{HERE}/award-issued/en"
OWN = {"subject": "{badge} is yours", "body": "Well done, {name}!\n{claim_link}"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # the whole body that RFC 8058 has mail programs send
CONTEXT = {
    "name": "Itzel Marroquín",
    "badge": {"en": "Reading a data set", "es": "Leer un conjunto de datos"},
    "organization": {"en": "Quillwater High"},
    "claim_path": "/claim/secret",
    "days": 90,
    "until": "14 May 2029",
    "award_path": "/awards/1",
    "badge_path": "/badges/1",
    "attested": False,
}


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"  # nothing is sent behind a test's back
    cache.clear()


@pytest.fixture
def school() -> Organization:
    return make_organization("quillwater-high")


@pytest.fixture
def registrar(school: Organization) -> Person:
    return make_member(school, "registrar", name="Marguerite Boudreaux")


@pytest.fixture
def client(registrar: Person) -> Client:
    signed_in = Client()
    signed_in.force_login(registrar)
    return signed_in


@pytest.fixture
def program() -> Client:
    """Give what a mail program is to us: no cookie, no token of a form."""
    return Client(enforce_csrf_checks=True)


def queue(school: Organization, kind: str = "award-issued", *, language: str = "en") -> Message:
    return message_queue(
        kind=kind,
        key=kind,
        recipient="itzel@home.example",
        language=language,
        context=CONTEXT,
        at=datetime.now(UTC),
        organization_id=school.public_id,
    )


def returned(school: Organization) -> Message:
    """Queue a mail that the server there has no mailbox for."""
    message, at = queue(school), datetime.now(UTC)
    Message.objects.filter(pk=message.pk).update(
        abandoned_at=at, last_error="550 5.1.1 <itzel@home.example> unknown"
    )
    Bounce.objects.create(address=message.recipient, message=message, code=550, reason="unknown", at=at)
    return message


def seen(client: Client) -> dict[str, str]:
    """Give the version that the page of the wording carries, as its form sends it back."""
    found = re.search(r'name="version" value="(\w*)"', page_of(client, WORDING))
    return {"version": found.group(1) if found else ""}


def page_of(client: Client, address: str = HERE) -> str:
    return client.get(address).content.decode()


@pytest.mark.django_db
class TestReturned:
    def test_is_listed_without_its_address_and_sent_anew(self, client: Client, school: Organization) -> None:
        message = returned(school)
        page = page_of(client)
        assert "Itzel Marroquín" in page
        assert "A badge is ready: Reading a data set" in page
        assert "The mail server there refused it: 550 5.1.1" in page
        assert "itzel@home.example" not in page
        answer = client.post(f"{HERE}/{message.public_id}/again")
        assert (answer.status_code, answer.headers["Location"]) == (303, HERE)
        page = page_of(client)
        assert "One mail goes out again." in page
        assert "0 sent, 1 waiting." in page
        assert "Itzel Marroquín" not in page
        message.refresh_from_db()
        assert (message.abandoned_at, message.attempts) == (None, 0)
        assert AuditEntry.objects.filter(action="mail.address-cleared").count() == 1

    def test_is_not_sent_anew_twice(self, client: Client, school: Organization) -> None:
        message = returned(school)
        for _time in range(2):
            client.post(f"{HERE}/{message.public_id}/again")
        assert "Mails to this address are tried already." in page_of(client)
        assert AuditEntry.objects.filter(action="mail.address-cleared").count() == 1

    def test_says_so_where_there_is_none(self, client: Client, school: Organization) -> None:
        assert "The first one goes out with your first badge." in page_of(client)
        queue(school)
        assert "Every mail so far arrived or is on its way." in page_of(client)

    def test_is_found_from_the_issuer_page(self, client: Client, school: Organization) -> None:
        assert f'href="{HERE}"' in page_of(client, "/o/quillwater-high/issuer")


@pytest.mark.django_db
class TestWording:
    def test_begins_with_the_shipped_text(self, client: Client, school: Organization) -> None:
        page = page_of(client, WORDING)
        assert "{claim_link}" in page
        assert "Use the shipped text again" not in page

    def test_is_shown_before_it_is_saved(self, client: Client, school: Organization) -> None:
        answer = client.post(WORDING, OWN | {"do": "preview"})
        assert answer.status_code == 200
        assert "Reading a data set is yours" in answer.content.decode()
        assert "Well done, Itzel Marroquín!" in answer.content.decode()
        assert "autofocus" in answer.content.decode(), "what was asked for is where one lands"
        assert not LetterText.objects.exists()

    def test_is_what_mails_say_until_it_is_reset(self, client: Client, school: Organization) -> None:
        message = queue(school)
        shipped = letter_of(message)
        assert client.post(WORDING, OWN | seen(client) | {"do": "save"}).status_code == 303
        assert "your own text, since" in page_of(client)
        assert letter_of(message).subject == "Reading a data set is yours"
        assert "Well done, Itzel Marroquín!" in letter_of(message).text
        assert client.post(WORDING, seen(client) | {"do": "reset"}).status_code == 303
        assert letter_of(message) == shipped
        actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
        assert [one for one in actions if one.startswith("mail-text")] == ["mail-text.changed", "mail-text.reset"]

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"subject": "For {grade}"}, "Nothing stands for {grade}. Use the names listed below."),
            ({"body": "Well done!"}, "Put {claim_link} into the text: without it the mail is of no use."),
            ({"subject": " "}, "Write something here, or go back to the shipped text."),
            ({"subject": "a" * 161}, "This is too long. A subject has up to 160 characters, a text up to 5,000."),
        ],
    )
    def test_is_refused_in_words_at_the_field(
        self, client: Client, school: Organization, changed: dict[str, str], said: str
    ) -> None:
        """Said in the summary and at the field; what was typed stays."""
        answer = client.post(WORDING, OWN | changed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count(said) == 2
        assert "<title>Error: A badge is ready" in page
        assert all(text.strip() in page for text in (OWN | changed).values())
        assert not LetterText.objects.exists()

    @pytest.mark.parametrize("sent", [OWN | {"do": "save"}, {"do": "reset"}])
    def test_does_not_undo_what_somebody_else_wrote_meanwhile(
        self, client: Client, school: Organization, sent: dict[str, str]
    ) -> None:
        theirs = Client()
        theirs.force_login(make_member(school, "registrar", name="Samuel Okafor"))
        mine = seen(client)
        assert theirs.post(WORDING, OWN | seen(theirs) | {"subject": "Theirs: {badge}"}).status_code == 303
        answer = client.post(WORDING, sent | mine)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Somebody else changed this text meanwhile." in page
        assert "Theirs: {badge}" in page
        assert sent.get("subject", "") in page
        assert LetterText.objects.get().subject == "Theirs: {badge}"
        again = re.search(r'name="version" value="(\w+)"', page)
        assert again is not None
        assert client.post(WORDING, sent | {"version": again.group(1)}).status_code == 303

    def test_keeps_what_was_seen_through_a_preview(self, client: Client, school: Organization) -> None:
        mine = seen(client)
        assert client.post(WORDING, OWN | mine | {"subject": "Theirs: {badge}"}).status_code == 303
        page = client.post(WORDING, OWN | mine | {"do": "preview"}).content.decode()
        assert f'name="version" value="{mine["version"]}"' in page
        assert client.post(WORDING, OWN | mine).status_code == 409

    def test_is_saved_and_reset_twice_by_a_double_click(self, client: Client, school: Organization) -> None:
        mine = seen(client)
        assert [client.post(WORDING, OWN | mine).status_code for _time in range(2)] == [303, 303]
        mine = seen(client) | {"do": "reset"}
        assert [client.post(WORDING, mine).status_code for _time in range(2)] == [303, 303]

    def test_is_for_these_kinds_alone(self, client: Client, school: Organization) -> None:
        assert client.get(f"{HERE}/award-revoked/en").status_code == 404
        assert client.get(f"{HERE}/award-issued/xx").status_code == 404


@pytest.mark.django_db
class TestTurningOff:
    def test_takes_a_page_and_a_button_and_is_undone_by_another(
        self, program: Client, school: Organization
    ) -> None:
        address = stop_path(queue(school, "award-ends").public_id)
        assert "We send reminders that a badge ends to this address." in page_of(program, address)
        assert not Unsubscription.objects.exists(), "a mail scanner opens links"
        page = program.post(address).content.decode()
        assert "We send no more reminders that a badge ends to this address." in page
        assert Unsubscription.objects.get().address == "itzel@home.example"
        page = program.post(address, {"do": "again"}).content.decode()
        assert "We send reminders that a badge ends to this address." in page
        assert not Unsubscription.objects.exists()

    def test_takes_one_click_of_a_mail_program(self, program: Client, school: Organization) -> None:
        """As RFC 8058 has it, to the link that the mail itself carries; twice is once."""
        message = queue(school, "award-ends")
        link = letter_of(message).stop_link
        for _time in range(2):
            program.cookies.clear()
            answer = program.post(link, ONE_CLICK)  # the client looks at the path alone
            assert answer.status_code == 200, "mail programs follow no redirect"
        assert Unsubscription.objects.get().topic == "reminders"

    def test_speaks_the_language_of_the_mail(self, program: Client, school: Organization) -> None:
        message = queue(school, "award-ends", language="es")
        assert "A esta dirección enviamos recordatorios" in page_of(program, stop_path(message.public_id))

    def test_speaks_another_language_when_it_is_chosen(self, program: Client, school: Organization) -> None:
        message = queue(school, "award-ends", language="es")
        program.cookies["language"] = "en"
        answer = program.get(stop_path(message.public_id))
        assert 'lang="en"' in answer.content.decode()
        assert "A esta dirección" not in answer.content.decode()
        assert answer.headers["Content-Language"] == "en"

    def test_takes_no_forged_link(self, program: Client, school: Organization) -> None:
        reminder, other = queue(school, "award-ends"), queue(school)
        forged = f"{stop_path(reminder.public_id)[:-1]}~"
        for address in (forged, stop_path(other.public_id)):  # the other's topic cannot be turned off
            answer = program.post(address, ONE_CLICK)
            assert answer.status_code == 404
            assert "Open the one in our latest mail." in answer.content.decode()
        assert not Unsubscription.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInBrowser:
    @every_look
    def test_is_open_to_all(
        self,
        open_page: Opener,
        shoot: Shoot,
        live_server: LiveServer,
        school: Organization,
        registrar: Person,
        look: Look,
    ) -> None:
        """Axe finds nothing and nothing scrolls sideways, with a refused text on the screen too."""
        returned(school)
        stop = stop_path(queue(school, "award-ends", language=look.language).public_id)
        page = open_page(stop, look=look)
        accessible(page)
        page.locator("main form button").click()
        expect(page.locator("main input[name=do][value=again]")).to_be_attached()
        accessible(page)
        shoot(page, f"mail-stop-{look.name}")
        sign_in(page.context, registrar, live_server)
        page = open_page(HERE, context=page.context)
        accessible(page)
        shoot(page, f"mails-{look.name}")
        page = open_page(f"{HERE}/award-ends/es", context=page.context)
        accessible(page)
        page.locator("[name=subject]").fill("{grade}")
        page.locator("button[value=preview]").click()
        expect(page.locator("main")).to_contain_text("{grade}.")
        accessible(page)
        shoot(page, f"mail-text-{look.name}")
