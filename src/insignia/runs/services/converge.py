"""The job that carries runs on: the next page of a dry run, the next chunk of badges, what a stop leaves.

Many workers may do it at once, and any may die at any moment. A chunk is leased, then given to the write path of
awards, which finds by each row's id what an earlier try left half done; last, the outcomes are written in one go.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from insignia.audit.actor import Actor
from insignia.awards.services import awards_undo
from insignia.awards.steps import ChunkStep, reached
from insignia.foundation.bulk import bulk_change
from insignia.foundation.errors import InsigniaError
from insignia.foundation.leases import lease_release, lease_take
from insignia.foundation.wake import wake
from insignia.runs.models import Run, RunChunk, RunRow
from insignia.runs.services.checking import check_page
from insignia.runs.services.issuing import Outcome, chunk_issued, chunk_settled
from insignia.runs.services.recording import RELATED, run_audit
from insignia.runs.turns import LEASE, is_free, runs_ahead

if TYPE_CHECKING:
    from uuid import UUID

log = logging.getLogger(__name__)
Clock: TypeAlias = Callable[[], datetime]
"""A clock that goes on from the `at` of the door."""
CONVERGE = Actor.system("runs.converge")
JOB = "runs.converge"
TURN = timedelta(seconds=5)
"""How long one call works before it lets other jobs have their turn."""
AGAIN_AFTER = timedelta(seconds=10)
"""When a chunk that could not be worked on now is tried again."""
BREATH = 0.05
"""Seconds between two chunks on SQLite, whose one lock is not fair: pages write in them."""
TRIES_TOGETHER, TRIES_MOST = 3, 1000
UNEXPECTED = "unexpected"
MAY_GIVE = (Run.State.CHECKED, Run.State.RUNNING, Run.State.PAUSED)
"""States of a run that gives badges, or may begin to at any moment."""
UNDO_PAGE = 500
UNDONE_REASON = "Taken back before anybody was told."
OUTCOME_COLUMNS = ("id", "outcome", "code", "award_id")


def run_converge(at: datetime) -> int:
    """Carry runs on for one turn; give how many pages and chunks were done. Safe twice and beside others."""
    began, done = time.monotonic(), 0
    for _step in _steps(lambda: at + timedelta(seconds=time.monotonic() - began)):
        done += 1
        if timedelta(seconds=time.monotonic() - began) > TURN:
            wake(JOB)
            break
        if connection.vendor == "sqlite":
            time.sleep(BREATH)
    return done


@dataclass(frozen=True)
class _Taken:
    """A chunk that this worker holds."""

    chunk: RunChunk
    run: Run


def _steps(now: Clock) -> Iterator[None]:
    """Do one thing after the other, each in its turn, so that no long run, dry or not, holds up others.

    First comes what was undone: nobody may be told of it.
    """
    failed: set[int] = set()
    yield from _undo(now, failed)
    _close_runs_without_chunks(now())
    busy = True
    while busy:
        busy = False
        for _page in _checked_pages(now, failed):
            busy = True
            yield
        if (taken := _take(now())) is not None:
            busy = True
            _work(taken, at=now())
            yield from _undo(now, failed)
            yield


def _checked_pages(now: Clock, failed: set[int]) -> Iterator[None]:
    """Do one page of every dry run but those that failed before in this turn."""
    checking = Run.objects.filter(state=Run.State.CHECKING).exclude(pk__in=failed).order_by("id")
    for run_pk in checking.values_list("pk", flat=True):
        try:
            found = check_page(run_pk, at=now())
        except Exception as error:  # noqa: BLE001  - whatever it is, the others are carried on; it is logged there
            _note_failure(run_pk, error, failed)
        else:
            if found:
                yield


def _note_failure(run_pk: int, error: Exception, failed: set[int]) -> None:
    """Let a run be, in this turn, that cannot be carried on: the others wait for their turns."""
    log.error("run %s cannot be carried on now; it will be tried again", run_pk, exc_info=error)
    failed.add(run_pk)
    code = error.code if isinstance(error, InsigniaError) else UNEXPECTED
    Run.objects.filter(pk=run_pk).update(trouble=code)


# ---- chunks ---------------------------------------------------------------------------------------------------


def _take(at: datetime) -> _Taken | None:
    """Lease the next chunk that nobody holds, of a run whose turn it is; two workers never get the same.

    The run that is least far goes first: a class need not wait for a whole state.
    """
    while True:
        with transaction.atomic():
            chunk = _next_chunk(at)
            if chunk is None:
                return None
            run = Run.objects.select_related(*RELATED).get(pk=chunk.run_id)
            if _is_its_turn(run, at=at):
                chunk.leased_at, chunk.leased_until = at, at + LEASE
                chunk.tries = min(chunk.tries + 1, TRIES_MOST)
                chunk.save(update_fields=["leased_at", "leased_until", "tries"])
                return _Taken(chunk, run)


def _next_chunk(at: datetime) -> RunChunk | None:
    ahead = runs_ahead(
        OuterRef("run_id"),
        organization=OuterRef("run__organization"),
        achievement=OuterRef("run__version__achievement"),
        at=at,
    )
    may_go = Q(run__state=Run.State.CANCELLED) | Q(run__state=Run.State.RUNNING) & ~Exists(ahead)
    chunks = RunChunk.objects.filter(is_free(at), may_go, done_at__isnull=True).order_by("first", "run_id")
    if connection.vendor == "postgresql":
        chunks = chunks.select_for_update(skip_locked=True, of=("self",))
    return chunks.first()


def _is_its_turn(run: Run, *, at: datetime) -> bool:
    """Look again with all runs of the badge locked: one may have been started, or taken from, a moment ago."""
    if run.state == Run.State.CANCELLED:
        return True
    badge = {"organization": run.organization, "version__achievement": run.version.achievement}
    of_badge = Run.objects.filter(**badge, state__in=MAY_GIVE).select_for_update(of=("self",))
    if len(of_badge.order_by("id").values_list("pk", flat=True)) == 1:
        return True
    return not runs_ahead(
        run.pk, organization=run.organization, achievement=run.version.achievement, at=at
    ).exists()


def _work(taken: _Taken, *, at: datetime) -> None:
    run, chunk = taken.run, taken.chunk
    reached(ChunkStep.LEASED)
    try:
        if run.state == Run.State.CANCELLED:
            outcomes = chunk_settled(chunk, actor=CONVERGE, at=at)
        else:
            outcomes = chunk_issued(run, chunk, actor=CONVERGE, at=at, one_by_one=chunk.tries > TRIES_TOGETHER)
    except InsigniaError as error:
        log.warning("run %s waits: %s (%s)", run.public_id, error.message, error.code)
        _put_back(chunk, trouble=error.code, at=at)
        RunChunk.objects.filter(pk=chunk.pk, tries__gt=0).update(tries=F("tries") - 1)  # no fault of a row
    except Exception:
        log.exception("a chunk of run %s ended with an error; it will be tried again", run.public_id)
        _put_back(chunk, trouble=UNEXPECTED, at=at)
    else:
        _written(run, chunk, outcomes, at=at)
        reached(ChunkStep.OUTCOMES_WRITTEN)


def _put_back(chunk: RunChunk, *, trouble: str, at: datetime) -> None:
    RunChunk.objects.filter(pk=chunk.pk).update(leased_until=at + AGAIN_AFTER)
    Run.objects.filter(pk=chunk.run_id).update(trouble=trouble)


@transaction.atomic
def _written(run: Run, chunk: RunChunk, outcomes: Sequence[Outcome], *, at: datetime) -> None:
    """Write what became of the rows of a chunk, and count it once, whoever else was at it."""
    locked = RunChunk.objects.select_for_update().get(pk=chunk.pk)
    still = set(_pending(chunk).values_list("pk", flat=True))
    fresh = [one for one in outcomes if one.row_pk in still and one.outcome != RunRow.Outcome.PENDING]
    bulk_change(RunRow, OUTCOME_COLUMNS, [(one.row_pk, str(one.outcome), one.code, one.award_id) for one in fresh])
    counts = {name: sum(one.outcome == name for one in fresh) for name in ("issued", "refused", "cancelled")}
    changes: dict[str, Any] = {name: F(name) + count for name, count in counts.items() if count}
    if len(fresh) == len(still):
        locked.done_at = at
        locked.save(update_fields=["done_at"])
    else:
        RunChunk.objects.filter(pk=chunk.pk).update(leased_until=at + AGAIN_AFTER)
    Run.objects.filter(pk=run.pk).update(trouble="", **changes)
    _finish(run, at=at)
    reached(ChunkStep.INSIDE_OUTCOMES)


def _pending(chunk: RunChunk) -> Any:  # noqa: ANN401  - a query set
    return RunRow.objects.filter(
        run_id=chunk.run_id, number__range=(chunk.first, chunk.last), outcome=RunRow.Outcome.PENDING
    )


def _close_runs_without_chunks(at: datetime) -> None:
    """Close runs whose last chunk ended while they were paused."""
    open_chunks = RunChunk.objects.filter(run=OuterRef("pk"), done_at__isnull=True)
    for run in Run.objects.filter(~Exists(open_chunks), state=Run.State.RUNNING).order_by("id"):
        _finish(run, at=at)


@transaction.atomic
def _finish(run: Run, *, at: datetime) -> None:
    """Close a run none of whose chunks is open; the worker that ends the last one does it."""
    row = Run.objects.select_for_update().get(pk=run.pk)
    if row.state != Run.State.RUNNING or RunChunk.objects.filter(run=row, done_at__isnull=True).exists():
        return
    row.state, row.ended_at = Run.State.FINISHED, at
    row.save(update_fields=["state", "ended_at"])
    counts = {"issued": row.issued, "refused": row.refused}
    run_audit(row, "run.finished", actor=CONVERGE, at=at, old=Run.State.RUNNING, new=counts)


# ---- undo -----------------------------------------------------------------------------------------------------


def _undo(now: Clock, failed: set[int]) -> Iterator[None]:
    """Revoke what an undone run had signed, page by page; one worker at a time for each run."""
    undone = Run.objects.filter(undone_at__isnull=False, issued__gt=0).exclude(pk__in=failed)
    for run_pk in undone.values_list("pk", flat=True):
        run = Run.objects.select_related(*RELATED).get(pk=run_pk)
        lease, holder = f"runs.undo:{run.pk}", str(id(now))
        if not lease_take(lease, holder=holder, at=now(), seconds=int(LEASE.total_seconds())):
            continue
        try:
            while _undo_page(run, at=now()):
                yield
        except Exception as error:  # noqa: BLE001  - whatever it is, the others are carried on; it is logged there
            _note_failure(run_pk, error, failed)
        finally:
            lease_release(lease, holder=holder)


@transaction.atomic
def _undo_page(run: Run, *, at: datetime) -> bool:
    rows = RunRow.objects.filter(run=run, outcome=RunRow.Outcome.ISSUED).order_by("number")
    page: list[tuple[int, UUID | None]] = list(rows.values_list("pk", "award_id")[:UNDO_PAGE])
    if not page:
        return False
    awards_undo(
        award_ids=[award_id for _pk, award_id in page if award_id is not None],
        reason=UNDONE_REASON,
        actor=CONVERGE,
        at=at,
    )
    rows_done = RunRow.objects.filter(pk__among=[pk for pk, _award_id in page])
    rows_done.update(outcome=RunRow.Outcome.CANCELLED, code="undone")
    Run.objects.filter(pk=run.pk).update(issued=F("issued") - len(page), cancelled=F("cancelled") + len(page))
    return True
