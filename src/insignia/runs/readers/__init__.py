"""From what somebody brought to a table: files of spreadsheets, pasted text, streams. Nothing is judged here."""

from __future__ import annotations

from typing import BinaryIO

from insignia.runs.readers.pasted import pasted_read
from insignia.runs.readers.separated import separated_read
from insignia.runs.readers.stream import stream_read, stream_rows
from insignia.runs.readers.workbook import is_workbook, workbook_read
from insignia.runs.table import Table

__all__ = ["file_read", "pasted_read", "separated_read", "stream_read", "stream_rows", "workbook_read"]


def file_read(source: BinaryIO, *, filename: str = "") -> Table:
    """Read a file by what it is, whatever it is called: a workbook, lines of JSON, or separated values.

    Args:
        source: seekable; read while the rows are walked, so it stays open until then.
        filename: tells lines of JSON (`.ndjson`, `.jsonl`) from a table; may be empty.

    Raises:
        TableUnreadable, TextDamaged, TableEmpty, TableTooLarge, CellTooLong, LineTooLong, LineUnreadable: at
            once, or while the rows are walked.
        ArchiveBomb, ArchiveUnreadable: a workbook that is dangerous to unpack, or damaged.
    """
    if is_workbook(source):
        return workbook_read(source)
    if filename.lower().endswith((".ndjson", ".jsonl")):
        return stream_read(source)
    return separated_read(source)
