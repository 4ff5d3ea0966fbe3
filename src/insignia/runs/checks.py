"""The invariants of runs: every row is accounted for, and none twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, OuterRef, Subquery

from insignia.awards.holdings import awards_made
from insignia.foundation.checks import Check, Finding
from insignia.runs.models import Run, RunChunk, RunRow

Outcome = RunRow.Outcome
PAGE = 5000


def _accounted(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - the shape of every check
    counted: dict[int, Counter[str]] = {}
    for run_pk, outcome, rows in RunRow.objects.values_list("run_id", "outcome").annotate(rows=Count("id")):
        counted.setdefault(run_pk, Counter())[outcome] = rows
    for run in Run.objects.order_by("id"):
        found, subject = counted.get(run.pk, Counter()), f"run {run.public_id}"
        if found.total() != run.total:
            yield Finding("I16", subject, f"came with {run.total} rows and has {found.total()}")
        said = {Outcome.ISSUED: run.issued, Outcome.REFUSED: run.refused, Outcome.CANCELLED: run.cancelled}
        for outcome, count in said.items():
            if found[outcome] != count:
                yield Finding("I16", subject, f"says {count} rows are {outcome}; {found[outcome]} are")
        if run.state == Run.State.FINISHED and found[Outcome.PENDING]:
            yield Finding("I16", subject, f"is finished, yet {found[Outcome.PENDING]} rows have no outcome")


def _awarded(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    """Hold the rows that say issued against the awards that follow from them, page by page."""
    last = 0
    rows = RunRow.objects.filter(outcome__in=[Outcome.ISSUED, Outcome.REFUSED]).order_by("id")
    while page := list(rows.filter(pk__gt=last).values_list("pk", "public_id", "outcome", "award_id")[:PAGE]):
        last = page[-1][0]
        made = awards_made([origin_id for _pk, origin_id, _outcome, _award in page])
        for _pk, origin_id, outcome, award_id in page:
            if outcome == Outcome.ISSUED and made.get(origin_id) != award_id:
                yield Finding("I16", f"run row {origin_id}", "says it has a badge; there is none, or another one")
            if outcome == Outcome.REFUSED and origin_id in made:
                yield Finding("I16", f"run row {origin_id}", "says it was refused, yet a badge follows from it")


def _chunked(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    """Look for rows that nobody would ever come back to."""
    covering = RunChunk.objects.filter(
        run=OuterRef("run"), first__lte=OuterRef("number"), last__gte=OuterRef("number"), done_at__isnull=True
    )
    waiting = RunRow.objects.filter(outcome=Outcome.PENDING, run__started_at__isnull=False)
    lost = waiting.annotate(chunk=Subquery(covering.values("pk")[:1])).filter(chunk__isnull=True)
    for row in lost.order_by("id")[:100]:
        yield Finding("I16", f"run row {row.public_id}", "waits, yet no open chunk holds it")


CHECKS = (
    Check("I16", "every row of a run has its one outcome, and the run counts them right", _accounted),
    Check("I16", "rows that say issued have their award, refused ones have none", _awarded),
    Check("I16", "every row that waits lies in a chunk that a worker will take", _chunked),
)
