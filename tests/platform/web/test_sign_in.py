"""Sign-in by mailed code: no password, no hint who has an account, and a limit that answers 429."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from insignia.accounts.models import Person
from insignia.outbox.mailer import messages_send
from tests.platform.factories import make_person


@pytest.fixture(autouse=True)
def fresh_counters() -> Iterator[None]:
    """Start each test with unused rate limits."""
    cache.clear()
    yield
    cache.clear()


def mails() -> list[EmailMessage]:
    """Let the mailer run, then give what was sent."""
    messages_send(datetime.now(UTC))
    return mail.outbox


def newest_code() -> str:
    """Read the code out of the newest mail."""
    newest = str(mails()[-1].body)
    found = re.search(r"^ {4}(\S+)$", newest, re.MULTILINE)
    assert found, newest
    return found.group(1)


def signed_in(client: Client) -> bool:
    """Say whether the visitor is somebody."""
    return client.get("/account").status_code == 200


@pytest.mark.django_db
class TestSignIn:
    """The code that is mailed."""

    def test_lets_in_who_has_the_code(self, client: Client) -> None:
        """Address, code, in."""
        person = make_person()
        asked = client.post("/sign-in", {"email": person.email})
        assert asked.headers["Location"] == reverse("account_confirm_login_code")
        assert not signed_in(client)
        answer = client.post("/sign-in/code", {"code": newest_code()})
        assert answer.status_code == 302
        assert signed_in(client)

    def test_leads_on_to_where_one_wanted_to_go(self, client: Client) -> None:
        """`next` survives both steps; an address elsewhere does not."""
        person = make_person()
        for wanted, reached in (("/account/addresses", "/account/addresses"), ("//evil.example", "/")):
            client.logout()
            asked = client.post("/sign-in", {"email": person.email, "next": wanted})
            code = {"code": newest_code(), "next": wanted}
            assert client.post(asked.headers["Location"], code).headers["Location"] == reached

    def test_answers_the_same_for_a_stranger(self) -> None:
        """The screens for a known and an unknown address differ in nothing but the address."""
        known, unknown = make_person().email, "nobody-here@quillwater.example"
        pages = []
        for address in (known, unknown):
            client = Client()
            assert client.post("/sign-in", {"email": address}).status_code == 302
            page = client.get("/sign-in/code").content.decode().replace(address, "ADDRESS")
            pages.append(re.sub(r"[A-Za-z0-9]{64}", "TOKEN", page))
        assert pages[0] == pages[1]
        assert "no account" in mails()[-1].body

    def test_refuses_a_wrong_code_and_ends_after_three(self, client: Client) -> None:
        """Guessing ends: after three wrong codes even the right one is worthless."""
        client.post("/sign-in", {"email": make_person().email})
        code = newest_code()
        for _number in range(3):
            client.post("/sign-in/code", {"code": "WRONG-CODE"})
        client.post("/sign-in/code", {"code": code})
        assert not signed_in(client)

    def test_answers_429_when_one_address_is_asked_too_often(self) -> None:
        """Six codes for one address, each from a new visitor: the sixth is refused and mails nothing."""
        address = make_person().email
        answers = [Client().post("/sign-in", {"email": address}) for _number in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert "Too many tries" in answers[-1].content.decode()
        assert len(mails()) == 5

    def test_answers_429_when_one_machine_asks_for_many(self) -> None:
        """One machine that goes through a list of addresses is stopped at twenty."""
        answers = [
            Client().post("/sign-in", {"email": f"learner{number}@quillwater.example"}).status_code
            for number in range(21)
        ]
        assert answers == [302] * 20 + [429]

    def test_says_what_is_wrong_with_an_address(self, client: Client) -> None:
        """422; the summary links to the field, the title says so."""
        answer = client.post("/sign-in", {"email": "ana@@school"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "<title>Error: Sign in" in page
        assert 'href="#id_email"' in page
        assert "It looks like name@school.org" in page

    def test_speaks_the_language_of_the_person_in_the_mail(self, client: Client) -> None:
        """A Spanish speaker's mail is Spanish on whatever machine they sit at."""
        client.post("/sign-in", {"email": make_person(language="es").email})
        assert "Tu código" in mails()[-1].subject

    def test_knows_no_password(self) -> None:
        """There is no address to set, change or reset one, and no field for one."""
        names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
        assert not [name for name in names if "password" in name]
        with pytest.raises(NoReverseMatch):
            reverse("account_reset_password")


@pytest.mark.django_db
class TestSignUp:
    """A new account."""

    def test_needs_name_address_and_code(self, client: Client) -> None:
        """Nobody is signed in before the address is proved."""
        form = {"display_name": "Noor Haddad", "email": "noor@quillwater.example"}
        assert client.post("/sign-up", form).headers["Location"] == reverse("account_email_verification_sent")
        assert not signed_in(client)
        client.post("/sign-up/code", {"code": newest_code()})
        assert signed_in(client)
        person = Person.objects.get(email="noor@quillwater.example")
        assert person.display_name == "Noor Haddad"
        assert not person.has_usable_password()

    def test_does_not_tell_that_an_address_has_an_account(self, client: Client) -> None:
        """The screen goes on as for anybody; the mail tells the owner."""
        person = make_person()
        answer = client.post("/sign-up", {"display_name": "Somebody", "email": person.email})
        assert answer.headers["Location"] == reverse("account_email_verification_sent")
        assert client.get("/sign-up/code").status_code == 200
        assert "You have one already" in mails()[-1].body
        assert Person.objects.filter(email__iexact=person.email).count() == 1


@pytest.mark.django_db
class TestAddresses:
    """Several addresses of one person."""

    def test_are_added_by_code_and_sign_in_too(self, client: Client) -> None:
        """A private address keeps the badges after school."""
        person = make_person()
        client.force_login(person)
        client.post("/account/addresses", {"action_add": "1", "email": "mine@home.example"})
        client.post(reverse("account_email_verification_sent"), {"code": newest_code()})
        assert EmailAddress.objects.filter(user=person, email="mine@home.example", verified=True).exists()
        client.logout()
        client.post("/sign-in", {"email": "mine@home.example"})
        client.post("/sign-in/code", {"code": newest_code()})
        assert signed_in(client)

    def test_cannot_lose_the_main_one(self, client: Client) -> None:
        """Removing the main address is refused in words."""
        person = make_person()
        client.force_login(person)
        answer = client.post("/account/addresses", {"action_remove": "1", "email": person.email}, follow=True)
        assert "main address cannot be removed" in answer.content.decode()
        assert EmailAddress.objects.filter(user=person).count() == 1


@pytest.mark.django_db
class TestAccount:
    """One's own account."""

    def test_is_not_shown_to_strangers(self, client: Client) -> None:
        """It asks to sign in, and comes back."""
        assert client.get("/account").headers["Location"] == "/sign-in?next=/account"

    def test_keeps_a_new_name(self, client: Client) -> None:
        """POST, then 303, then the name is there."""
        person = make_person()
        client.force_login(person)
        assert client.post("/account", {"display_name": "Itzel M."}).status_code == 303
        person.refresh_from_db()
        assert person.display_name == "Itzel M."

    def test_says_that_a_name_is_missing(self, client: Client) -> None:
        """422 and the sentence at the field."""
        client.force_login(make_person())
        answer = client.post("/account", {"display_name": ""})
        assert answer.status_code == 422
        assert "Enter your name" in answer.content.decode()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_signing_out_needs_a_post(self, client: Client, method: str) -> None:
        """A link that a mail scanner opens signs nobody out."""
        client.force_login(make_person())
        getattr(client, method)("/sign-out")
        assert signed_in(client) is (method == "get")
