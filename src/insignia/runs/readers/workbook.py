"""Workbooks of spreadsheet programs (.xlsx, .ods), read in a process of its own that has limits.

A workbook is an archive of XML that may unpack to far more than it is, or claim a sheet with a cell in its last
corner. The archive's directory is judged before; what reads it may take so much memory and time, and no more.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import BinaryIO

from insignia.foundation.confined import ConfinedRefusal, ConfinedStopped, confined_run
from insignia.foundation.media import media_of
from insignia.runs.errors import TableEmpty, TableTooLarge, TableUnreadable
from insignia.runs.readers.separated import table_of
from insignia.runs.table import COLUMNS_MOST, ROWS_MOST, Table

WORKBOOKS = frozenset(
    {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)
ARCHIVE, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
PACKED_LARGEST = 100 * 2**20
SECONDS, MEMORY = 120, 3 * 2**30
TARGET = "insignia.runs.readers.workbook:sheet_lines"
LOCKED, EMPTY, ROWS, COLUMNS, BROKEN = "locked", "empty", "rows", "columns", "broken"


def is_workbook(source: BinaryIO) -> bool:
    """Say whether the bytes begin like an office file; leaves the stream at its start."""
    source.seek(0)
    head = source.read(4)
    source.seek(0)
    return head in {ARCHIVE, OLD_OFFICE}


def workbook_read(source: BinaryIO) -> Table:
    """Read the first sheet that is shown and has rows. Dates come as 2026-05-14, whole numbers without a point.

    Raises:
        ArchiveBomb, ArchiveUnreadable: dangerous to unpack, or damaged.
        TableUnreadable: another kind of file, or one behind a password.
        TableEmpty, TableTooLarge, CellTooLong: at once, or while the rows are walked.
    """
    source.seek(0)
    packed = source.read(PACKED_LARGEST + 1)
    if len(packed) > PACKED_LARGEST:
        limit = PACKED_LARGEST // 2**20
        raise TableTooLarge(f"The workbook is larger than {limit} MiB. Save it as CSV.", limit=PACKED_LARGEST)
    if packed.startswith(OLD_OFFICE):
        raise TableUnreadable("This is an old or locked workbook. Save it as .xlsx without a password, or as CSV.")
    if media_of(BytesIO(packed)).media_type not in WORKBOOKS:
        raise TableUnreadable("This is no workbook. Save the table as .xlsx or as CSV.")
    return table_of(_records(_lines(packed)))


def _lines(packed: bytes) -> bytes:
    try:
        return confined_run(TARGET, packed, seconds=SECONDS, memory=MEMORY)
    except ConfinedRefusal as error:
        raise _refused(str(error)) from error
    except ConfinedStopped as error:
        raise TableTooLarge("This workbook takes more memory or time than we give. Save it as CSV.") from error


def _refused(word: str) -> TableUnreadable | TableEmpty | TableTooLarge:
    if word == EMPTY:
        return TableEmpty("There is no row in it.")
    if word == ROWS:
        return TableTooLarge(f"The table has more than {ROWS_MOST:,} rows. Split it.", limit=ROWS_MOST)
    if word == COLUMNS:
        return TableTooLarge(f"The table has more than {COLUMNS_MOST} columns.", limit=COLUMNS_MOST)
    if word == LOCKED:
        return TableUnreadable("This workbook is locked. Save it without a password.")
    return TableUnreadable("This workbook is damaged. Open it, and save it again as .xlsx or CSV.")


def _records(lines: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    for number, line in enumerate(BytesIO(lines), start=1):
        yield number, json.loads(line)


def sheet_lines(packed: bytes) -> bytes:
    """Write the first sheet that is shown and has rows as one JSON list of texts a line. Runs confined.

    Raises:
        ConfinedRefusal: one word why there is none.
    """
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )  # confined: only there

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(packed))
        seen = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
        names = [sheet.name for sheet in book.sheets_metadata if (sheet.typ, sheet.visible) == seen]
        sheet = next((found for name in names if (found := book.get_sheet_by_name(name)).height), None)
    except PasswordError as error:
        raise ConfinedRefusal(LOCKED) from error
    except (CalamineError, OSError, ValueError) as error:
        raise ConfinedRefusal(BROKEN) from error
    if sheet is None:
        raise ConfinedRefusal(EMPTY)
    if sheet.height > ROWS_MOST + 1:
        raise ConfinedRefusal(ROWS)
    if sheet.width > COLUMNS_MOST:
        raise ConfinedRefusal(COLUMNS)
    result = BytesIO()
    for cells in sheet.iter_rows():
        result.write(json.dumps([cell_text(cell) for cell in cells]).encode() + b"\n")
    return result.getvalue()


def cell_text(cell: object) -> str:
    """Write a cell as a person would type it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and math.isfinite(cell) and cell == int(cell):
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)
