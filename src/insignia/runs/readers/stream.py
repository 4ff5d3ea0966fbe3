"""Lines of JSON (NDJSON): one flat object a line, of any number, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import BinaryIO

from insignia.runs.errors import LineTooLong, LineUnreadable, TableEmpty, TableTooLarge
from insignia.runs.table import (
    COLUMNS_MOST,
    LINE_LONGEST,
    SourceRow,
    Table,
    cells_checked,
    columns_named,
    count_checked,
)
from insignia.vc.errors import VcError
from insignia.vc.limits import parse_object

KEY = "row_key"
"""The member by which a sender names a row, so that sending it again is known."""


def stream_rows(source: BinaryIO) -> Iterator[SourceRow]:
    """Read lines of JSON as they come, by the names of their members.

    Raises:
        TableEmpty, TableTooLarge, LineTooLong, LineUnreadable, CellTooLong: while the rows are walked.
    """
    rows = _rows(source)
    first = next(rows, None)
    if first is None:
        raise TableEmpty("There is no line in it.")
    yield from chain([first], rows)


def stream_read(source: BinaryIO) -> Table:
    """Read lines of JSON as a table, whose columns are the members of all lines: it is read twice.

    Raises:
        TableEmpty, TableTooLarge, LineTooLong, LineUnreadable, CellTooLong: at once.
    """
    members = _members(stream_rows(source))
    named = dict(zip(members, columns_named(members), strict=True))
    source.seek(0)
    rows = (
        SourceRow(row.number, {named[name]: cell for name, cell in row.values.items()}, row.key)
        for row in _rows(source)
    )
    return Table(tuple(named.values()), rows)


def _members(rows: Iterator[SourceRow]) -> list[str]:
    """Collect the names of members, in the order in which they come; the rows themselves are not kept."""
    found: dict[str, None] = {}
    for row in rows:
        found.update(dict.fromkeys(row.values))
        if len(found) > COLUMNS_MOST:
            raise TableTooLarge(
                f"With line {row.number} the table has more than {COLUMNS_MOST} columns.",
                row=row.number,
                limit=COLUMNS_MOST,
            )
    return list(found)


def _rows(source: BinaryIO) -> Iterator[SourceRow]:
    number = count = 0
    while line := source.readline(LINE_LONGEST + 1):
        number += 1
        if len(line) > LINE_LONGEST:
            raise LineTooLong(
                f"Line {number} is longer than {LINE_LONGEST:,} bytes.", row=number, limit=LINE_LONGEST
            )
        if line.strip():
            count += 1
            count_checked(count)
            yield _row(number, line)


def _row(number: int, line: bytes) -> SourceRow:
    try:
        members = parse_object(line)
    except VcError as error:
        raise LineUnreadable(f"Line {number} is no JSON object: {error}", row=number) from error
    values = {name: _text(number, name, value) for name, value in members.items()}
    cells_checked(number, values.values())
    key = values.pop(KEY, "")
    return SourceRow(number, values, key)


def _text(number: int, name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, Mapping)):
        raise LineUnreadable(f"Line {number}: {name[:100]} is not one value.", row=number)
    return str(value).strip()
