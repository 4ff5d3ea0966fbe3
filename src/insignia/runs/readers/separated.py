"""Separated values (RFC 4180 and what people really have): any encoding, any separator, quoted line breaks."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from insignia.runs.errors import CellTooLong, TableEmpty, TableTooLarge, TableUnreadable, TextDamaged
from insignia.runs.table import CELL_LONGEST, FILE_LARGEST, Table, columns_named, rows_named

SEPARATORS = ",;\t|"
SAMPLE = 64 * 1024
SAMPLE_RECORDS = 50
BLOCK = 2**16
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(r'\A"?sep=(.)"?\r?\n')
"""What a well-known spreadsheet writes above a table to say what separates its cells."""
ASCII = bytes(range(128))
LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A letter beyond ASCII, as UTF-8 writes it."""
CUT = (b"\xc2", b"\xc3")
"""How a Western letter in UTF-8 begins; by itself, in another encoding, it is one that ends no word."""
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Record = tuple[int, Sequence[str]]


def separated_read(source: BinaryIO, *, separator: str = "") -> Table:
    """Read separated values. The first row names the columns, unless it holds an address already.

    Raises:
        TableUnreadable, TextDamaged, TableEmpty, TableTooLarge, CellTooLong: at once, or while the rows are
            walked.
    """
    text = io.TextIOWrapper(source, encoding=encoding_of(source), errors="replace", newline="")
    sample = text.read(SAMPLE)
    if "\x00" in sample:
        raise TableUnreadable("This is no table: it holds bytes that no text has. Save it as .xlsx or as CSV.")
    text.seek(0)
    if declared := DECLARED.match(sample):
        text.readline()
        sample = sample[declared.end() :]
    chosen = separator or (declared[1] if declared else separator_of(sample))
    return table_of(_records(text, chosen, first=2 if declared else 1))


def encoding_of(source: BinaryIO) -> str:
    """Tell the encoding: by its mark, else UTF-8 if all of it is, else the one of Western spreadsheets.

    Raises:
        TableTooLarge: the file is larger than is read.
        TextDamaged: nearly all of it is UTF-8, but for a few bytes.
    """
    source.seek(0)
    head = source.read(4096)
    for mark, name in BOMS:
        if head.startswith(mark):
            source.seek(0)
            return name
    if name := _unmarked_utf16(head):
        source.seek(0)
        return name
    name = "utf-8" if _is_utf8(source) else "cp1252"
    if name != "utf-8" and (line := _damaged_line(source)):
        raise TextDamaged(
            f"Line {line} holds a letter that cannot be read, or the file ends in the middle of one. "
            "Save the table again, as UTF-8 or as .xlsx.",
            row=line,
        )
    source.seek(0)
    return name


def _unmarked_utf16(head: bytes) -> str:
    """Western text in UTF-16 has a zero in every second byte; nothing else that is text has."""
    if len(head) < 8:
        return ""
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else ""


def _is_utf8(source: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    source.seek(0)
    total = 0
    while block := source.read(BLOCK):
        total += len(block)
        if total > FILE_LARGEST:
            raise TableTooLarge(
                f"The file is larger than {FILE_LARGEST // 2**20} MiB. Split it.", limit=FILE_LARGEST
            )
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _damaged_line(source: BinaryIO) -> int:
    """Give the first line that is no UTF-8 where the rest of the file is; 0 where the file is something else.

    Text in another encoding holds a UTF-8 letter by chance at most, and more letters that are none.
    """
    source.seek(0)
    letters = odd = damaged = 0
    number, last = 1, b""
    while line := source.readline(BLOCK):
        if not line.isascii():
            found = LETTER.findall(line)
            strange = len(line.translate(None, ASCII)) - sum(map(len, found))
            letters, odd = letters + len(found), odd + strange
            damaged = damaged or (number if strange else 0)
        number, last = number + line.endswith(b"\n"), line
    is_cut = odd == 1 and last.endswith(CUT)
    return damaged if is_cut or 0 < letters >= odd else 0


def separator_of(sample: str) -> str:
    """Choose what separates the cells: what gives most rows the same number of them, and more than one."""
    scores = {separator: _score(sample, separator) for separator in SEPARATORS}
    best = max(scores, key=lambda separator: scores[separator])
    return best if scores[best] > 0 else ","


def _score(sample: str, separator: str) -> float:
    # A sample may end inside a quoted cell; its last record says nothing.
    records = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), SAMPLE_RECORDS))
    widths = Counter(len(record) for record in records if any(record))
    if not widths:
        return 0.0
    width, often = widths.most_common(1)[0]
    return (width - 1) ** 0.5 * often / widths.total() if width > 1 else 0.0


def _records(text: io.TextIOWrapper, separator: str, *, first: int) -> Iterator[Record]:
    reader = csv.reader(text, delimiter=separator)
    number = first
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the reader's own limit: far above ours
            raise CellTooLong(
                f"Row {number} has a cell of more than {CELL_LONGEST:,} characters. Is a quotation mark open?",
                row=number,
                limit=CELL_LONGEST,
            ) from error
        yield number, cells
        number += 1


def table_of(records: Iterator[Record]) -> Table:
    """Make a table of numbered records: the first that says something names the columns, or is the first row.

    Raises:
        TableEmpty: no record says anything.
        TableTooLarge: more columns than are taken.
    """
    head = next((record for record in records if any(cell.strip() for cell in record[1])), None)
    if head is None:
        raise TableEmpty("There is no row in it.")
    if not any(ADDRESS.fullmatch(cell.strip()) for cell in head[1]):
        columns = columns_named(head[1])
        return _not_empty(Table(columns, rows_named(records, columns)))
    columns = columns_named([""] * len(head[1]))
    return Table(columns, rows_named(chain([head], records), columns))


def _not_empty(table: Table) -> Table:
    first = next(table.rows, None)
    if first is None:
        raise TableEmpty("There is one row in it, with the names of the columns. Add the people below it.")
    return Table(table.columns, chain([first], table.rows))
