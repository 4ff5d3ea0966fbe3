"""A table of people, whatever it came as: named columns and a stream of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from insignia.runs.errors import CellTooLong, TableTooLarge
from insignia.runs.values import LOST

ROWS_MOST = 1_000_000
COLUMNS_MOST = 100
CELL_LONGEST = 32 * 1024
FILE_LARGEST = 500 * 2**20
LINE_LONGEST = 64 * 1024
BESIDE = "…"
"""The column of what stood in a row beyond its last named column."""


@dataclass(frozen=True)
class SourceRow:
    """One row as it came. `number` is its place as the sender counts; `key` their own name for it, or empty."""

    number: int
    values: Mapping[str, str]
    key: str = ""


@dataclass(frozen=True)
class Table:
    """Columns by name, and the rows, which can be walked once."""

    columns: tuple[str, ...]
    rows: Iterator[SourceRow]


def columns_named(cells: Sequence[str]) -> tuple[str, ...]:
    """Give every column a name of its own: an empty one gets its place, a repeated one a number.

    Raises:
        TableTooLarge: more columns than are taken.
    """
    if len(cells) > COLUMNS_MOST:
        raise TableTooLarge(f"The table has more than {COLUMNS_MOST} columns.", limit=COLUMNS_MOST)
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        wanted = storable(" ".join(cell.split())[:100]) or f"Column {place}"
        name, again = wanted, 2
        while name in names:
            name, again = f"{wanted} {again}", again + 1
        names.append(name)
    return tuple(names)


def storable(text: str) -> str:
    """Put the sign for a lost letter where no database holds what is there: NUL, and half a surrogate pair."""
    if text.isascii():
        return text.replace("\x00", LOST) if "\x00" in text else text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\x00", LOST)


def rows_named(numbered: Iterable[tuple[int, Sequence[str]]], columns: Sequence[str]) -> Iterator[SourceRow]:
    """Name the cells of each row; rows without a word in them are left out.

    Raises:
        TableTooLarge: more rows than are taken.
        CellTooLong: a cell holds more than is read.
    """
    count = 0
    for number, cells in numbered:
        stripped = [unguarded(cell.strip()) for cell in cells]
        if not any(stripped):
            continue
        count += 1
        count_checked(count)
        cells_checked(number, stripped)
        values = dict(zip(columns, stripped, strict=False))
        if beside := [cell for cell in stripped[len(columns) :] if cell]:
            values[BESIDE] = " ".join(cell for cell in (values.get(BESIDE, ""), *beside) if cell)
        yield SourceRow(number, values)


ACTING = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"


def guarded(cell: str) -> str:
    """Write a cell so that no spreadsheet takes it for a formula."""
    return GUARD + cell if cell.startswith(ACTING) else cell


def unguarded(cell: str) -> str:
    """Read a cell that `guarded` wrote."""
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith(ACTING) else cell


def count_checked(count: int) -> None:
    """Refuse a table with more rows than are taken at once.

    Raises:
        TableTooLarge: it has.
    """
    if count > ROWS_MOST:
        raise TableTooLarge(f"The table has more than {ROWS_MOST:,} rows. Split it.", limit=ROWS_MOST)


def cells_checked(number: int, cells: Iterable[str]) -> None:
    """Refuse a row with a cell that is longer than anything meant.

    Raises:
        CellTooLong: it has one.
    """
    if any(len(cell) > CELL_LONGEST for cell in cells):
        raise CellTooLong(
            f"Row {number} has a cell of more than {CELL_LONGEST:,} characters.", row=number, limit=CELL_LONGEST
        )
