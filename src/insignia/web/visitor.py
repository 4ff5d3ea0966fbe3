"""Who is looking: the signed-in person, or nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest

if TYPE_CHECKING:
    from insignia.accounts.models import Person


def person_of(request: HttpRequest) -> Person | None:
    """Give the signed-in person, or None."""
    user = getattr(request, "user", None)
    return cast("Person", user) if user is not None and user.is_authenticated else None
