"""Workbooks as spreadsheet programs write them, and as nobody should."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
ROOT = (
    f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets>'
    "</workbook>"
)
PARTS = (
    f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/>'
    "</Relationships>"
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
)


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """Write one sheet; a text as such, a number as such, ("date", n) as a day, counted as spreadsheets do."""
    return packed(sheet_of(rows))


def workbook_of_two(hidden: str, shown: str, *, state: str) -> bytes:
    """Write two sheets, the first of which is not shown: `state` is how a spreadsheet calls that."""
    second = "worksheets/sheet2.xml"
    book = BOOK.replace(
        '<sheet name="People"',
        f'<sheet name="Lists" sheetId="2" state="{state}" r:id="rId3"/><sheet name="People"',
    )
    parts = PARTS.replace(
        "</Relationships>",
        f'<Relationship Id="rId3" Type="{OFFICE}/worksheet" Target="{second}"/></Relationships>',
    )
    types = TYPES.replace("</Types>", TYPES[TYPES.rindex("<Override") :].replace("sheet1", "sheet2"))
    replaced = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": parts, "[Content_Types].xml": types}
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed(shown))) as plain,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in plain.namelist():
            archive.writestr(name, replaced.get(name, plain.read(name)))
        archive.writestr(f"xl/{second}", hidden)
    return result.getvalue()


def sheet_of(rows: Sequence[Sequence[object]]) -> str:
    return sheet("".join(_row(number, cells) for number, cells in enumerate(rows, start=1)))


def sheet(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def packed(worksheet: str, **more: bytes) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", ROOT)
        archive.writestr("xl/workbook.xml", BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", PARTS)
        archive.writestr("xl/styles.xml", STYLES)
        archive.writestr("xl/worksheets/sheet1.xml", worksheet)
        for name, raw in more.items():
            archive.writestr(f"xl/{name}", raw)
    return result.getvalue()


def _row(number: int, cells: Sequence[object]) -> str:
    written = "".join(_cell(f"{chr(65 + place)}{number}", cell) for place, cell in enumerate(cells))
    return f'<row r="{number}">{written}</row>' if cells else ""


def _cell(place: str, cell: object) -> str:
    if isinstance(cell, tuple):
        return f'<c r="{place}" s="1"><v>{cell[1]}</v></c>'
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, (int, float)):
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>'
