"""Lines of JSON (NDJSON): one flat object a line, of any number, in bounded memory."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
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
        TableEmpty, TableTooLarge, LineTooLong, LineUnreadable, CellTooLong: at once, or while the rows are walked.
    """
    members = _members(source)
    named = dict(zip(members, columns_named(members), strict=True))
    source.seek(0)
    rows = (
        SourceRow(row.number, {named[name]: cell for name, cell in row.values.items()}, row.key)
        for row in stream_rows(source)
    )
    first = next(rows)
    return Table(tuple(named.values()), chain([first], rows))


def _members(source: BinaryIO) -> list[str]:
    """Collect the names of members, in the order in which they come; the rows themselves are not kept."""
    found: dict[str, None] = {}
    for number, line in _lines(source):
        found.update(dict.fromkeys(_names(line)))
        if len(found) > COLUMNS_MOST:
            raise TableTooLarge(
                f"With line {number} the table has more than {COLUMNS_MOST} columns.",
                row=number,
                limit=COLUMNS_MOST,
            )
    return list(found)


def _names(line: bytes) -> list[str]:
    """Give the names in a line, looked at in haste: what is wrong with it is said when it is read as a row."""
    try:
        members = json.loads(line.decode())
    except (ValueError, RecursionError):
        return []
    return [name for name in members if name != KEY] if isinstance(members, dict) else []


def _rows(source: BinaryIO) -> Iterator[SourceRow]:
    for number, line in _lines(source):
        yield _row(number, line)


def _lines(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Number the lines, and leave out those in which nothing stands."""
    number = count = 0
    while line := source.readline(LINE_LONGEST + 1):
        number += 1
        if len(line) > LINE_LONGEST:
            raise LineTooLong(
                f"Line {number} is longer than {LINE_LONGEST:,} bytes.", row=number, limit=LINE_LONGEST
            )
        if number == 1:
            line = line.removeprefix(BOM_UTF8)
        if line.strip():
            count += 1
            count_checked(count)
            yield number, line


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
