from __future__ import annotations

from datetime import timedelta

import pytest

from insignia.audit.models import AuditEntry
from insignia.organizations.api_tokens import api_token_create, api_token_revoke, api_token_secret, api_token_used
from insignia.organizations.errors import (
    ApiTokenIncomplete,
    ApiTokenNotFound,
    ApiTokenUnusable,
    OrganizationNotFound,
    RoleMissing,
    ScopeMissing,
)
from insignia.organizations.models import ApiToken, Organization, Role
from insignia.organizations.selectors import api_token_open, api_tokens_of, membership_of, scope_require
from insignia.organizations.services import membership_end, roles_set
from tests.platform.factories import AT, make_member, make_organization

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)


@pytest.fixture
def school() -> Organization:
    return make_organization()


def make_token(school: Organization, *, days: int = 30) -> ApiToken:
    owner = make_member(school, Role.OWNER)
    return api_token_create(
        organization=school,
        name="  Student \n system ",
        scopes=["awards:write", "awards:read"],
        expires_at=AT + timedelta(days=days),
        person=owner,
        at=AT,
    )


def opens(token: ApiToken) -> bool:
    try:
        return api_token_open(secret=api_token_secret(token.public_id), on=AT) == token
    except ApiTokenUnusable:
        return False


class TestApiToken:
    def test_is_stored_as_a_hash_and_recorded_without_its_secret(self, school: Organization) -> None:
        token = make_token(school)
        secret = api_token_secret(token.public_id)
        assert len(secret) == len("insignia_") + 43
        assert secret not in str(ApiToken.objects.values().get())
        [row] = AuditEntry.objects.filter(action="api-token.created", subject_id=token.public_id)
        assert row.new == {"scopes": ["awards:read", "awards:write"], "prefix": secret[:15]}
        assert token.name == "Student system"

    def test_opens_until_its_end(self, school: Organization) -> None:
        token = make_token(school)
        secret = api_token_secret(token.public_id)
        assert api_token_open(secret=secret, on=token.expires_at - timedelta(seconds=1)) == token
        with pytest.raises(ApiTokenUnusable):
            api_token_open(secret=secret, on=token.expires_at)

    @pytest.mark.parametrize("change", [str.lower, str.strip, lambda text: text[:-1], lambda text: text[9:]])
    def test_opens_to_its_whole_secret_alone(self, school: Organization, change: object) -> None:
        secret = api_token_secret(make_token(school).public_id)
        assert callable(change)
        changed = change(secret)
        if changed != secret:
            with pytest.raises(ApiTokenUnusable):
                api_token_open(secret=changed, on=AT)

    def test_ends_with_its_revocation_once(self, school: Organization) -> None:
        token = make_token(school)
        for _time in range(2):
            api_token_revoke(organization=school, token_id=token.public_id, person=token.created_by, at=AT)
        assert not opens(token)
        assert AuditEntry.objects.filter(action="api-token.revoked").count() == 1

    def test_ends_when_its_maker_leaves_or_owns_no_more(self, school: Organization) -> None:
        first, second = make_token(school), make_token(school)
        assert opens(first)
        assert opens(second)
        leaving = membership_of(person=first.created_by, organization=school)
        demoted = membership_of(person=second.created_by, organization=school)
        assert leaving
        assert demoted
        make_member(school, Role.OWNER)
        membership_end(membership_id=leaving.public_id, person=first.created_by, at=AT)
        roles_set(membership_id=demoted.public_id, roles=[Role.REGISTRAR], person=second.created_by, at=AT)
        assert not opens(first)
        assert not opens(second)

    def test_is_an_owner_s_matter(self, school: Organization) -> None:
        token = make_token(school)
        for person, error in (
            (make_member(school, Role.REGISTRAR, Role.AUTHOR), RoleMissing),
            (make_member(make_organization(), Role.OWNER), OrganizationNotFound),
        ):
            with pytest.raises(error):
                api_tokens_of(organization=school, viewer=person)
            with pytest.raises(error):
                api_token_revoke(organization=school, token_id=token.public_id, person=person, at=AT)
            with pytest.raises(error):
                api_token_create(
                    organization=school,
                    name="x",
                    scopes=["badges:read"],
                    expires_at=AT + MONTH,
                    person=person,
                    at=AT,
                )
        assert opens(token)

    def test_of_another_organization_is_not_there(self, school: Organization) -> None:
        token, there = make_token(school), make_organization()
        owner = make_member(there, Role.OWNER)
        with pytest.raises(ApiTokenNotFound):
            api_token_revoke(organization=there, token_id=token.public_id, person=owner, at=AT)
        assert opens(token)

    @pytest.mark.parametrize(
        ("name", "scopes", "days", "wrong"),
        [
            (" ", ["badges:read"], 30, {"name"}),
            ("x" * 81, ["badges:read"], 30, {"name"}),
            ("x", [], 30, {"scopes"}),
            ("x", ["everything"], 30, {"scopes"}),
            ("x", ["badges:read"], 0, {"expires_at"}),
            ("", ["badges:read", "awards:all"], 367, {"name", "scopes", "expires_at"}),
        ],
    )
    def test_names_what_it_lacks(
        self, school: Organization, name: str, scopes: list[str], days: int, wrong: set[str]
    ) -> None:
        owner = make_member(school, Role.OWNER)
        end = AT + timedelta(days=days)
        with pytest.raises(ApiTokenIncomplete) as caught:
            api_token_create(organization=school, name=name, scopes=scopes, expires_at=end, person=owner, at=AT)
        assert set(caught.value.fields) == wrong
        assert not ApiToken.objects.exists()

    def test_may_what_it_was_made_for(self, school: Organization) -> None:
        token = make_token(school)
        scope_require(token, "awards:read")
        with pytest.raises(ScopeMissing):
            scope_require(token, "badges:read")

    def test_notes_its_use_to_the_minute(self, school: Organization) -> None:
        token = make_token(school)
        for seconds in (0, 59, 61):
            token.refresh_from_db()
            api_token_used(token, at=AT + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == AT + timedelta(seconds=61)
