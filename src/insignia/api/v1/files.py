"""The rows of a batch as a file: lines of JSON, or a table that runs nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from insignia.api.tokens import Bearer, caller_of
from insignia.api.v1.batches import row_told
from insignia.api.v1.orders import NDJSON
from insignia.api.v1.schemas import answers
from insignia.runs.selectors import rows_all, run_get
from insignia.runs.table import columns_named, guarded

if TYPE_CHECKING:
    from insignia.runs.models import Run

router = Router(tags=["award-batches"])

TOLD = {
    "row": "number",
    "row_key": "row_key",
    "row_class": "class",
    "code": "code",
    "outcome": "outcome",
    "award": "award",
}
"""Column of the table -> what the API calls it."""


def _file(kind: str) -> dict[str, Any]:
    return {"responses": {200: {"description": "OK", "content": {kind: {"schema": {"type": "string"}}}}}}


@router.get(
    "/award-batches/{uuid:batch_id}/rows.csv",
    response=answers(200, str),
    auth=Bearer("awards:read"),
    url_name="batch_csv",
    openapi_extra=_file("text/csv"),
)
def rows_csv(request: HttpRequest, batch_id: UUID) -> StreamingHttpResponse:
    """Give every row as a table: what became of it, then what it said."""
    return _streamed(_lines_of_table(_run(request, batch_id)), "text/csv", batch_id, "csv")


@router.get(
    "/award-batches/{uuid:batch_id}/rows.ndjson",
    response=answers(200, str),
    auth=Bearer("awards:read"),
    url_name="batch_ndjson",
    openapi_extra=_file(NDJSON),
)
def rows_ndjson(request: HttpRequest, batch_id: UUID) -> StreamingHttpResponse:
    """Give every row as a line of JSON."""
    run = _run(request, batch_id)
    lines = (json.dumps(row_told(row), default=str, ensure_ascii=False) + "\n" for row in rows_all(run))
    return _streamed(lines, NDJSON, batch_id, "ndjson")


def _run(request: HttpRequest, batch_id: UUID) -> Run:
    caller = caller_of(request)
    return run_get(run_id=batch_id, viewer=caller.person, organization=caller.organization)


def _streamed(lines: Iterator[str], kind: str, batch_id: UUID, ending: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="batch-{batch_id}.{ending}"'
    return response


def _lines_of_table(run: Run) -> Iterator[str]:
    columns = list(run.columns)
    yield _line(list(columns_named([*TOLD, *columns])))
    for row in rows_all(run):
        told = row_told(row)
        yield _line([*(told[name] for name in TOLD.values()), *(row.values.get(column, "") for column in columns)])


def _line(cells: list[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(guarded("" if cell is None else str(cell)) for cell in cells)
    return buffer.getvalue()
