"""A program with a token of a school that can sign."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client

from insignia.accounts.models import Person
from insignia.awards.models import Award
from insignia.awards.services import award_from_decision
from insignia.issuing.services import lists_republish
from insignia.organizations.api_tokens import api_token_create, api_token_secret
from insignia.organizations.models import ApiToken, Organization, Scope
from tests.platform.again import again
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import make_member, this_hour
from tests.platform.runs.world import make_run_world


@dataclass
class Program:
    """What asks: a client without cookies that is checked for them, and a token."""

    world: World
    owner: Person
    token: ApiToken
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    @property
    def organization(self) -> Organization:
        return self.world.organization

    @property
    def secret(self) -> str:
        return api_token_secret(self.token.public_id)

    def get(self, path: str, **headers: str) -> HttpResponseBase:
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers))

    def post(self, path: str, body: object = None, **headers: str) -> HttpResponseBase:
        raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
        kind = headers.pop("content_type", "application/json")
        return self.client.post(f"/api/v1{path}", raw, content_type=kind, headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"authorization": f"Bearer {self.secret}"} | named


def make_program(world: World | None = None, *, scopes: list[str] | None = None, name: str = "Sync") -> Program:
    """Make a program of a school, as of now."""
    wanted = tuple(Scope.values if scopes is None else scopes)
    if world is not None:
        return _made(world, wanted, name)
    return again(("program", wanted, name), lambda: _made(make_world(at=this_hour()), wanted, name))


def _made(school: World, scopes: tuple[str, ...], name: str) -> Program:
    at = datetime.now(UTC)
    owner = make_member(school.organization, "owner", name="Dana Owner")
    token = api_token_create(
        organization=school.organization,
        name=name,
        scopes=list(scopes),
        expires_at=at + timedelta(days=30),
        person=owner,
        at=at,
    )
    return Program(school, owner, token)


def make_awarding_world() -> World:
    """Make a school whose badge anybody may get in bulk."""
    made = make_run_world()
    lists_republish(datetime.now(UTC))
    return replace(made.school, version=made.version)


def make_award(world: World) -> Award:
    """Give one award, as of now."""
    at = datetime.now(UTC)
    return award_from_decision(decision_id=make_decision(world, at=at).public_id, at=at)


def body_of(answer: HttpResponseBase) -> Any:  # noqa: ANN401  - any JSON
    """Read what was answered."""
    assert not answer.streaming
    return json.loads(answer.content)  # type: ignore[attr-defined]  # only streaming answers have no content
