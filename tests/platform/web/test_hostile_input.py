"""Bad input at the doors: a clear answer each time, and nothing lost or doubled."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client

from insignia.accounts.models import Person
from insignia.organizations.models import Invitation, Membership
from insignia.organizations.services import invitation_create, invitation_token
from insignia.outbox.mailer import messages_send
from insignia.outbox.models import Message
from tests.platform.factories import make_member, make_organization, make_person

MIB = 2**20


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Start each test with unused rate limits."""
    cache.clear()


class Pouring:
    """A body of any size that takes no memory; it remembers how much was read of it."""

    def __init__(self, size: int) -> None:
        self.left, self.read_so_far = size, 0

    def read(self, size: int = -1) -> bytes:
        given = min(self.left, size if size >= 0 else self.left)
        self.left -= given
        self.read_so_far += given
        return b"a" * given

    readline = read


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


Send = Callable[[], HttpResponseBase]
AtOnce = Callable[..., tuple[list[int], Any]]


@pytest.fixture
def at_once(settings: LazySettings) -> AtOnce:
    """Give `at_once(*sends, look=...)`: the statuses of requests of one moment, and what `look` sees after."""
    settings.INSIGNIA_WAKE = "worker"  # wakes must not run jobs inside the threads

    def in_thread(step: Callable[[], Any]) -> Any:  # noqa: ANN401  - whatever it gives
        try:
            return step()
        finally:
            connection.close()

    def run(*sends: Send, look: Callable[[], Any]) -> tuple[list[int], Any]:
        gate = Barrier(len(sends))

        def one(send: Send) -> int:
            connection.ensure_connection()
            gate.wait(10)
            return send().status_code

        with ThreadPoolExecutor(len(sends)) as pool:
            statuses = sorted(pool.map(lambda send: in_thread(lambda: one(send)), sends))
            return statuses, pool.submit(in_thread, look).result()

    return run


def posts(client: Client, address: str, form: dict[str, Any] | None = None) -> Send:
    """Give one sending of a form from a window of this browser."""
    own = Client()
    own.cookies = client.cookies
    return lambda: own.post(address, form or {})


@pytest.mark.django_db
class TestBody:
    def test_of_100_mb_is_refused_before_it_is_read(self) -> None:
        """A form's text has an upper bound: 413, and the rest stays unread."""
        for address in ("/verify", "/sign-in", "/preferences/theme"):
            body = Pouring(100 * MIB)
            answer = Client().request(
                REQUEST_METHOD="POST",
                PATH_INFO=address,
                CONTENT_TYPE="application/x-www-form-urlencoded",
                CONTENT_LENGTH=str(100 * MIB),
                **{"wsgi.input": body},
            )
            assert answer.status_code == 413, address
            assert "larger than we take" in answer.content.decode()
            assert body.read_so_far <= 3 * MIB

    def test_with_a_file_of_21_mb_is_refused_with_its_size(self) -> None:
        """The checker's own bound."""
        answer = Client().post("/verify", {"file": SimpleUploadedFile("badge.png", bytes(21 * MIB))})
        assert answer.status_code == 413
        assert "20 are the limit" in answer.content.decode()

    @pytest.mark.parametrize(
        "content_type",
        [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=x",
            f"multipart/form-data; boundary={'x' * 400}",
            "multipart/form-data; boundary=é",
            "application/json",
            "text/plain; charset=nowhere",
            "application/x-www-form-urlencoded; charset=utf-7",
            "\x00",
        ],
    )
    @pytest.mark.parametrize("address", ["/verify", "/sign-in"])
    def test_that_is_no_form_gets_an_answer_in_words(self, address: str, content_type: str) -> None:
        """Malformed multipart, wrong content types: never a mistake of ours."""
        for body in (b"", b"--x\r\nContent-Disposition: form-data; name=", b"\xff\xfe{", b"{}"):
            answer = Client().generic("POST", address, body, content_type=content_type)
            assert 400 <= answer.status_code < 500, (content_type, body, answer.status_code)
            assert "<h1" in answer.content.decode()

    def test_with_thousands_of_fields_is_refused(self) -> None:
        answer = Client().post("/sign-in", {f"field{number}": "" for number in range(2500)})
        assert answer.status_code == 413


@pytest.mark.django_db
class TestText:
    """NUL, control and direction signs, too much of anything, in every field a stranger or member can fill."""

    @pytest.mark.parametrize("text", ["a\x00b", "\x00", "x" * 5000, "\ud800".encode("utf-8", "surrogatepass")])
    def test_that_no_field_takes_is_an_error_beside_the_field(self, text: Any) -> None:  # noqa: ANN401  - bytes too
        school = make_organization("quillwater-high")
        owner = signed_in(make_member(school, "owner"))
        for client, address, name in (
            (Client(), "/sign-in", "email"),
            (Client(), "/sign-up", "email"),
            (owner, "/account/birth-date", "born_on"),
            (owner, "/o/quillwater-high/people/invite", "email"),
        ):
            answer = client.post(address, {name: text, "display_name": "Noor"})
            assert answer.status_code in {400, 422} or (address == "/sign-up" and answer.status_code == 200), (
                address
            )

    def test_of_a_name_loses_what_only_misleads(self) -> None:
        """Direction signs and line breaks in a name would turn what stands behind it."""
        person = make_person()
        answer = signed_in(person).post("/account", {"display_name": "Noor\u202e\r\nBcc: x\u2066 Haddad"})
        assert answer.status_code == 303
        person.refresh_from_db()
        assert person.display_name == "Noor Bcc: x Haddad"

    @pytest.mark.parametrize("name", ["\u202e", "\r\n", "x" * 201])
    def test_of_a_name_has_to_say_something_short(self, name: str) -> None:
        assert signed_in(make_person()).post("/account", {"display_name": name}).status_code == 422

    @pytest.mark.parametrize(
        "credential",
        [
            "9" * 5000,
            "[" * 100_000,
            "{",
            "1",
            "[]",
            '{"id": 1}',
            '{"rawId": "AA", "response": {}}',
            "a\x00b",
            "null",
        ],
    )
    def test_that_is_no_passkey_signs_nobody_in(self, credential: str) -> None:
        form = {"credential": credential}
        answer = Client().post("/sign-in/passkey", form)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")
        client = signed_in(make_person())
        for address in ("/account/passkeys/add", "/account/confirm/passkey"):
            client.get(address)
            assert client.post(address, form).status_code < 500, address
        assert not Authenticator.objects.exists()

    def test_in_the_query_is_harmless(self) -> None:
        owner = signed_in(make_member(make_organization("quillwater-high"), "owner"))
        odd = {"q": "\x00'\"<script>", "page": "9" * 400, "about": "\x00", "subject": "x:\x00", "field": "\ud7ff"}
        for address in ("/", "/badges", "/frameworks", "/o/quillwater-high/audit"):
            answer = owner.get(address, odd)
            assert answer.status_code in {200, 400, 404}, (address, answer.status_code)
            assert "<script>" not in answer.content.decode()


ELSEWHERE = (
    "//evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "http://testserver@evil.example/",
    "https://testserver:pw@evil.example",
    "javascript:alert(1)",
    "/%0d%0aLocation: https://evil.example\r\nX: y",
    "\r\n//evil.example",
    "////evil.example",
    "\x00//evil.example",
    " //evil.example",
)


@pytest.mark.django_db
class TestNext:
    """Where a form leads afterwards: to us, whatever the address says."""

    @pytest.mark.parametrize("wanted", ELSEWHERE)
    def test_leads_nowhere_else(self, wanted: str) -> None:
        """Sign-in with its code, sign-out, the switches of language, theme and role."""
        person = make_person()
        client = Client()
        client.post("/sign-in", {"email": person.email, "next": wanted})
        messages_send(datetime.now(UTC))
        found = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
        assert found
        answers = [
            client.post("/sign-in/code", {"code": found.group(1), "next": wanted}),
            client.post("/preferences/theme", {"theme": "dark", "next": wanted}),
            client.post("/preferences/language", {"language": "es", "next": wanted}),
            client.post("/preferences/acting", {"acting": "learner", "next": wanted}),
            client.post("/sign-out", {"next": wanted}),
        ]
        for answer in answers:
            assert answer.status_code in {302, 303}
            location = answer.headers["Location"]
            assert re.match(r"/(?![/\\])", location), location
            assert "\r" not in location


@pytest.mark.django_db
class TestHost:
    @pytest.mark.parametrize("host", ["evil.example", "badges.example.org.evil.example", "a\x00b", "[::1", "x@y"])
    def test_of_another_name_is_refused(self, host: str) -> None:
        """No link of ours is ever built from what a request calls us."""
        answer = Client().get("/sign-in", headers={"host": host})
        assert answer.status_code == 400
        assert "evil.example" not in answer.content.decode()

    def test_in_a_forwarded_header_changes_no_link(self) -> None:
        person = make_person()
        Client().post("/sign-in", {"email": person.email}, headers={"X-Forwarded-Host": "evil.example"})
        messages_send(datetime.now(UTC))
        assert "evil.example" not in str(mail.outbox[-1].body)


@pytest.mark.django_db
class TestMail:
    @pytest.mark.parametrize("email", ["a@b.e\nBcc: c@d.example", "a@b.example, c@d.example", "a@b.e\r\n\r\nHi"])
    def test_goes_to_one_address_only(self, email: str) -> None:
        """Nothing typed into an address adds a header or another reader."""
        owner = signed_in(make_member(make_organization("quillwater-high"), "owner"))
        before = Message.objects.count()
        assert Client().post("/sign-in", {"email": email}).status_code == 422
        assert owner.post("/o/quillwater-high/people/invite", {"email": email}).status_code == 422
        assert Message.objects.count() == before

    def test_has_no_header_from_a_name(self) -> None:
        school = make_organization(name="Quillwater\r\nBcc: c@d.example")
        owner = make_member(school, "owner")
        invitation_create(organization=school, email="a@b.example", roles=[], person=owner, at=datetime.now(UTC))
        messages_send(datetime.now(UTC))
        for sent in mail.outbox:
            assert sent.recipients() == ["a@b.example"]
            assert "\n" not in sent.subject


@pytest.mark.django_db(transaction=True)
class TestSameFormTwice:
    """Sent twice at the same moment: once is done, and nobody sees a mistake of ours."""

    def test_invites_once(self, at_once: AtOnce) -> None:
        client = signed_in(make_member(make_organization("quillwater-high"), "owner"))
        form = {"email": "samuel@example.org", "roles": ["assessor"]}
        sends = [posts(client, "/o/quillwater-high/people/invite", form) for _number in range(4)]
        kept = Message.objects.filter(kind="invitation")
        statuses, counted = at_once(*sends, look=lambda: (Invitation.objects.count(), kept.count()))
        assert statuses == [303] * 4
        assert counted == (1, 1)

    def test_joins_once(self, at_once: AtOnce) -> None:
        school = make_organization()
        owner, person = make_member(school, "owner"), make_person()
        made = invitation_create(
            organization=school, email="a@b.example", roles=["author"], person=owner, at=datetime.now(UTC)
        )
        address = f"/invitations/{invitation_token(made.public_id)}"
        sends = [posts(signed_in(person), address) for _number in range(4)]
        joined = Membership.objects.filter(person=person)
        statuses, count = at_once(*sends, look=joined.count)
        assert statuses == [303, 410, 410, 410]
        assert count == 1

    def test_makes_one_account(self, at_once: AtOnce) -> None:
        """The limit of mails to one address may answer the second one."""
        form = {"display_name": "Noor Haddad", "email": "noor@quillwater.example"}
        sends = [posts(Client(), "/sign-up", form) for _number in range(3)]
        found = Person.objects.filter(email="noor@quillwater.example")
        statuses, count = at_once(*sends, look=found.count)
        assert set(statuses) <= {302, 303, 409, 429}
        assert count == 1

    def test_keeps_one_birth_date(self, at_once: AtOnce) -> None:
        client = signed_in(make_person(born_on=None))
        sends = [posts(client, "/account/birth-date", {"born_on": day}) for day in ("2008-02-29", "2001-01-01")]
        statuses, _nothing = at_once(*sends, look=lambda: None)
        assert statuses == [303, 422]

    def test_leaves_an_organization_its_last_owner(self, at_once: AtOnce) -> None:
        """Two owners who remove each other at once: one of them stays."""
        school = make_organization("quillwater-high")
        one, other = (make_member(school, "owner") for _number in range(2))
        sends = []
        for actor, target in ((one, other), (other, one)):
            row = Membership.objects.get(person=target)
            sends.append(posts(signed_in(actor), f"/o/quillwater-high/people/{row.public_id}/end"))
        left = Membership.objects.filter(organization=school, ended_at__isnull=True)
        statuses, count = at_once(*sends, look=left.count)
        assert statuses[0] == 303
        assert statuses[1] in {404, 409}
        assert count == 1


@pytest.mark.django_db
class TestRate:
    @pytest.mark.parametrize(
        ("method", "address", "limit"),
        [("POST", "/verify", 30), ("GET", "/claim/guess", 60), ("GET", "/invitations/guess", 30)],
    )
    def test_ends_in_429_with_the_time_to_wait(self, method: str, address: str, limit: int) -> None:
        """Whatever can be guessed or costs work; sign-in's own limits are tested with sign-in."""
        client = Client()
        answers = [client.generic(method, address) for _number in range(limit + 1)]
        statuses = [answer.status_code for answer in answers]
        # A minute may begin in between; then the count starts anew and the next round ends it.
        if 429 not in statuses:
            answers = [client.generic(method, address) for _number in range(limit + 1)]
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert "Too many tries" in answers[-1].content.decode()
