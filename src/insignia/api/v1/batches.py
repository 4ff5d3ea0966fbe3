"""Award batches: one badge for many people. Rows come in, a dry run says where each leads, a start signs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Field, Query, Router, Schema

from insignia.api.answering import answer_given, answer_once
from insignia.api.errors import MediaTypeUnsupported
from insignia.api.idempotency import Answer, answered_once, key_of, request_hash
from insignia.api.openapi import KEY_REQUIRED
from insignia.api.spool import spooled
from insignia.api.tokens import Bearer, Caller, caller_of
from insignia.api.v1.orders import (
    BODY,
    MAPPING,
    NDJSON,
    SOURCES,
    Kind,
    rows_of_body,
    rows_of_lines,
    version_for,
)
from insignia.api.v1.paging import next_address, parameters_require
from insignia.api.v1.schemas import LIMIT, SEEN, Limit, Page, answers
from insignia.runs.mapping import FIELDS
from insignia.runs.selectors import counts_of, mails_from, run_ahead, run_get, run_progress, run_rows
from insignia.runs.services import (
    run_cancel,
    run_check,
    run_create,
    run_pause,
    run_resume,
    run_start,
    run_undo,
)

if TYPE_CHECKING:
    from insignia.runs.models import Run, RunRow
    from insignia.runs.table import SourceRow

router = Router(tags=["award-batches"])

State = Literal["draft", "checking", "checked", "running", "paused", "finished", "cancelled"]
Class = Literal["new", "renewal", "duplicate", "needs-evidence", "blocked", "invalid"]
Outcome = Literal["pending", "issued", "refused", "cancelled"]
NAMED = "How the batch is called on pages."
AFTER = "The cursor: the number of the last row you have."


@dataclass(frozen=True)
class Order:
    """What is to be awarded, and the key of the order."""

    badge: UUID
    name: str
    kind: Kind
    key: str


class Taken(Schema):
    """The rows are stored, and are being looked at."""

    id: UUID
    state: State
    rows: int


class Steered(Schema):
    """Where the batch stands now."""

    id: UUID
    state: State


class Batch(Schema):
    """How far a batch is."""

    id: UUID
    state: State
    badge: UUID = Field(description="The id of the badge's version.")
    name: str
    rows: int
    checked: int = Field(description="How many rows the dry run has looked at.")
    classes: dict[str, int] = Field(description="Rows by what the dry run said of them.")
    due: int = Field(description="How many rows lead to a badge.")
    issued: int
    refused: int
    cancelled: int
    pending: int
    rate: float = Field(description="Badges a second, lately.")
    seconds_left: int | None = Field(description="Null: cannot be said.")
    mails_from: datetime | None = Field(description="Until then it can be undone; mails go out from then on.")
    trouble: str = Field(description="The code of what it waits for; empty: nothing.")
    waits_for: UUID | None = Field(description="Another batch of this badge that has to be through first.")
    created_at: datetime
    checked_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


class BatchRow(Schema):
    """One row: what it said, what the dry run said of it, and what became of it."""

    number: int
    row_key: str
    row_class: str = Field(alias="class")
    code: str = Field(description="Why, as a stable code; empty: nothing is wrong.")
    outcome: Outcome
    award: UUID | None
    values: dict[str, str]


class BatchRows(Page):
    """One page of rows."""

    items: list[BatchRow]


@router.post(
    "/award-batches",
    response=answers(202, Taken, writes=True),
    auth=Bearer("awards:write"),
    url_name="batch_create",
    openapi_extra={"requestBody": BODY, "parameters": [KEY_REQUIRED]},
)
def create(
    request: HttpRequest,
    badge: Annotated[UUID, Query(description="The id of the version to award; GET /badges lists them.")],
    name: Annotated[str, Query(max_length=200, pattern=f"^{SEEN}*$", description=NAMED)] = "",
    kind: Annotated[Kind, Query(description="exams: each row is the result of an exam.")] = "people",
) -> HttpResponse:
    """Take in up to 1,000 rows as JSON, or any number as lines of JSON, and begin the dry run.

    A stream of lines without a Content-Length closes with a line that counts its rows, such as {"end": 3}.
    """
    parameters_require(request, "badge", "name", "kind")
    order = Order(badge, name, kind, key_of(request, required=True))
    if request.content_type == NDJSON:
        with spooled(request) as whole:
            asked = request_hash(request, body_hash=whole.sha256)
            return _taken(request, order, rows_of_lines(whole.rows), asked)
    if request.content_type != "application/json":
        raise MediaTypeUnsupported(f"Send the rows as application/json or {NDJSON}.")
    return _taken(request, order, rows_of_body(request), request_hash(request, request.body))


def _taken(request: HttpRequest, order: Order, rows: Iterable[SourceRow], asked: str) -> HttpResponse:
    caller, at = caller_of(request), datetime.now(UTC)

    def act() -> Answer:
        run = run_create(
            organization=caller.organization,
            version=version_for(order.badge, caller.organization),
            key=f"api:{order.key}",
            source=SOURCES[order.kind],
            rows=rows,
            mapping=MAPPING,
            columns=FIELDS,
            name=order.name,
            actor=caller.actor,
            at=at,
        )
        run_check(run_id=run.public_id, actor=caller.actor, at=at)
        body = {"id": str(run.public_id), "state": "checking", "rows": run.total}
        return Answer(202, body, reverse("api:batch", args=[run.public_id]))

    here = caller.organization
    return answer_given(answered_once(organization=here, key=order.key, request_hash=asked, at=at, act=act))


@router.get(
    "/award-batches/{uuid:batch_id}", response=answers(200, Batch), auth=Bearer("awards:read"), url_name="batch"
)
def batch(request: HttpRequest, batch_id: UUID) -> Batch:
    """Tell how far a batch is."""
    run, at = _run(caller_of(request), batch_id), datetime.now(UTC)
    progress, ahead = run_progress(run), run_ahead(run, at=at)
    return Batch(
        id=run.public_id,
        state=cast("State", run.state),
        badge=run.version.public_id,
        name=run.name,
        rows=run.total,
        checked=progress.checked,
        classes=counts_of(run),
        due=run.due,
        issued=run.issued,
        refused=run.refused,
        cancelled=run.cancelled,
        pending=progress.pending,
        rate=round(progress.rate, 1),
        seconds_left=progress.seconds_left,
        mails_from=mails_from(run, at=at),
        trouble=run.trouble,
        waits_for=ahead.public_id if ahead else None,
        created_at=run.created_at,
        checked_at=run.checked_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )


@router.get(
    "/award-batches/{uuid:batch_id}/rows",
    response=answers(200, BatchRows),
    by_alias=True,
    auth=Bearer("awards:read"),
    url_name="batch_rows",
)
def rows(
    request: HttpRequest,
    batch_id: UUID,
    row_class: Annotated[Class | None, Query(alias="class", description="Only those of this class.")] = None,
    outcome: Annotated[Outcome | None, Query(description="Only those with this outcome.")] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description=AFTER)] = 0,
    limit: Limit = LIMIT,
) -> dict[str, Any]:
    """List the rows of a batch in their order."""
    parameters_require(request, "class", "outcome", "after", "limit")
    run = _run(caller_of(request), batch_id)
    found = run_rows(run, after=after, limit=limit + 1, outcome=outcome or "", row_class=row_class or "")
    cursor = found[limit - 1].number if len(found) > limit else None
    return {"items": [row_told(row) for row in found[:limit]], "next": next_address(request, cursor)}


def row_told(row: RunRow) -> dict[str, Any]:
    """Give one row as the API tells it."""
    return {
        "number": row.number,
        "row_key": row.key,
        "class": row.row_class,
        "code": row.code,
        "outcome": row.outcome,
        "award": row.award_id,
        "values": row.values,
    }


def _run(caller: Caller, batch_id: UUID) -> Run:
    return run_get(run_id=batch_id, viewer=caller.person, organization=caller.organization)


def _steering(action: str, service: Callable[..., Run], told: str) -> None:
    """Add the operation that moves a batch by one service; they differ in nothing else."""

    def steer(request: HttpRequest, batch_id: UUID) -> HttpResponse:
        caller, at = caller_of(request), datetime.now(UTC)
        run = _run(caller, batch_id)

        def act() -> Answer:
            moved = service(run_id=run.public_id, actor=caller.actor, at=at)
            return Answer(200, {"id": str(moved.public_id), "state": str(moved.state)})

        return answer_once(request, act, at=at)

    steer.__doc__ = told
    router.post(
        f"/award-batches/{{uuid:batch_id}}/{action}",
        response=answers(200, Steered, writes=True),
        auth=Bearer("awards:write"),
        url_name=f"batch_{action}",
        summary=action.capitalize(),
    )(steer)


_steering("start", run_start, "Sign the badges of the rows that are due; mails wait for the time to undo.")
_steering("pause", run_pause, "Stop for now; what is being signed is finished.")
_steering("resume", run_resume, "Go on where it stopped.")
_steering("cancel", run_cancel, "Stop for good: what is signed stays, nothing more is signed.")
_steering("undo", run_undo, "Take everything back while nothing was mailed: what is signed is revoked.")
