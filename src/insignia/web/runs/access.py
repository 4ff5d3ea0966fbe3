"""Who opens these pages: a registrar of the organization, and only runs of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from insignia.audit.actor import Actor
from insignia.foundation.errors import InsigniaError
from insignia.runs.selectors import REGISTRAR, run_get
from insignia.web.organizations.access import Seat, seat_of
from insignia.web.runs.words import refusal

if TYPE_CHECKING:
    from insignia.runs.models import Run

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


@dataclass(frozen=True)
class Desk:
    """A registrar at a run."""

    seat: Seat
    run: Run

    @property
    def actor(self) -> Actor:
        """Name them as the one who acts."""
        return Actor.person(self.seat.person)

    def see(self, page: str = "run") -> HttpResponseRedirect:
        """Lead on to a page of the run, as after every POST."""
        address = reverse(page, args=[self.seat.organization.slug, self.run.public_id])
        return HttpResponseRedirect(address, status=303)


def desk_of(request: HttpRequest, slug: str, run_id: UUID) -> Desk:
    """Give the registrar's desk; for views behind `login_required`.

    Raises:
        NotFound: not a member, or no run of this organization. NotAllowed: a member without the role.
    """
    seat = seat_of(request, slug, role=REGISTRAR)
    return Desk(seat, run_get(run_id=run_id, viewer=seat.person, organization=seat.organization))


def now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def spoken(view: View[Rest]) -> View[Rest]:
    """Let a view's refusals reach the error page in the visitor's language."""

    @wraps(view)
    def speaking(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except InsigniaError as error:
            error.message = refusal(error)
            raise

    return speaking
