"""Lines of JSON (NDJSON): one flat object a line, of any number, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import BinaryIO

from insignia.runs.errors import LineTooLong, LineUnreadable, TableEmpty
from insignia.runs.table import LINE_LONGEST, SourceRow, Table, cells_checked, columns_named, count_checked
from insignia.vc.errors import VcError
from insignia.vc.limits import parse_object

KEY = "row_key"
"""The member by which a sender names a row, so that sending it again is known."""


def stream_read(source: BinaryIO) -> Table:
    """Read lines of JSON as they come; the members of the first line are the columns.

    Raises:
        TableEmpty, TableTooLarge, LineTooLong, LineUnreadable, CellTooLong: at once, or while the rows are walked.
    """
    rows = _rows(source)
    first = next(rows, None)
    if first is None:
        raise TableEmpty("There is no line in it.")
    return Table(columns_named(list(first.values)), chain([first], rows))


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
