"""Which links the head shows, and for which role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from insignia.web import urls as real
from insignia.web.navigation import LINKS, hats_of
from tests.platform.factories import join, make_member, make_organization, make_person


def nothing(request: HttpRequest, **_names: str) -> HttpResponse:
    """Answer as a page that is not the point here."""
    return HttpResponse("")


def _pages() -> Iterator[tuple[str, bool]]:
    """Give each page the navigation knows, with whether its address names the organization."""
    seen: set[str] = set()
    for links in LINKS.values():
        for name, _label, own in links:
            if name not in seen:
                seen.add(name)
                yield name, own


# Of two addresses with one name, Django gives the later: so these stand for pages that exist or will.
urlpatterns = [
    *real.urlpatterns,
    *(
        path(f"o/<slug:organization>/{name}" if own else f"all/{name}", nothing, name=name)
        for name, own in _pages()
    ),
]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestNavigation:
    """The head of a page."""

    def test_shows_the_public_pages_to_a_stranger(self, client: Client) -> None:
        """Catalogue, verify, issuers, sign in; nothing of a school."""
        page = client.get("/").content.decode()
        assert 'href="/all/catalogue"' in page
        assert 'href="/sign-in"' in page
        assert "/o/" not in page

    def test_shows_a_learner_their_own_pages(self, client: Client) -> None:
        """Badges and work; no school's pages, no switch of roles."""
        client.force_login(make_person())
        page = client.get("/").content.decode()
        assert 'href="/all/my_badges"' in page
        assert "Acting as" not in page

    def test_follows_the_role_that_was_chosen(self, client: Client) -> None:
        """Somebody with several roles switches, and the links are of that organization."""
        organization = make_organization("quillwater-high")
        client.force_login(make_member(organization, "assessor", "registrar"))
        assert 'href="/all/queue"' in client.get("/").content.decode()
        assert client.post("/preferences/acting", {"acting": "registrar:quillwater-high"}).status_code == 303
        page = client.get("/").content.decode()
        assert 'href="/o/quillwater-high/award_list"' in page
        assert 'href="/all/queue"' not in page

    def test_follows_the_page_that_somebody_with_several_roles_opens(self, client: Client) -> None:
        """On a registrar's page the head is the registrar's, whatever was chosen."""
        organization = make_organization("quillwater-high")
        client.force_login(make_member(organization, "assessor", "author", "registrar"))
        client.post("/preferences/acting", {"acting": "author:quillwater-high"})
        page = client.get("/o/quillwater-high/people").content.decode()
        assert 'href="/o/quillwater-high/award_list"' in page
        assert 'href="/o/quillwater-high/author_badges"' not in page
        assert 'href="/o/quillwater-high/author_badges"' in client.get("/").content.decode()

    def test_ignores_a_role_that_is_not_held(self, client: Client) -> None:
        """The switch shows links; it gives nothing, and not even the links of a stranger's school."""
        make_organization("elsewhere")
        client.force_login(make_person())
        client.post("/preferences/acting", {"acting": "registrar:elsewhere"})
        assert "/o/elsewhere" not in client.get("/").content.decode()

    def test_lists_what_an_owner_amounts_to(self) -> None:
        """An owner authors and registers; judging is a qualification of its own."""
        organization = make_organization()
        person = make_member(organization, "owner")
        assert [hat.role for hat in hats_of(person, "en")] == ["learner", "registrar", "author"]

    def test_keeps_organizations_apart(self) -> None:
        """A role is a role in one school."""
        first, second = make_organization("first-school"), make_organization("second-school")
        person = make_member(first, "assessor")
        join(second, person, "registrar")
        keys = {hat.key for hat in hats_of(person, "en")}
        assert keys == {"learner", "assessor:first-school", "registrar:second-school"}

    @pytest.mark.parametrize("role", LINKS)
    def test_has_five_links_at_most(self, role: str) -> None:
        """More would not be read."""
        assert len(LINKS[role]) <= 5
