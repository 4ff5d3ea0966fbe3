"""Steering a run: start, pause, resume, cancel, undo. Each changes the run's row; the job does what follows."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from insignia.audit.actor import Actor
from insignia.awards.holdings import awards_made
from insignia.awards.services import claim_mails_cancel
from insignia.foundation.bulk import bulk_insert
from insignia.foundation.wake import wake
from insignia.issuing.selectors import issuer_of
from insignia.issuing.services import approval_grant, approval_withdraw
from insignia.runs.errors import BadgeNotAwardable, NothingToUndo, RunNothingDue, UndoOver
from insignia.runs.models import Run, RunChunk, RunRow
from insignia.runs.rules import DUE
from insignia.runs.services.recording import run_audit, run_locked

JOB = "runs.converge"
APPROVAL = "run"
CHUNK_ROWS = {"postgresql": 1000, "sqlite": 250}
"""How many rows a worker takes at once. SQLite has one writer: pages want their turn more often."""
CHUNK_COLUMNS = ("run_id", "first", "last", "rows", "tries", "leased_until", "leased_at", "done_at")
CANCELS = 1000


@transaction.atomic
def run_start(*, run_id: UUID, actor: Actor, at: datetime) -> Run:
    """Let the badges of a checked run be signed; the start is what allows it. Mails wait for the time to undo.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: the dry run is not done, or the run was started.
        RunNothingDue: no row leads to a badge.
        BadgeNotAwardable: the badge was retired meanwhile.
        IssuerMissing: the organization cannot sign yet.
    """
    run, person = run_locked(run_id, "start", actor=actor)
    if run.version.state != run.version.State.PUBLISHED:
        raise BadgeNotAwardable("This badge was retired meanwhile. Nothing was started.")
    if not run.due:
        raise RunNothingDue("No row leads to a badge. Correct the rows, and look at them again.")
    issuer_of(run.organization)
    run.approval = approval_grant(
        organization=run.organization, kind=APPROVAL, subject_id=run.public_id, granted_at=at
    )
    run.state, run.started_at, run.started_by = Run.State.RUNNING, at.replace(microsecond=0), person
    run.undo_until = at + timedelta(minutes=run.undo_minutes)
    rows = RunRow.objects.filter(run=run)
    run.refused = rows.exclude(row_class__in=DUE).update(outcome=RunRow.Outcome.REFUSED)
    run.save()
    bulk_insert(RunChunk, CHUNK_COLUMNS, _chunks(run))
    new = {"due": run.due, "refused": run.refused, "approval": str(run.approval.public_id)}
    run_audit(run, "run.started", actor=actor, at=at, old=Run.State.CHECKED, new=new)
    wake(JOB)
    return run


def _chunks(run: Run) -> list[tuple[object, ...]]:
    """Cut the rows that are due into stretches of numbers; only these are held, not the rows."""
    size = CHUNK_ROWS[connection.vendor]
    due = RunRow.objects.filter(run=run, outcome=RunRow.Outcome.PENDING).order_by("number")
    numbers = array("I", due.values_list("number", flat=True).iterator(chunk_size=10_000))
    parts = (numbers[place : place + size] for place in range(0, len(numbers), size))
    return [(run.pk, part[0], part[-1], len(part), 0, None, None, None) for part in parts]


@transaction.atomic
def run_pause(*, run_id: UUID, actor: Actor, at: datetime) -> Run:
    """Stop a run for now; chunks that workers hold are still finished.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: it is not running.
    """
    run, _person = run_locked(run_id, "pause", actor=actor)
    return _moved(run, Run.State.PAUSED, "run.paused", actor=actor, at=at)


@transaction.atomic
def run_resume(*, run_id: UUID, actor: Actor, at: datetime) -> Run:
    """Let a paused run go on where it stopped. While nobody got a badge, the time to undo begins anew.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: it is not paused.
    """
    run, _person = run_locked(run_id, "resume", actor=actor)
    if not run.chunks.filter(leased_at__isnull=False).exists():
        run.undo_until = at + timedelta(minutes=run.undo_minutes)
        run.save(update_fields=["undo_until"])
    wake(JOB)
    return _moved(run, Run.State.RUNNING, "run.resumed", actor=actor, at=at)


@transaction.atomic
def run_cancel(*, run_id: UUID, actor: Actor, at: datetime) -> Run:
    """Stop a run for good: what is signed stays, nothing more is signed. A run not started leaves no badge.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: it is over already.
    """
    run, _person = run_locked(run_id, "cancel", actor=actor)
    if run.approval is None:
        pending = RunRow.objects.filter(run=run, outcome=RunRow.Outcome.PENDING)
        run.cancelled = pending.update(outcome=RunRow.Outcome.CANCELLED)
        run.save(update_fields=["cancelled"])
    else:
        approval_withdraw(approval=run.approval, actor=actor, at=at)
        wake(JOB)
    return _moved(run, Run.State.CANCELLED, "run.cancelled", actor=actor, at=at)


@transaction.atomic
def run_undo(*, run_id: UUID, actor: Actor, at: datetime) -> Run:
    """Take a run back while nothing of it was mailed: its mails are never sent, and its badges are revoked.

    A signature cannot be unmade, so that undo after signing is revocation; nobody was told of the badges.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: it was never started.
        NothingToUndo: the time is over, and it gave no badge.
        UndoOver: mails have gone out; revoke what is wrong.
    """
    run, _person = run_locked(run_id, "undo", actor=actor)
    if run.undo_until is None or at >= run.undo_until or run.approval is None:
        if not run.issued:
            raise NothingToUndo("No badge of this run was given. Stop the run instead.")
        raise UndoOver("The mails have gone out. Revoke the badges that are wrong.")
    if run.undone_at is not None:
        return run
    approval_withdraw(approval=run.approval, actor=actor, at=at)
    for page in (*_award_ids(run), *_award_ids_untold(run)):
        claim_mails_cancel(page, at=at)
    run.undone_at = at
    run.save(update_fields=["undone_at"])
    wake(JOB)
    return _moved(run, Run.State.CANCELLED, "run.undone", actor=actor, at=at)


def _award_ids(run: Run) -> Iterator[Sequence[UUID]]:
    last = 0
    issued = RunRow.objects.filter(run=run, outcome=RunRow.Outcome.ISSUED, award_id__isnull=False)
    while page := list(
        issued.filter(number__gt=last).order_by("number").values_list("number", "award_id")[:CANCELS]
    ):
        last = page[-1][0]
        yield [award_id for _number, award_id in page if award_id is not None]


def _award_ids_untold(run: Run) -> Iterator[Sequence[UUID]]:
    """Give the awards of chunks at work: a worker may have died before it told the rows of them."""
    for chunk in run.chunks.filter(leased_at__isnull=False, done_at__isnull=True):
        rows = RunRow.objects.filter(
            run=run, number__range=(chunk.first, chunk.last), outcome=RunRow.Outcome.PENDING
        )
        yield list(awards_made(list(rows.values_list("public_id", flat=True))).values())


def _moved(run: Run, state: str, action: str, *, actor: Actor, at: datetime) -> Run:
    old, run.state = run.state, Run.State(state)
    if state == Run.State.CANCELLED:
        run.ended_at = at
    run.save(update_fields=["state", "ended_at"])
    counts = {"issued": run.issued, "refused": run.refused, "cancelled": run.cancelled}
    run_audit(run, action, actor=actor, at=at, old=old, new=counts)
    return run
