"""What every write of runs does besides: check whose it is and where it stands, and leave a row in the record."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from insignia.accounts.selectors import person_get
from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.organizations.selectors import permission_require
from insignia.runs.errors import RunNotFound, RunStateWrong
from insignia.runs.models import Run
from insignia.runs.rules import TRANSITIONS

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.organizations.models import Organization

REGISTRAR = "registrar"
RELATED = ("organization", "version__achievement", "approval")


def registrar_require(actor: Actor, organization: Organization) -> Person | None:
    """Let registrars and owners pass, and our own commands; what acts for a person has the person's rights.

    Raises:
        NotFound: the person is no member.
        NotAllowed: a member without the role.
    """
    person = person_get(actor.id) if actor.kind == "person" and actor.id else None
    if person is not None:
        permission_require(person=person, organization=organization, role=REGISTRAR)
    return person


def run_locked(run_id: UUID, action: str, *, actor: Actor) -> tuple[Run, Person | None]:
    """Load and lock a run that the actor may act on, at a point where `action` is possible.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: the run is at another point.
    """
    rows = Run.objects.select_for_update(of=("self",)).select_related(*RELATED)
    run = rows.filter(public_id=run_id).first()
    if run is None:
        raise RunNotFound("There is no such run here.")
    person = registrar_require(actor, run.organization)
    if run.state not in TRANSITIONS[action]:
        raise RunStateWrong(f"This run is {run.state}. Nothing changed.", state=run.state)
    return run, person


def run_audit(
    run: Run, action: str, *, actor: Actor, at: datetime, old: str = "", new: dict[str, Any] | None = None
) -> None:
    """Leave one row about the run, in the caller's transaction."""
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=("run", run.public_id),
        organization_id=run.organization.public_id,
        old={"state": old} if old else {},
        new={"state": run.state, **(new or {})},
    )
