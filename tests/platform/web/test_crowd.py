"""A public page that is written once for many visitors, and what must never be shared between them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from insignia.audit.actor import Actor
from insignia.awards.models import Award
from insignia.awards.services import award_revoke, visibility_set
from insignia.organizations.services import member_consent_record, member_consent_withdraw
from insignia.web.crowd import TOKEN_STAND_IN, for_a_crowd
from tests.platform.awards.world import World
from tests.platform.factories import join, make_person, owner_of
from tests.platform.web.award_world import ADULT, make_award, make_past_world, minor_born, now

pytestmark = pytest.mark.django_db(transaction=True)

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture
def world(settings: LazySettings) -> World:
    settings.INSIGNIA_WAKE = "worker"
    return make_past_world()


@pytest.fixture
def award(world: World) -> Award:
    award = make_award(world, born_on=ADULT)
    show(award, "public")
    return award


def show(award: Award, visibility: str) -> None:
    actor = Actor.person(owner_of(award))
    visibility_set(award_id=award.public_id, visibility=visibility, actor=actor, at=now())


def address(award: Award) -> str:
    return f"/awards/{award.public_id}"


def visit(award: Award, client: Client | None = None, **headers: str) -> str:
    answer = (client or Client()).get(address(award), headers={"accept": BROWSER} | headers)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    assert TOKEN_STAND_IN not in text
    return text


def without_token(page: str) -> str:
    return page.replace(TOKEN.findall(page)[0], "")


class TestSharedPage:
    """What visitors of whom nothing is known share."""

    def test_costs_one_question_while_it_is_kept(self, award: Award) -> None:
        first = visit(award)
        with CaptureQueriesContext(connection) as asked:
            again = visit(award)
        assert len(asked) == 1, asked.captured_queries
        assert without_token(again) == without_token(first)

    def test_is_written_anew_a_second_later(self, award: Award) -> None:
        visit(award)
        time.sleep(1.05)
        with CaptureQueriesContext(connection) as asked:
            visit(award)
        assert len(asked) > 1

    def test_brings_each_visitor_a_form_token_of_their_own_that_works(self, award: Award) -> None:
        tokens = set()
        for _ in range(2):
            visitor = Client(enforce_csrf_checks=True)
            token = TOKEN.findall(visit(award, visitor))[0]
            chosen = {"language": "es", "next": address(award), "csrfmiddlewaretoken": token}
            assert visitor.post("/preferences/language", chosen).status_code == 303
            assert 'lang="es"' in visit(award, visitor)
            tokens.add(token)
        assert len(tokens) == 2

    def test_is_another_in_another_language_brightness_or_host(self, award: Award, settings: LazySettings) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        assert '<html lang="en" data-theme="auto">' in visit(award)
        assert '<html lang="es" data-theme="auto">' in visit(award, accept_language="es")
        dark = Client()
        dark.cookies["theme"] = "dark"
        assert '<html lang="en" data-theme="dark">' in visit(award, dark)
        assert "elsewhere.example" not in visit(award)
        visit(award, host="elsewhere.example")
        assert "elsewhere.example" not in visit(award)

    def test_goes_the_moment_its_owner_takes_it_back(self, award: Award) -> None:
        visit(award)
        show(award, "private")
        refused = Client().get(address(award), headers={"accept": BROWSER})
        assert refused.status_code == 404
        assert TOKEN_STAND_IN not in refused.content.decode()

    def test_tells_of_a_revocation_at_once(self, award: Award, world: World) -> None:
        before = visit(award)
        award_revoke(award_id=award.public_id, reason="A slip.", actor=Actor.person(world.registrar), at=now())
        assert visit(award) != before


class TestNotShared:
    """What is one visitor's own, or ends with something that the award's own record does not tell."""

    def test_the_page_of_a_minor_goes_the_moment_the_guardian_takes_the_consent_back(self, world: World) -> None:
        mai = make_person("Mai Nguyen", born_on=minor_born())
        membership = join(world.organization, mai)
        consent = member_consent_record(
            membership_id=membership.public_id, given_by="Hòa", person=world.registrar, at=now()
        )
        award = make_award(world, learner=mai, visibility="public")
        page = visit(award)
        assert "Mai Nguyen" in page
        assert len(set(TOKEN.findall(page + visit(award)))) > 1, "each visitor's form token is their own"
        member_consent_withdraw(
            organization=world.organization, consent_id=consent.public_id, person=world.registrar, at=now()
        )
        assert Client().get(address(award), headers={"accept": BROWSER}).status_code == 404

    def test_the_page_of_somebody_signed_in_reaches_nobody_else(self, award: Award) -> None:
        owner = Client()
        owner.force_login(owner_of(award))
        assert "Sign out" in visit(award, owner)
        assert "Sign out" not in visit(award)
        assert "Sign out" in visit(award, owner)

    def test_a_program_gets_the_file_it_asks_for(self, award: Award) -> None:
        visit(award)
        answer = Client().get(address(award), headers={"accept": "application/vc+ld+json"})
        assert answer.headers["Content-Type"].startswith("application/vc+ld+json")

    def test_a_question_about_a_day_is_answered_by_itself(self, award: Award) -> None:
        visit(award)
        answer = Client().get(f"{address(award)}?on=2020-01-01", headers={"accept": BROWSER})
        assert "2020-01-01" in answer.content.decode()
        assert "2020-01-01" not in visit(award)
        assert TOKEN_STAND_IN not in answer.content.decode()


def numbered(written: list[UUID], *, status: int = 200) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Make a view that takes a moment and notes what it wrote."""

    def view(request: HttpRequest, subject_id: UUID) -> HttpResponse:
        time.sleep(0.1)
        written.append(subject_id)
        return HttpResponse(f"{request.csrf_token}", status=status)  # type: ignore[attr-defined]  # ours

    return view


def asked(path: str = "/") -> HttpRequest:
    request = RequestFactory().get(path, headers={"accept": BROWSER})
    request.LANGUAGE_CODE = "en"
    request.theme = "auto"  # type: ignore[attr-defined]  # the middleware's
    return request


class TestCrowd:
    """Visitors of the same moment."""

    def test_wait_for_the_one_that_writes(self) -> None:
        written: list[UUID] = []
        shared = for_a_crowd("award", named="subject_id")(numbered(written))
        subject = uuid4()

        def visit_once(_: int) -> bytes:
            try:
                answer = shared(asked(), subject_id=subject)
                assert isinstance(answer, HttpResponse)
                return answer.content
            finally:
                close_old_connections()
                connection.close()

        with ThreadPoolExecutor(8) as crowd:
            bodies = set(crowd.map(visit_once, range(8)))
        assert written == [subject]
        assert len(bodies) == 8
        assert TOKEN_STAND_IN.encode() not in bodies

    def test_share_no_refusal(self) -> None:
        written: list[UUID] = []
        shared = for_a_crowd("award", named="subject_id")(numbered(written, status=410))
        subject = uuid4()
        for _ in range(2):
            answer = shared(asked(), subject_id=subject)
            assert answer.status_code == 410
            assert isinstance(answer, HttpResponse)
            assert answer.content != TOKEN_STAND_IN.encode()
        assert len(written) == 2
