"""What somebody pastes: rows copied from a spreadsheet, separated values, or nothing but addresses."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from insignia.runs.errors import TableEmpty
from insignia.runs.readers.separated import separated_read
from insignia.runs.table import Table, rows_named

BETWEEN = re.compile(r"[;,\n]+")
ALONE = re.compile(r"<?([^@\s<>,;]+@[^@\s<>,;]+)>?")
NAMED = re.compile(r'"?([^"<>@]+?)"?\s*<([^@\s<>]+@[^@\s<>]+)>')
COLUMNS = ("name", "email")


def pasted_read(text: str) -> Table:
    """Read pasted rows. A list of addresses, with names or without, is a table of two columns.

    Raises:
        TableEmpty, TableTooLarge, CellTooLong: at once, or while the rows are walked.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines.strip():
        raise TableEmpty("There is nothing in it. Paste rows from a spreadsheet, or addresses.")
    if (people := _people(lines)) is not None:
        return Table(COLUMNS, rows_named(enumerate(people, start=1), COLUMNS))
    separator = "\t" if "\t" in lines else ""
    return separated_read(io.BytesIO(lines.encode("utf-8", "replace")), separator=separator)


def _people(text: str) -> list[tuple[str, str]] | None:
    """Give (name, address) of every entry, or None where one entry is neither."""
    found = []
    for entry in _entries(text):
        if named := NAMED.fullmatch(entry):
            found.append((named[1].strip(), named[2]))
        elif alone := ALONE.fullmatch(entry):
            found.append(("", alone[1]))
        else:
            return None
    return found


def _entries(text: str) -> Iterator[str]:
    for entry in BETWEEN.split(text):
        # Addresses alone may stand on one line with spaces between them.
        parts = entry.split() if entry.count("@") > 1 and "<" not in entry else [entry.strip()]
        yield from (part for part in parts if part)
