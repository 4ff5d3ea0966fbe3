"""How often one machine, or one person, may do something that costs work, mails or could be guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from insignia.foundation import rates
from insignia.web import errors
from insignia.web.visitor import person_of

Rest = ParamSpec("Rest")
ANY_METHOD = frozenset({"GET", "HEAD", "POST"})
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def within_rate(request: HttpRequest, name: str, *, per_minute: int, at: datetime) -> bool:
    """Count one use by this person, or by this machine where nobody is signed in; say if the minute allows it."""
    person = person_of(request)
    who = str(person.public_id) if person else get_adapter(request).get_client_ip(request)
    return rates.within_rate(name, who=who, per_minute=per_minute, at=at)


def rate_limited(
    name: str, *, per_minute: int, methods: frozenset[str] = frozenset({"POST"})
) -> Callable[[View[Rest]], View[Rest]]:
    """Answer 429 with Retry-After once the minute's uses of `name` are spent; other methods are not counted."""

    def limited(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def counting(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            counted = request.method in methods
            if counted and not within_rate(request, name, per_minute=per_minute, at=datetime.now(UTC)):
                return errors.refusal(request, 429)
            return view(request, *args, **kwargs)

        return counting

    return limited
