"""Errors as pages and as problem documents."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.test import Client, RequestFactory
from django.urls import path

from insignia.foundation.errors import Conflict, Gone, Invalid, NotAllowed, NotFound, Unavailable
from insignia.web import urls as real

FAMILIES = {
    "not-allowed": (NotAllowed("Only an owner can do this."), 403),
    "not-found": (NotFound("There is no such badge here."), 404),
    "gone": (Gone("It was erased."), 410),
    "conflict": (Conflict("Samuel changed this meanwhile."), 409),
    "invalid": (Invalid("Two fields need another look.", fields={"name": "Write a name."}), 422),
    "unavailable": (Unavailable("The status list did not answer."), 503),
}


def fail(request: HttpRequest, name: str) -> HttpResponse:
    """Raise the named error, as a view does that calls a domain."""
    if name == "said-twice":
        raise Invalid("Write a reason.", fields={"reason": "Write a reason."})
    if name == "too-big":
        raise RequestDataTooBig("too much")
    if name == "mistake":
        raise RuntimeError("a mistake of ours with a secret in it")
    if name == "method":
        return HttpResponseNotAllowed(["POST"])
    raise FAMILIES[name][0]


urlpatterns = [*real.urlpatterns, path("fail/<str:name>", fail)]
handler400, handler403, handler404, handler500 = (
    real.handler400,
    real.handler403,
    real.handler404,
    real.handler500,
)


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestDomainError:
    """What a domain raises reaches a person in words."""

    @pytest.mark.parametrize("name", FAMILIES)
    def test_becomes_a_page(self, client: Client, name: str) -> None:
        """Status, the domain's own sentence, a next step, a way out."""
        error, status = FAMILIES[name]
        answer = client.get(f"/fail/{name}")
        page = answer.content.decode()
        assert answer.status_code == status
        assert error.message in page
        assert 'href="/"' in page
        assert "Content-Security-Policy" in answer.headers

    @pytest.mark.parametrize("name", FAMILIES)
    def test_becomes_a_problem_document_where_json_is_asked_for(self, client: Client, name: str) -> None:
        """RFC 9457: type, title, status, detail; fields as errors."""
        error, status = FAMILIES[name]
        answer = client.get(f"/fail/{name}", headers={"accept": "application/json"})
        problem = json.loads(answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert (answer.status_code, problem["status"]) == (status, status)
        assert problem["type"] == f"https://badges.example.org/problems#{error.code}"
        assert problem["detail"] == error.message
        assert ("errors" in problem) == (name == "invalid")

    def test_tells_when_to_come_back(self, client: Client) -> None:
        """What is unavailable says when to try again."""
        assert int(client.get("/fail/unavailable").headers["Retry-After"]) > 0

    def test_repeats_in_no_other_language_what_is_wrong(self, client: Client) -> None:
        """What stands at a field is English; a Spanish page says the sentence alone, and no page says it twice."""
        assert "Write a name." in client.get("/fail/invalid").content.decode()
        page = client.get("/fail/invalid", headers={"accept-language": "es"}).content.decode()
        assert "Write a name." not in page
        page = client.get("/fail/said-twice").content.decode()
        assert page.count("Write a reason.") == 1

    def test_speaks_spanish(self, client: Client) -> None:
        """Heading and next step follow the page's language."""
        page = client.get("/fail/conflict", headers={"accept-language": "es"}).content.decode()
        assert "Alguien cambió esto mientras tanto" in page


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestRefusal:
    """Refusals that no domain raises."""

    def test_names_the_methods_that_work(self, client: Client) -> None:
        """405 gets a page and keeps Allow."""
        answer = client.get("/fail/method")
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
        assert "does not take that kind of request" in answer.content.decode()

    def test_says_when_too_much_was_sent(self, client: Client) -> None:
        """A body over the limit is 413 with words, not a bare 400."""
        answer = client.get("/fail/too-big")
        assert answer.status_code == 413
        assert "larger than we take" in answer.content.decode()

    def test_a_flood_of_fields_is_refused_before_it_is_read(self, client: Client) -> None:
        """The real limit of Django, through a real form."""
        answer = client.post("/preferences/theme", {f"f{number}": "x" for number in range(3000)})
        assert answer.status_code == 413

    def test_our_own_mistake_shows_no_trace(self, client: Client) -> None:
        """500 is a page of its own, in both languages, without the error's text."""
        client.raise_request_exception = False
        answer = client.get("/fail/mistake")
        page = answer.content.decode()
        assert answer.status_code == 500
        assert "our mistake" in page
        assert 'lang="es"' in page
        assert "secret" not in page
        assert "RuntimeError" not in page


class TestWantsJson:
    """Who gets JSON."""

    @pytest.mark.parametrize(
        ("address", "accept", "expected"),
        [
            ("/awards/1", "text/html,application/xhtml+xml,*/*;q=0.8", False),
            ("/awards/1", "*/*", False),
            ("/awards/1", "application/json", True),
            ("/awards/1", "application/json, text/html;q=0.5", True),
            ("/awards/1.json", "*/*", True),
            ("/awards/1", "image/png", False),
        ],
    )
    def test_follows_accept_and_suffix(self, address: str, accept: str, *, expected: bool) -> None:
        """A browser gets a page; a program that asks for JSON gets JSON."""
        from insignia.web.errors import wants_json

        assert wants_json(RequestFactory().get(address, headers={"accept": accept})) is expected
