"""Who is asking: a program with a token. Rights are read afresh at each request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.security import HttpBearer

from insignia.api.errors import RequestsTooMany
from insignia.audit.actor import Actor
from insignia.foundation.rates import within_rate
from insignia.organizations.api_tokens import api_token_used
from insignia.organizations.errors import ApiTokenUnusable
from insignia.organizations.selectors import api_token_open, scope_require

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.organizations.models import ApiToken, Organization

GUESSES_A_MINUTE = 30


@dataclass(frozen=True)
class Caller:
    """A program, the organization it acts in, and the owner it acts for."""

    token: ApiToken

    @property
    def organization(self) -> Organization:
        """Where it acts: nowhere else."""
        return self.token.organization

    @property
    def person(self) -> Person:
        """For whom it acts."""
        return self.token.created_by

    @property
    def actor(self) -> Actor:
        """How the record names it."""
        return Actor.program(self.person, token=self.token.prefix)


class Bearer(HttpBearer):
    """Lets a request pass whose token has the scope, as often as a minute allows."""

    openapi_description = (
        "A token of one organization. Its owners make and revoke tokens under Issuer, API tokens."
    )

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """Give who is asking.

        Raises:
            ApiTokenUnusable: no such token, or not any more.
            ScopeMissing: it was made for other things.
            RequestsTooMany: the minute's requests, or guesses, are used up.
        """
        at = datetime.now(UTC)
        found = _opened(request, token, at=at)
        allowed = settings.INSIGNIA_API_PER_MINUTE
        if not within_rate("api", who=str(found.public_id), per_minute=allowed, at=at):
            raise RequestsTooMany(f"This token has {allowed} requests a minute. Wait as long as Retry-After says.")
        scope_require(found, self.scope)
        api_token_used(found, at=at)
        return Caller(found)


def _opened(request: HttpRequest, secret: str, *, at: datetime) -> ApiToken:
    try:
        return api_token_open(secret=secret, on=at)
    except ApiTokenUnusable:
        if not within_rate("api-guess", who=_machine(request), per_minute=GUESSES_A_MINUTE, at=at):
            raise RequestsTooMany("Too many unknown tokens from here. Wait as long as Retry-After says.") from None
        raise


def _machine(request: HttpRequest) -> str:
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # a server behind a Unix socket tells no address: all guesses count together
        return ""


def caller_of(request: HttpRequest) -> Caller:
    """Give who is asking, inside a handler that a `Bearer` guards."""
    return cast("Caller", request.auth)  # type: ignore[attr-defined]  # the library puts it there
