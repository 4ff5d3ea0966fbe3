"""One change of many awards: chosen by what they are, counted first, then done chunk by chunk by a job.

The row of the change is the truth: it says which awards are meant, which was looked at last, and how many are
done. A chunk and the row's progress are one transaction, so a crash repeats nothing and forgets nothing.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.awards.errors import AwardNotFound, MeantOtherwise, NothingMeant
from insignia.awards.models import Award, MassChange
from insignia.awards.selection import FROM_STATES, Selection, awards_meant
from insignia.awards.selectors import RELATED
from insignia.awards.services.changes import changes_apply
from insignia.awards.services.next_documents import KINDS, Made, next_documents_make
from insignia.awards.services.recording import reason_checked, registrar_require
from insignia.foundation.errors import InsigniaError, NotAllowed, NotFound, Unavailable
from insignia.foundation.ids import new_id
from insignia.foundation.leases import lease_release, lease_take
from insignia.foundation.wake import wake
from insignia.issuing.errors import IssuerMissing

if TYPE_CHECKING:
    from insignia.organizations.models import Organization

log = logging.getLogger(__name__)
CHANGES_JOB = Actor.system("awards.changes")
JOB = "awards.changes"
TURN_SECONDS = 5
"""How long one call works before it lets other jobs, such as mails, have their turn."""
CHUNK = 500
DOCUMENT_CHUNK = 200
"""How many awards get their next documents together."""
LEASE_SECONDS = 180


@transaction.atomic
def awards_change_many(
    *,
    organization: Organization,
    selection: Selection,
    change: str,
    reason: str,
    actor: Actor,
    at: datetime,
    expected: int | None = None,
) -> MassChange:
    """Begin to change every award that is meant and can take the change; a job does it.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        NothingMeant: no award is meant.
        MeantOtherwise: other than the expected number of them are meant.
        ReasonMissing: no reason.
    """
    person = registrar_require(actor, organization)
    text = reason_checked(reason)
    total = awards_meant(selection, organization=organization, change=change, on=at).count()
    if not total:
        raise NothingMeant("No badge is meant. Nothing changed.")
    if expected not in {None, total}:
        raise MeantOtherwise("By now other badges are meant than were counted. Nothing changed.")
    mass = MassChange.objects.create(
        organization=organization,
        kind=MassChange.Kind(change),
        reason=text,
        selection=selection.to_json(),
        total=total,
        at=at,
        by=person,
    )
    _audit(mass, "awards.mass-change-begun", actor=actor, at=at)
    wake(JOB)
    return mass


@transaction.atomic
def mass_change_stop(*, organization: Organization, change_id: UUID, actor: Actor, at: datetime) -> MassChange:
    """Stop a change where it is; what is done stays done. Twice is the same as once.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardNotFound: there is no such change there.
    """
    registrar_require(actor, organization)
    mass = MassChange.objects.select_for_update().filter(organization=organization, public_id=change_id).first()
    if mass is None:
        raise AwardNotFound("There is no such change here.")
    if mass.finished_at is None and mass.stopped_at is None:
        mass.stopped_at = at
        mass.save(update_fields=["stopped_at"])
        _audit(mass, "awards.mass-change-stopped", actor=actor, at=at)
    return mass


def mass_changes_converge(at: datetime) -> int:
    """Carry begun changes on for one turn; give how many awards were looked at. Safe beside another worker.

    The open changes take turns, a chunk each, from one call to the next. One that fails holds up no other: it is
    tried again in the next call, and the first failure is raised when the others had their turn.

    Raises:
        InsigniaError: an issuer cannot sign now, or the database is an old copy.
    """
    ends, looked_at, failed = time.monotonic() + TURN_SECONDS, 0, list[Exception]()
    waiting = deque(_open_changes().order_by("turn", "id").values_list("pk", flat=True))
    while waiting and (not looked_at or time.monotonic() <= ends):
        mass_id = waiting.popleft()
        if waiting:
            _go_behind_others(mass_id)
        try:
            count = _step(mass_id, at=at)
        except InsigniaError as error:
            log.warning("change %s waits: %s (%s)", mass_id, error.message, error.code)
            failed.append(error)
        except Exception as error:  # whatever it is, the others are carried on; the log has its traceback
            log.exception("change %s cannot be carried on", mass_id)
            failed.append(error)
        else:
            looked_at += count
            waiting.extend([mass_id] if count else [])
    if waiting:
        wake(JOB)
    if failed:
        raise failed[0]
    return looked_at


def _open_changes() -> QuerySet[MassChange]:
    return MassChange.objects.filter(finished_at__isnull=True, stopped_at__isnull=True)


@transaction.atomic
def _go_behind_others(mass_id: int) -> None:
    """Let the others go first next time, even if this one fails or its worker dies."""
    if MassChange.objects.select_for_update(skip_locked=True).filter(pk=mass_id).exists():
        last = _open_changes().aggregate(last=Max("turn"))["last"] or 0
        MassChange.objects.filter(pk=mass_id).update(turn=last + 1)


def _step(mass_id: int, *, at: datetime) -> int:
    """Do one chunk; 0 when nothing is left to do, or somebody else is at it."""
    mass = MassChange.objects.select_related("organization", "by").get(pk=mass_id)
    if not _still_allowed(mass):
        _stop_unasked(mass, at=at)
        return 0
    return _document_chunk(mass, at=at) if mass.kind in KINDS else _change_chunk(mass_id, at=at)


def _still_allowed(mass: MassChange) -> bool:
    """Say whether whoever began the change still may: rights are looked at when they are used."""
    try:
        registrar_require(_actor(mass), mass.organization)
    except (NotAllowed, NotFound):
        return False
    return True


def _actor(mass: MassChange) -> Actor:
    return Actor.person(mass.by) if mass.by else CHANGES_JOB


@transaction.atomic
def _stop_unasked(mass: MassChange, *, at: datetime) -> None:
    mass.stopped_at = at
    mass.save(update_fields=["stopped_at"])
    _audit(mass, "awards.mass-change-stopped", actor=CHANGES_JOB, at=at)


@transaction.atomic
def _change_chunk(mass_id: int, *, at: datetime) -> int:
    mass = _locked(mass_id)
    if mass is None:
        return 0
    page = _page(mass, size=CHUNK)
    rows = Award.objects.filter(pk__in=page, state__in=FROM_STATES[mass.kind]).select_related(*RELATED)
    awards = list(rows.select_for_update(of=("self",)).order_by("pk"))
    if awards:
        changes_apply(awards, mass.kind, reason=mass.reason, actor=_actor(mass), at=at, mass_id=mass.public_id)
    _progress(mass, page, done=len(awards), refused=len(page) - len(awards), at=at)
    return len(page)


def _document_chunk(mass: MassChange, *, at: datetime) -> int:
    """Sign the next documents of a page, in transactions of their own; of each change by one worker at a time."""
    lease, holder = f"awards.mass-change:{mass.pk}", str(new_id())
    if not lease_take(lease, holder=holder, at=at, seconds=LEASE_SECONDS):
        return 0
    try:
        page = _page(mass, size=DOCUMENT_CHUNK)
        made = next_documents_make(mass, page, actor=_actor(mass), at=at) if page else Made(0, 0)
        if made is None:
            return 0
        with transaction.atomic():
            locked = _locked(mass.pk)
            if locked is None or locked.last_id != mass.last_id:
                return 0
            _progress(locked, page, done=made.alone, refused=len(page) - sum(made), at=at)
    except (Unavailable, IssuerMissing) as error:
        log.warning("change %s waits: %s (%s)", mass.public_id, error.message, error.code)
        return 0
    finally:
        lease_release(lease, holder=holder)
    return len(page)


def _locked(mass_id: int) -> MassChange | None:
    """Lock an open change; None when it is closed, or another worker holds it."""
    rows = MassChange.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
        "organization", "by"
    )
    return rows.filter(pk=mass_id, finished_at__isnull=True, stopped_at__isnull=True).first()


def _page(mass: MassChange, *, size: int) -> list[int]:
    """List the next awards that are meant, behind the last one looked at."""
    selection = Selection.from_json(mass.selection)
    meant = awards_meant(selection, organization=mass.organization, change=mass.kind, on=mass.at)
    return list(meant.filter(pk__gt=mass.last_id).values_list("pk", flat=True)[:size])


def _progress(mass: MassChange, page: list[int], *, done: int, refused: int, at: datetime) -> None:
    if page:
        mass.last_id, mass.done, mass.refused = page[-1], mass.done + done, mass.refused + refused
    else:
        mass.finished_at = at
        _audit(mass, "awards.mass-change-finished", actor=_actor(mass), at=at)
    mass.save(update_fields=["last_id", "done", "refused", "finished_at"])


def _audit(mass: MassChange, action: str, *, actor: Actor, at: datetime) -> None:
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=("mass-change", mass.public_id),
        organization_id=mass.organization.public_id,
        new={"kind": mass.kind, "total": mass.total, "done": mass.done, "selection": mass.selection},
    )
