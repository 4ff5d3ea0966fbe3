"""Reading runs: for the registrars of their organization."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet, Sum

from insignia.organizations.selectors import permission_require
from insignia.runs.errors import RunNotFound
from insignia.runs.models import Run, RunChunk, RunRow
from insignia.runs.rules import DUE, RowClass
from insignia.runs.turns import runs_ahead

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.organizations.models import Organization

REGISTRAR = "registrar"
RECENT_CHUNKS = 10
FIRST_ROWS = 5
PAGE = 1000


def _runs() -> QuerySet[Run]:
    return Run.objects.select_related("organization", "version__achievement", "approval", "created_by")


def run_by_id(run_id: UUID) -> Run:
    """Load a run for commands and jobs of ours; whoever looks plays no part here.

    Raises:
        RunNotFound: there is none.
    """
    run = _runs().filter(public_id=run_id).first()
    if run is None:
        raise RunNotFound("There is no such run here.")
    return run


def run_get(*, run_id: UUID, viewer: Person, organization: Organization | None = None) -> Run:
    """Give a run to a registrar of its organization; with `organization`, only one of that.

    Raises:
        NotFound: there is none, or the viewer is no member there. NotAllowed: a member without the role.
    """
    run = run_by_id(run_id)
    if organization is not None and run.organization_id != organization.pk:
        raise RunNotFound("There is no such run here.")
    permission_require(person=viewer, organization=run.organization, role=REGISTRAR)
    return run


def runs_of(*, organization: Organization, viewer: Person) -> QuerySet[Run]:
    """List the runs of an organization, newest first.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    permission_require(person=viewer, organization=organization, role=REGISTRAR)
    return _runs().filter(organization=organization).order_by("-id")


@dataclass(frozen=True)
class Progress:
    """How far a run is: rows by outcome, how many a second, how long it will take (None: cannot say)."""

    state: str
    total: int
    due: int
    issued: int
    refused: int
    cancelled: int
    rate: float
    seconds_left: int | None
    checked: int

    @property
    def pending(self) -> int:
        """Count the rows without an outcome."""
        return self.total - self.issued - self.refused - self.cancelled

    @property
    def is_over(self) -> bool:
        """Say whether nothing moves by itself any more."""
        return self.state in {Run.State.FINISHED, Run.State.CANCELLED}


def run_progress(run: Run) -> Progress:
    """Measure a run. The rate is that of the last chunks, so that a pause of last night does not slow it."""
    rate = _rate(run) if run.state == Run.State.RUNNING else 0.0
    pending = run.total - run.issued - run.refused - run.cancelled
    return Progress(
        state=run.state,
        total=run.total,
        due=run.due,
        issued=run.issued,
        refused=run.refused,
        cancelled=run.cancelled,
        rate=rate,
        seconds_left=round(pending / rate) if rate else None,
        checked=sum(run.counts.values()),
    )


def run_ahead(run: Run, *, at: datetime) -> Run | None:
    """Give the run of the same badge whose turn it is, if this one waits for it."""
    if run.state != Run.State.RUNNING:
        return None
    ahead = runs_ahead(run.pk, organization=run.organization, achievement=run.version.achievement, at=at)
    return ahead.order_by("id").first()


def _rate(run: Run) -> float:
    newest = RunChunk.objects.filter(run=run, done_at__isnull=False).order_by("-done_at")[:RECENT_CHUNKS]
    found = RunChunk.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).aggregate(
        rows=Sum("rows"), began=Min("leased_at"), ended=Max("done_at")
    )
    if not found["rows"] or found["began"] is None:
        return 0.0
    seconds: float = (found["ended"] - found["began"]).total_seconds()
    return float(found["rows"] / seconds) if seconds > 0 else 0.0


def run_rows(run: Run, *, after: int = 0, limit: int = 50, outcome: str = "", row_class: str = "") -> list[RunRow]:
    """List rows by number, behind the number `after`; the last one's number is the next cursor."""
    rows = RunRow.objects.filter(run=run, number__gt=after)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if row_class:
        rows = rows.filter(row_class=row_class)
    return list(rows.order_by("number")[:limit])


@dataclass(frozen=True)
class Reason:
    """Rows of one class for one reason: how many, and the first of them."""

    row_class: str
    code: str
    count: int
    first: tuple[RunRow, ...]


def run_reasons(run: Run) -> list[Reason]:
    """Group the rows that lead to no badge, or not to a first one, by class and reason; most frequent first."""
    rows = RunRow.objects.filter(run=run).exclude(row_class__in=["", RowClass.NEW])
    grouped = rows.values_list("row_class", "code").annotate(count=Count("id")).order_by("-count", "code")
    return [
        Reason(row_class, code, count, tuple(_first(run, row_class, code))) for row_class, code, count in grouped
    ]


def _first(run: Run, row_class: str, code: str) -> QuerySet[RunRow]:
    return RunRow.objects.filter(run=run, row_class=row_class, code=code).order_by("number")[:FIRST_ROWS]


def run_sample(run: Run, *, limit: int = 5) -> list[RunRow]:
    """Give the first rows as they came."""
    return list(RunRow.objects.filter(run=run).order_by("number")[:limit])


def run_first_due(run: Run) -> RunRow | None:
    """Give the first row that leads to a badge."""
    return RunRow.objects.filter(run=run, row_class__in=DUE).order_by("number").first()


def rows_all(run: Run, *, only_faulty: bool = False) -> Iterator[RunRow]:
    """Walk the rows by number, a page at a time, in bounded memory; or only those that lead to no badge."""
    last = 0
    rows = _faulty(run) if only_faulty else RunRow.objects.filter(run=run)
    while page := list(rows.filter(number__gt=last).order_by("number")[:PAGE]):
        last = page[-1].number
        yield from page


def _faulty(run: Run) -> QuerySet[RunRow]:
    """Before the start the class says which rows lead to no badge, then what became of them."""
    rows = RunRow.objects.filter(run=run)
    if run.started_at is None:
        return rows.exclude(row_class__in=[*DUE, ""])
    return rows.filter(outcome=RunRow.Outcome.REFUSED)


def has_text_beside(run: Run) -> bool:
    """Say whether a row held more than the table has columns."""
    rows = RunRow.objects.filter(run=run, row_class=RowClass.INVALID, code="cells-beside")
    return rows.exists()


def mails_from(run: Run, *, at: datetime) -> datetime | None:
    """Say when the mails of a run go out; None when that is over, undone, or never begun."""
    if run.undo_until is None or run.undone_at is not None or at >= run.undo_until:
        return None
    return run.undo_until


def counts_of(run: Run) -> dict[str, int]:
    """Count the rows by class, every class named."""
    counted: dict[str, Any] = run.counts
    return {str(row_class): int(counted.get(row_class, 0)) for row_class in RowClass}
