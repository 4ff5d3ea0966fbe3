"""The dry run: every row gets its class and the reason for it, page by page; nothing is given to anybody."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db import transaction

from insignia.audit.actor import Actor
from insignia.foundation.bulk import bulk_change
from insignia.foundation.wake import wake
from insignia.runs.errors import OverrideNotNeeded, OverrideReasonMissing
from insignia.runs.judging import JUDGED_COLUMNS, RawRow, rows_judged, stored
from insignia.runs.mapping import ColumnMapping, mapping_checked
from insignia.runs.models import Run, RunRow
from insignia.runs.rules import DUE, RowClass
from insignia.runs.services.recording import RELATED, run_audit, run_locked

PAGE = 2000
CHECKING = Actor.system("runs.check")
REASON_LONGEST = 500


@transaction.atomic
def run_check(*, run_id: UUID, actor: Actor, at: datetime) -> Run:
    """Begin the dry run, or begin it again; a job does it page by page.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: the run was started.
        MappingUnusable: no column says whose a row is.
    """
    run, _person = run_locked(run_id, "check", actor=actor)
    mapping_checked(ColumnMapping.from_json(run.mapping), run.columns)
    _begin(run, actor=actor, at=at)
    return run


@transaction.atomic
def run_override(*, run_id: UUID, reason: str, actor: Actor, at: datetime) -> Run:
    """Let the rows that rest on no assessment go through, for a reason that the record keeps; then look again.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: the dry run is not done, or the run was started.
        OverrideNotNeeded: no row waits for it.
        OverrideReasonMissing: no reason, or one over 500 characters.
    """
    run, _person = run_locked(run_id, "override", actor=actor)
    waiting = run.counts.get(RowClass.NEEDS_EVIDENCE, 0)
    if not waiting:
        raise OverrideNotNeeded("No row needs an exception. Nothing changed.")
    text = " ".join(reason.split())
    if not text or len(text) > REASON_LONGEST:
        sentence = "Write a reason of 1 to 500 characters. It is kept in the record for good."
        raise OverrideReasonMissing(sentence, fields={"reason": sentence})
    run.override_reason = text
    run.save(update_fields=["override_reason"])
    run_audit(run, "run.overridden", actor=actor, at=at, new={"reason": text, "rows": waiting})
    _begin(run, actor=actor, at=at)
    return run


def _begin(run: Run, *, actor: Actor, at: datetime) -> None:
    old, run.state = run.state, Run.State.CHECKING
    run.counts, run.checked_to = {}, 0
    run.save(update_fields=["state", "counts", "checked_to"])
    run_audit(run, "run.checking", actor=actor, at=at, old=old)
    wake("runs.converge")


def check_page(run_pk: int, *, at: datetime) -> bool:
    """Judge the next page of a run's rows in one transaction; say whether there was one.

    Two workers at the same run wait for each other: the second one finds the next page.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=run_pk)
        if run.state != Run.State.CHECKING:
            return False
        rows = _page(run)
        judged = rows_judged(run, rows, at=at)
        bulk_change(RunRow, JUDGED_COLUMNS, map(stored, judged))
        counts = Counter(run.counts)
        counts.update(str(one.finding.row_class) for one in judged)
        run.counts = dict(counts)
        run.trouble = ""
        if rows:
            run.checked_to = rows[-1].number
        if len(rows) < PAGE:
            _done(run, at=at)
        run.save(update_fields=["state", "counts", "checked_to", "checked_at", "due", "trouble"])
    return len(rows) == PAGE


def _page(run: Run) -> list[RawRow]:
    rows = RunRow.objects.filter(run=run, number__gt=run.checked_to).order_by("number")
    return [RawRow(*row) for row in rows.values_list("pk", "public_id", "number", "values")[:PAGE]]


def _done(run: Run, *, at: datetime) -> None:
    run.state, run.checked_at = Run.State.CHECKED, at
    run.due = sum(run.counts.get(row_class, 0) for row_class in DUE)
    run_audit(run, "run.checked", actor=CHECKING, at=at, old=Run.State.CHECKING, new={"counts": run.counts})
