"""Reads the table that OpenSALT imports and exports (and tables like it): one row an item, parents by code."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from insignia.foundation.search import folded
from insignia.frameworks.errors import FrameworkTooLarge, FrameworkUnreadable, NotAFramework
from insignia.frameworks.readers.naming import distinct, require_count, title_from_filename
from insignia.frameworks.readers.taking import ABBREVIATION, CODE, STATEMENT, Taker, derived_identifier
from insignia.frameworks.source import (
    CHILD_OF,
    MAX_COLUMNS,
    MAX_ITEMS,
    Source,
    SourceAssociation,
    SourceDocument,
    SourceItem,
)

if TYPE_CHECKING:
    from insignia.frameworks.findings import Findings

Row = dict[str, str]

# A heading, folded and without blanks, and the field it means.
COLUMNS = {
    "identifier": "identifier",
    "uri": "uri",
    "fullstatement": "statement",
    "statement": "statement",
    "humancodingscheme": "code",
    "code": "code",
    "sequencenumber": "sequence",
    "smartlevel": "sequence",
    "listenumeration": "enumeration",
    "abbreviatedstatement": "short",
    "conceptkeywords": "keywords",
    "notes": "notes",
    "ischildof": "parent",
    "parent": "parent",
    "cfitemtype": "type",
    "itemtype": "type",
    "type": "type",
    "educationlevel": "levels",
    "language": "language",
    "license": "licence",
    "licence": "licence",
    "licenseuri": "licence",
}
TIES = {
    "ispartof": "isPartOf",
    "replacedby": "replacedBy",
    "exemplar": "exemplar",
    "hasskilllevel": "hasSkillLevel",
    "isrelatedto": "isRelatedTo",
    "exactmatchof": "exactMatchOf",
    "ispeerof": "isPeerOf",
    "precedes": "precedes",
    "istranslationof": "isTranslationOf",
}
DELIMITERS = ",;\t|"


def is_opensalt_csv(text: str) -> bool:
    """Say whether the first line names the columns of such a table: a statement and at least one other."""
    fields = [_field(cell) for cell in _header(text)[0]]
    return "statement" in fields and len(set(fields) - {""}) >= 2


def read_opensalt_csv(text: str, *, filename: str, findings: Findings) -> Source:
    """Read a table.

    Raises:
        NotAFramework, FrameworkEmpty, FrameworkTooLarge, FrameworkUnreadable.
    """
    header, delimiter = _header(text)
    if not is_opensalt_csv(text):
        raise NotAFramework("The first row does not name the columns: there is no fullStatement.")
    if len(header) > MAX_COLUMNS:
        raise FrameworkTooLarge(f"The table has more than {MAX_COLUMNS} columns.", limit=MAX_COLUMNS)
    reader = _TableReader(Taker(findings), header, filename)
    rows = _rows(text, delimiter)
    require_count(rows)
    numbered = [(number, row) for number, row in enumerate(rows, start=2) if reader.has_content(number, row)]
    read = [reader.item(number, row) for number, row in numbered]
    found = [(item, fields) for item, fields in read if item is not None]
    items = distinct((item for item, _fields in found), findings)
    document = reader.document([fields for _item, fields in found])
    return Source("opensalt-csv", document, items, tuple(reader.associations(found)), findings)


def _header(text: str) -> tuple[list[str], str]:
    """Give the cells of the first line and the delimiter that makes the most known headings of it."""
    first = text.lstrip("\ufeff").lstrip().split("\n", 1)[0][:32_768]
    best: tuple[list[str], str] = ([], ",")
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            continue
        if sum(bool(_field(cell)) for cell in cells) > sum(bool(_field(cell)) for cell in best[0]):
            best = (cells, delimiter)
    return best


def _rows(text: str, delimiter: str) -> list[list[str]]:
    stream = io.StringIO(text.lstrip("\ufeff").lstrip(), newline="")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(stream, delimiter=delimiter):
            rows.append(row)
            if len(rows) > MAX_ITEMS + 1:
                break
    except csv.Error as error:
        raise FrameworkUnreadable(
            f"Row {len(rows) + 1} of the table cannot be read: {error}. Save it again as CSV (UTF-8).",
            reason="table-unreadable",
        ) from error
    return rows[1:]


def _key(heading: str) -> str:
    return re.sub(r"[^a-z]", "", folded(heading))


def _field(heading: str) -> str:
    key = _key(heading)
    return COLUMNS.get(key) or TIES.get(key) or ""


class _TableReader:
    """Reads rows by their headings; findings name the row as a spreadsheet counts it."""

    def __init__(self, take: Taker, header: list[str], filename: str) -> None:
        self.take = take
        self.findings = take.findings
        self.header = header
        self.filename = filename
        self.fields = [_field(cell) for cell in header]
        self.framework = derived_identifier("opensalt-csv", folded(title_from_filename(filename)))
        for cell, field in zip(header, self.fields, strict=True):
            if not field and cell.strip():
                self.findings.note("column-unknown", "row 1", name=cell)

    def has_content(self, number: int, row: list[str]) -> bool:
        """Say whether the row says anything; note what is empty or too long."""
        if not any(cell.strip() for cell in row):
            self.findings.note("row-empty", f"row {number}")
            return False
        if any(cell.strip() for cell in row[len(self.header) :]):
            self.findings.note("row-too-long", f"row {number}")
        return True

    def item(self, number: int, row: list[str]) -> tuple[SourceItem | None, Row]:
        """Read one row as an item, with its cells by field for the ties."""
        where = f"row {number}"
        cells = self._cells(row)
        code = self.take.text(cells.get("code"), where, "humanCodingScheme", limit=CODE)
        short = self.take.text(cells.get("short"), where, "abbreviatedStatement", limit=ABBREVIATION)
        full = self.take.text(cells.get("statement"), where, "fullStatement", limit=STATEMENT, lines=True)
        if not full:
            if not (short or code):
                self.findings.note("item-without-text", where)
                return None, cells
            self.findings.note("statement-missing", where)
        identifier = self.take.identifier(cells.get("identifier", ""), where)
        if not identifier:
            self.findings.note("identifier-missing", where)
            identifier = derived_identifier("opensalt-csv row", code or full or short)
        extra = {"conceptKeywords": cells["keywords"][:CODE]} if cells.get("keywords") else {}
        return (
            SourceItem(
                identifier=identifier,
                full_statement=full or short or code,
                where=where,
                uri=self.take.address(cells.get("uri", ""), where, "uri"),
                human_code=code,
                abbreviated_statement=short,
                notes=self._notes(row, cells, where),
                item_type=self.take.text(cells.get("type"), where, "CFItemType", limit=CODE),
                education_levels=self.take.texts(cells.get("levels", ""), where, "educationLevel"),
                list_enumeration=self.take.text(cells.get("enumeration"), where, "listEnumeration", limit=CODE),
                extra=self.take.kept(extra, ()),
            ),
            cells,
        )

    def document(self, rows: list[Row]) -> SourceDocument:
        """Make the framework's description of the file's name: a table has none."""
        self.findings.note("document-missing", "file")
        language = next((row["language"] for row in rows if row.get("language")), "")
        licence = next((row["licence"] for row in rows if row.get("licence")), "")
        if not licence:
            self.findings.note("licence-missing", "file")
        linked = licence.startswith(("http://", "https://"))
        return SourceDocument(
            identifier=self.framework,
            title=title_from_filename(self.filename),
            language=self.take.text(language, "row 2", "language", limit=35),
            licence_title="" if linked else self.take.text(licence, "row 2", "license"),
            licence_uri=self.take.address(licence, "row 2", "license") if linked else "",
        )

    def associations(self, found: list[tuple[SourceItem, Row]]) -> list[SourceAssociation]:
        """Read parents and ties; both name codes, identifiers or addresses."""
        names: dict[str, str] = {}
        for item, cells in found:
            for name in (item.identifier, cells.get("identifier", "").strip(), item.human_code, item.uri):
                if name:
                    names.setdefault(name, item.identifier)
        ties = []
        for item, cells in found:
            ties += self._parent(item, cells, names)
            for kind in TIES.values():
                ties += [self._tie(item, kind, name, names) for name in _names(cells.get(kind, ""), names)]
        require_count((), ties)
        return ties

    def _parent(self, item: SourceItem, cells: Row, names: dict[str, str]) -> list[SourceAssociation]:
        # An empty cell stands for the framework itself; the number in the row orders the children of one parent.
        sequence = self.take.number(_number(cells.get("sequence", "")), item.where, "sequenceNumber")
        parents = _names(cells.get("parent", ""), names) or [""]
        return [
            SourceAssociation(
                CHILD_OF, item.identifier, names.get(name, name) if name else self.framework, item.where,
                sequence=sequence,
            )
            for name in parents
        ]  # fmt: skip

    def _tie(self, item: SourceItem, kind: str, name: str, names: dict[str, str]) -> SourceAssociation:
        linked = name.startswith(("http://", "https://"))
        destination = names.get(name) or self.take.identifier(name, item.where)
        return SourceAssociation(
            kind=kind,
            origin=item.identifier,
            destination=destination,
            where=item.where,
            destination_uri=self.take.address(name, item.where, kind) if linked else "",
            destination_title="" if linked else self.take.text(name, item.where, kind),
        )

    def _cells(self, row: list[str]) -> Row:
        cells: Row = {}
        for field, cell in zip(self.fields, row, strict=False):
            if field and cell.strip():
                cells.setdefault(field, cell.strip())
        return cells

    def _notes(self, row: list[str], cells: Row, where: str) -> str:
        more = [
            f"{heading.strip()}: {cell.strip()}"
            for heading, field, cell in zip(self.header, self.fields, row, strict=False)
            if not field and heading.strip() and cell.strip()
        ]
        text = "\n".join([cells.get("notes", ""), *more]).strip()
        return self.take.text(text, where, "notes", limit=STATEMENT, lines=True)


def _names(cell: str, known: dict[str, str]) -> list[str]:
    """Split a cell of several names, unless the whole of it is one; an address keeps its commas."""
    if cell in known:
        return [cell]
    names = re.split(r"[|\n]|[,;]\s" if "://" in cell else r"[|;,\n]", cell)
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _number(cell: str) -> float | str:
    """Give a cell's number; in a table every number is text, which is nothing to remark on."""
    try:
        return float(cell)
    except ValueError:
        return cell
