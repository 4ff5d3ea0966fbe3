"""What every answer tells the browser; language, theme, caches."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.platform.factories import make_person

PAGES = ["/", "/sign-in", "/sign-up", "/healthz", "/no-such-page"]
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}


def policy(header: str) -> dict[str, str]:
    """Read a Content-Security-Policy header."""
    return dict(part.strip().split(" ", 1) for part in header.split(";") if part.strip())


@pytest.mark.django_db
class TestPolicies:
    """Headers of every page."""

    @pytest.mark.parametrize("path", PAGES)
    def test_are_strict(self, client: Client, path: str) -> None:
        """Nothing inline, nothing from elsewhere, no frames, no sniffing."""
        headers = client.get(path).headers
        found = policy(headers["Content-Security-Policy"])
        assert {name: found.get(name) for name in STRICT} == STRICT
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("path", ["/s/secret", "/claim/secret", "/invitations/secret"])
    def test_never_leak_a_secret_address(self, client: Client, path: str) -> None:
        """Where the address is the secret, it goes to nobody and stays in no cache or index."""
        headers = client.get(path).headers
        assert headers["Referrer-Policy"] == "strict-origin"
        assert headers["Cache-Control"] == "private, no-store"
        assert "noindex" in headers["X-Robots-Tag"]

    def test_keep_pages_of_a_person_out_of_caches(self, client: Client) -> None:
        """On a shared computer, Back after signing out shows nothing."""
        client.force_login(make_person())
        assert client.get("/").headers["Cache-Control"] == "private, no-store"

    def test_offer_a_token_to_every_form_and_refuse_without(self) -> None:
        """A POST without the token is refused with words, not done."""
        strict = Client(enforce_csrf_checks=True)
        answer = strict.post("/preferences/theme", {"theme": "dark"})
        assert answer.status_code == 403
        assert "Load the page again" in answer.content.decode()
        assert "theme" not in answer.cookies


@pytest.mark.django_db
class TestLanguage:
    """Which language a page speaks."""

    def test_follows_the_browser(self, client: Client) -> None:
        """Accept-Language decides for somebody new."""
        answer = client.get("/", headers={"accept-language": "es-MX,es;q=0.9,en;q=0.5"})
        assert answer.headers["Content-Language"] == "es"
        assert "Verifica una insignia" in answer.content.decode()
        assert '<html lang="es"' in answer.content.decode()

    def test_is_chosen_by_post_and_kept(self, client: Client) -> None:
        """The switch leads back to the page, in the other language."""
        answer = client.post("/preferences/language", {"language": "es", "next": "/sign-in"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
        assert "Enviarme un código" in client.get("/sign-in").content.decode()

    def test_is_kept_with_the_person(self, client: Client) -> None:
        """Mails then speak it too."""
        person = make_person()
        client.force_login(person)
        client.post("/preferences/language", {"language": "es"})
        person.refresh_from_db()
        assert person.language == "es"

    @pytest.mark.parametrize(
        "target", ["//evil.example", "https://evil.example", "\\\\evil.example", "javascript:1"]
    )
    def test_never_leads_elsewhere(self, client: Client, target: str) -> None:
        """`next` is an address of ours or home."""
        answer = client.post("/preferences/language", {"language": "es", "next": target})
        assert answer.headers["Location"] == "/"


@pytest.mark.django_db
class TestTheme:
    """How bright a page is."""

    @pytest.mark.parametrize("theme", ["auto", "light", "dark"])
    def test_is_set_on_the_page_by_the_server(self, client: Client, theme: str) -> None:
        """No flash of the other theme: the page arrives in it."""
        answer = client.post("/preferences/theme", {"theme": theme, "next": "/"})
        assert answer.status_code == 303
        assert f'data-theme="{theme}"' in client.get("/").content.decode()

    def test_ignores_what_it_does_not_know(self, client: Client) -> None:
        """A made-up theme is `auto`, and never reaches the page."""
        client.cookies["theme"] = '"><script>'
        assert 'data-theme="auto"' in client.get("/").content.decode()


@pytest.mark.django_db
class TestStyleguide:
    """The living styleguide."""

    def test_is_not_there_outside_demo_and_debug(self, client: Client) -> None:
        """A school's installation does not show our workbench."""
        assert client.get("/styleguide").status_code == 404
