"""Who asks: on these pages always somebody who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person


def signed_in(request: HttpRequest) -> Person:
    """Give the signed-in person of a view behind `login_required`.

    Raises:
        PermissionDenied: nobody is signed in.
    """
    person = person_of(request)
    if person is None:
        raise PermissionDenied
    return person
