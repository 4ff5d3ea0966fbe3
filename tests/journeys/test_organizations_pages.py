"""The pages of an organization in a browser: in both languages and themes, wide and on a phone, without script."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from insignia.accounts.models import Person
from insignia.organizations.models import Organization
from insignia.organizations.selectors import roles_of
from insignia.organizations.services import invitation_create, invitation_token, member_consent_record
from tests.browser import PHONE, Look, Opener, Shoot, accessible, every_look, sign_in
from tests.platform.factories import join, make_member, make_organization, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school() -> Organization:
    cache.clear()
    return make_organization("quillwater-high", name="Quillwater High")


@pytest.fixture
def owner(school: Organization) -> Person:
    owner = make_member(school, "owner", "registrar", name="Marguerite Boudreaux")
    make_member(school, "author", name="Priscilla Yazzie")
    make_member(school, "assessor", name="Maximiliana Wolfeschlegelsteinhausenbergerdorff-Etxeberria")
    mai = join(school, make_person("Mai Nguyen", born_on=None))
    at = datetime.now(UTC)
    member_consent_record(membership_id=mai.public_id, given_by="Hòa Nguyen", person=owner, at=at)
    for email, roles, ago in (("samuel@example.org", ["assessor"], 1), ("old@example.org", [], 20)):
        made = at - timedelta(days=ago)
        invitation_create(organization=school, email=email, roles=roles, person=owner, at=made)
    return owner


@every_look
def test_every_page_is_open_to_all(
    open_page: Opener,
    shoot: Shoot,
    live_server: LiveServer,
    owner: Person,
    look: Look,
) -> None:
    """Axe finds nothing, nothing scrolls sideways; every page is in the language that was asked for."""
    page = open_page("/", look=look)
    sign_in(page.context, owner, live_server)
    people = "/o/quillwater-high/people"
    seen = {"people": people, "invite": f"{people}/invite", "audit": "/o/quillwater-high/audit"}
    for name, address in seen.items():
        page.goto(address)
        accessible(page)
        assert page.locator("html").get_attribute("lang") == look.language
        shoot(page, f"organizations-{name}-{look.name}")
    page.goto(people)
    page.get_by_role("link", name="Mai Nguyen").click()
    accessible(page)
    shoot(page, f"organizations-member-{look.name}")
    page.goto("/account")
    accessible(page)
    shoot(page, f"account-{look.name}")


def test_an_owner_invites_by_keyboard_and_without_script(
    open_page: Opener, shoot: Shoot, live_server: LiveServer, owner: Person
) -> None:
    """A wrong address keeps what was typed; a right one sends."""
    page = open_page("/", javascript=False, viewport=PHONE)
    sign_in(page.context, owner, live_server)
    page.goto("/o/quillwater-high/people")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("lucia@@example")
    page.get_by_label("Assessor: judges what learners hand in").check()
    page.get_by_role("button", name="Mail the invitation").click()
    expect(page.get_by_role("link", name="This is not an e-mail address.")).to_have_count(1)
    assert page.get_by_label("Assessor: judges").is_checked()
    shoot(page, "organizations-invite-error")
    page.get_by_label("E-mail address").fill("lucia@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people")
    assert "lucia@example.org is on its way" in page.content()
    shoot(page, "organizations-people-told")


def test_an_invitation_is_read_and_accepted(
    open_page: Opener, shoot: Shoot, live_server: LiveServer, owner: Person, school: Organization
) -> None:
    """Signed out: what it is. Signed in: join. Afterwards: over."""
    made = invitation_create(
        organization=school, email="lucia@example.org", roles=["assessor"], person=owner, at=datetime.now(UTC)
    )
    address = f"/invitations/{invitation_token(made.public_id)}"
    page = open_page(address, viewport=PHONE)
    accessible(page)
    shoot(page, "invitation-signed-out")
    lucia = make_person("Lucía Ferreyra")
    sign_in(page.context, lucia, live_server)
    page.goto(address)
    accessible(page)
    shoot(page, "invitation")
    page.get_by_role("button", name="Join Quillwater High").click()
    page.wait_for_url("**/")
    assert "You belong to Quillwater High now." in page.content()
    assert roles_of(person=lucia, organization=school) == {"assessor"}
    page.goto(address)
    accessible(page)
    shoot(page, "invitation-over")


def test_a_new_organization_is_told_the_first_step(
    open_page: Opener, shoot: Shoot, live_server: LiveServer, school: Organization
) -> None:
    """The empty state teaches."""
    page = open_page("/")
    sign_in(page.context, make_member(school, "owner", name="Marguerite Boudreaux"), live_server)
    page.goto("/o/quillwater-high/people")
    accessible(page)
    shoot(page, "organizations-people-empty")
