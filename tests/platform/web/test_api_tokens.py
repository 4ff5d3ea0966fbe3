"""The page of an organization's API tokens, and the page of the API's codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from insignia.accounts.models import Person
from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.organizations.api_tokens import api_token_create, api_token_revoke
from insignia.organizations.models import ApiToken, Organization
from insignia.organizations.selectors import api_token_open
from tests.browser import Look, Opener, Shoot, accessible, every_look
from tests.platform.factories import make_member, make_organization
from tests.platform.web.two_schools import make_visitor

FORM = {"name": "Student system", "scopes": ["awards:write", "badges:read"], "days": "30"}
HERE = "/o/quillwater-high/tokens"


@pytest.fixture
def school() -> Organization:
    cache.clear()
    return make_organization("quillwater-high")


@pytest.fixture
def owner(school: Organization) -> Person:
    return make_member(school, "owner", name="Dana Owner")


@pytest.fixture
def client(owner: Person) -> Client:
    return make_visitor("owner", None, owner).client


def make_token(school: Organization, owner: Person, name: str = "Student system", *, days: int = 30) -> ApiToken:
    at = datetime.now(UTC)
    return api_token_create(
        organization=school,
        name=name,
        scopes=["awards:write", "awards:read"],
        expires_at=at + timedelta(days=days),
        person=owner,
        at=at,
    )


@pytest.mark.django_db
class TestTokens:
    def test_shows_the_secret_once(self, client: Client) -> None:
        answer = client.post(f"{HERE}/new", FORM)
        assert (answer.status_code, answer.headers["Location"]) == (303, HERE)
        first, second = (client.get(HERE).content.decode() for _time in range(2))
        [secret] = re.findall(r"insignia_[A-Za-z0-9_-]{43}", first)
        token = api_token_open(secret=secret, on=datetime.now(UTC))
        assert token.scopes == ["awards:write", "badges:read"]
        assert timedelta(days=29) < token.expires_at - datetime.now(UTC) <= timedelta(days=30)
        assert secret not in second
        assert token.prefix in second
        assert secret not in str(dict(client.session))

    def test_keeps_what_was_typed(self, client: Client) -> None:
        answer = client.post(f"{HERE}/new", {"name": "Student system", "days": "30"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="Student system"' in page
        assert "Choose at least one thing that it may do." in page
        assert "<title>Error: Make a token" in page
        assert not ApiToken.objects.exists()

    def test_asks_for_a_fresh_proof_before_it_makes_one(self, school: Organization, owner: Person) -> None:
        stale = Client()
        stale.force_login(owner)
        answer = stale.post(f"{HERE}/new", FORM)
        assert answer.status_code == 403
        assert "so we ask once more" in answer.content.decode()
        assert not ApiToken.objects.exists()

    def test_revokes(self, client: Client, school: Organization, owner: Person) -> None:
        token = make_token(school, owner)
        answer = client.post(f"{HERE}/{token.public_id}/revoke")
        assert answer.status_code == 303
        page = client.get(HERE).content.decode()
        assert "Student system is revoked." in page
        token.refresh_from_db()
        assert token.revoked_at is not None

    def test_says_which_ended_with_its_maker(self, client: Client, school: Organization, owner: Person) -> None:
        former = make_member(school, "owner", name="Former Owner")
        make_token(school, former)
        assert "Ended: its maker is no owner now" not in client.get(HERE).content.decode()
        former_roles = school.memberships.get(person=former).roles
        former_roles.all().delete()
        assert "Ended: its maker is no owner now" in client.get(HERE).content.decode()

    def test_lets_the_record_say_through_which_token_something_was_done(
        self, client: Client, school: Organization, owner: Person
    ) -> None:
        token = make_token(school, owner)
        audit_record(
            actor=Actor.program(owner, token=token.prefix),
            at=datetime.now(UTC),
            action="award.revoked",
            subject=("award", token.public_id),
            organization_id=school.public_id,
        )
        page = client.get("/o/quillwater-high/audit").content.decode()
        assert f"Dana Owner, through API token {token.prefix}" in page
        assert "API token made" in client.get("/o/quillwater-high/audit?about=tokens").content.decode()

    def test_teaches_the_first_step_where_there_is_none(self, client: Client) -> None:
        assert "No token yet." in client.get(HERE).content.decode()


@pytest.mark.django_db(transaction=True)
class TestInBrowser:
    @every_look
    def test_is_open_to_all(
        self,
        open_page: Opener,
        shoot: Shoot,
        live_server: LiveServer,
        school: Organization,
        owner: Person,
        look: Look,
    ) -> None:
        """Made by hand, shown once, revoked: axe finds nothing on the way, and nothing scrolls sideways."""
        ended = make_token(school, owner, "Wolfeschlegelsteinhausenbergerdorff-Etxeberria synchronisation")
        api_token_revoke(organization=school, token_id=ended.public_id, person=owner, at=datetime.now(UTC))
        page = open_page("/problems", look=look)
        accessible(page)
        shoot(page, f"problems-{look.name}")
        session = make_visitor("owner", None, owner).client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = open_page(f"{HERE}/new", context=page.context)
        accessible(page)
        shoot(page, f"token-new-{look.name}")
        page.locator("input[name=name]").fill("Student system")
        page.locator("input[value='awards:write']").check()
        page.locator("main form button").click()
        expect(page.locator("#fresh-token")).to_contain_text("insignia_")
        accessible(page)
        shoot(page, f"tokens-{look.name}")
