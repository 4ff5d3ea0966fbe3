"""Tables as people have them, and as attackers make them."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.foundation.media import ArchiveBomb, ArchiveUnreadable
from insignia.runs import table as table_module
from insignia.runs.errors import (
    CellTooLong,
    LineTooLong,
    LineUnreadable,
    TableEmpty,
    TableTooLarge,
    TableUnreadable,
    TextDamaged,
)
from insignia.runs.readers import file_read, pasted_read, separated_read, stream_read
from insignia.runs.table import BESIDE, SourceRow, Table
from tests.platform.runs.workbooks import packed, sheet, sheet_of, workbook, workbook_of_two

NAMED = (
    ArchiveBomb, ArchiveUnreadable, CellTooLong, LineTooLong, LineUnreadable, TableEmpty, TableTooLarge,
    TableUnreadable, TextDamaged,
)  # fmt: skip
PEOPLE = "Name,E-mail\r\nAna Peña,ana@school.example\r\nLuis,luis@school.example\r\n"


def read(raw: bytes, filename: str = "") -> list[SourceRow]:
    return list(file_read(io.BytesIO(raw), filename=filename).rows)


def values(table: Table) -> list[list[str]]:
    return [list(row.values.values()) for row in table.rows]


class TestSeparatedValues:
    """CSV and its many relatives."""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_are_read_whatever_wrote_them(self, encoding: str, separator: str) -> None:
        rows = read(PEOPLE.replace(",", separator).encode(encoding))
        assert [row.values for row in rows] == [
            {"Name": "Ana Peña", "E-mail": "ana@school.example"},
            {"Name": "Luis", "E-mail": "luis@school.example"},
        ]
        assert [row.number for row in rows] == [2, 3]

    @pytest.mark.parametrize(
        ("raw", "line"),
        [
            ("Name,E-mail\nAna Peña,a@b.example\nLuis,b@b.example\nIñ".encode()[:-1], 4),
            ("Name,E-mail\nLuis,b@b.example\nIñ".encode()[:-1], 3),
            ("Name,E-mail\nAna Peña,a@b.example\n".encode() + b"Jos\xe9,b@b.example\n", 3),
            (b"Name,E-mail\n" + b"Jos\xe9,b@b.example\n" + "Peña Ñandú,a@b.example\n".encode() * 9000, 2),
            (("Name,E-mail\n" + "Peña,a@b.example\n" * 9000).encode() + b"\xff,b@b.example\n", 9002),
        ],
    )  # fmt: skip
    def test_with_a_damaged_letter_are_not_guessed_to_be_something_else(self, raw: bytes, line: int) -> None:
        """All of it would be read as another encoding, and every other name be wrong."""
        with pytest.raises(TextDamaged) as caught:
            read(raw)
        assert caught.value.data["row"] == line

    @pytest.mark.parametrize(
        "text",
        [
            "Name,E-mail\nJosé,a@b.example\n",
            "E-mail,Name\na@b.example,José",
            "Name,E-mail\nÀÉÎÕÜ ñ,a@b.example\n",
            "Name,E-mail\n" + "Ñandú Peña,a@b.example\n" * 9000 + "Ã©,a@b.example\n",
        ],
    )
    def test_of_western_spreadsheets_are_read_as_such(self, text: str) -> None:
        assert list(read(text.encode("cp1252"))[0].values.values()) == text.split("\n")[1].split(",")

    def test_keep_line_breaks_and_separators_in_quotes(self) -> None:
        rows = read(b'Name,E-mail\n"Pe\xc3\xb1a; Ana\nMar\xc3\xada, ""la""",ana@school.example\n')
        assert rows[0].values["Name"] == 'Peña; Ana\nMaría, "la"'

    def test_say_what_separates_them(self) -> None:
        rows = read(b"sep=;\r\nName;E-mail\r\nAna, M;ana@school.example\r\n")
        assert (rows[0].number, rows[0].values["Name"]) == (3, "Ana, M")

    def test_need_no_headings(self) -> None:
        table = file_read(io.BytesIO(b"Ana,ana@school.example\nLuis,luis@school.example\n"))
        assert table.columns == ("Column 1", "Column 2")
        assert [row.number for row in table.rows] == [1, 2]

    def test_leave_out_rows_that_say_nothing(self) -> None:
        rows = read(b"\n,,\nName,E-mail\n\n , \nAna,a@b.example\n")
        assert [row.number for row in rows] == [6]

    def test_keep_what_stands_beside_the_columns(self) -> None:
        assert read(b"Name,E-mail\nAna,a@b.example,more,,again\n")[0].values[BESIDE] == "more again"

    def test_name_columns_apart(self) -> None:
        table = file_read(io.BytesIO(b"Name,,Name,E-mail\nA,b,C,a@b.example\n"))
        assert table.columns == ("Name", "Column 2", "Name 2", "E-mail")

    @pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xef\xbb\xbf", b",,,\n", b"Name,E-mail\n"])
    def test_are_not_there(self, raw: bytes) -> None:
        with pytest.raises(TableEmpty):
            read(raw)

    def test_are_no_picture(self) -> None:
        with pytest.raises(TableUnreadable):
            read(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100))

    def test_name_the_row_whose_quotation_mark_stays_open(self) -> None:
        raw = b'Name,E-mail\nAna,a@b.example\n"Luis,l@b.example\n' + b"x,y@z.example\n" * 20_000
        with pytest.raises(CellTooLong) as caught:
            read(raw)
        assert caught.value.data["row"] == 3

    def test_name_the_row_with_an_endless_cell(self) -> None:
        with pytest.raises(CellTooLong) as caught:
            read(b"Name,E-mail\nAna,a@b.example\n" + b"x" * 33_000 + b",l@b.example\n")
        assert caught.value.data["row"] == 3

    def test_have_no_more_columns_than_are_taken(self) -> None:
        with pytest.raises(TableTooLarge):
            read(b",".join(b"c%d" % number for number in range(101)) + b"\n1\n")

    def test_have_no_more_rows_than_are_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(table_module, "ROWS_MOST", 10)
        assert len(read(b"E-mail\n" + b"a@b.example\n" * 10)) == 10
        with pytest.raises(TableTooLarge):
            read(b"E-mail\n" + b"a@b.example\n" * 11)

    def test_take_no_memory_with_their_rows(self) -> None:
        """Five times the rows, the same memory."""
        peaks = []
        for number in (20_000, 100_000):
            source = io.BytesIO(b"Name,E-mail\n" + b"Ana Pe\xc3\xb1a,ana@school.example\n" * number)
            tracemalloc.start()
            assert sum(1 for _ in file_read(source).rows) == number
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < peaks[0] + 2**17

    @given(st.binary(max_size=400))
    def test_raise_nothing_but_what_is_named(self, raw: bytes) -> None:
        for filename in ("", "x.ndjson"):
            with suppress(*NAMED):
                read(raw, filename)

    @given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=4), min_size=1, max_size=6))
    def test_come_back_as_they_were_written(self, rows: list[list[str]]) -> None:
        rows = [[cell.strip().replace("\x00", "") for cell in row] for row in rows]
        written = io.StringIO(newline="")
        csv.writer(written).writerows([["Name", "E-mail", "C", "D"], *rows])
        raw = written.getvalue().encode("utf-8", "replace")
        wanted = [[cell.encode("utf-8", "replace").decode().strip() for cell in row] for row in rows if any(row)]
        try:
            found = values(separated_read(io.BytesIO(raw), separator=","))
        except TableEmpty:
            found = []
        assert found == wanted


class TestPasted:
    """`pasted_read`."""

    @pytest.mark.parametrize(
        "text",
        [
            "ana@school.example\nluis@school.example",
            "ana@school.example, luis@school.example",
            "ana@school.example; luis@school.example;",
            "ana@school.example luis@school.example",
            "<ana@school.example>\r\n<luis@school.example>\r\n",
        ],
    )
    def test_takes_nothing_but_addresses(self, text: str) -> None:
        assert values(pasted_read(text)) == [["", "ana@school.example"], ["", "luis@school.example"]]

    def test_takes_addresses_with_names(self) -> None:
        text = 'Ana Peña <ana@school.example>\n"Luis Gil" <luis@school.example>'
        assert values(pasted_read(text)) == [
            ["Ana Peña", "ana@school.example"],
            ["Luis Gil", "luis@school.example"],
        ]

    def test_takes_rows_of_a_spreadsheet(self) -> None:
        table = pasted_read("Name\tE-mail\nPeña, Ana\tana@school.example\n")
        assert table.columns == ("Name", "E-mail")
        assert values(table) == [["Peña, Ana", "ana@school.example"]]

    def test_takes_rows_without_headings(self) -> None:
        assert values(pasted_read("ana@school.example,Ana Peña")) == [["ana@school.example", "Ana Peña"]]

    @pytest.mark.parametrize("text", ["", "  \n \n"])
    def test_wants_something(self, text: str) -> None:
        with pytest.raises(TableEmpty):
            pasted_read(text)


class TestWorkbook:
    """Workbooks, read in a confined process."""

    def test_is_read_as_a_person_would_type_it(self) -> None:
        rows: list[list[object]] = [
            ["Name", "ID", "Date", "Passed"],
            ["Ana Peña", 1234, ("date", 46156), True],
            [],
            ["Luis", 7.5, "", False],
        ]
        found = read(workbook(rows))
        assert [row.number for row in found] == [2, 4]
        assert list(found[0].values.values()) == ["Ana Peña", "1234", "2026-05-14", "true"]
        assert list(found[1].values.values()) == ["Luis", "7.5", "", "false"]

    @pytest.mark.parametrize("state", ["hidden", "veryHidden"])
    def test_is_read_as_it_is_shown(self, state: str) -> None:
        """A sheet that nobody sees holds lists to choose from, or the people of last year."""
        old, people = sheet_of([["E-mail"], ["old@b.example"]]), sheet_of([["E-mail"], ["ana@b.example"]])
        found = read(workbook_of_two(old, people, state=state))
        assert [row.values["E-mail"] for row in found] == ["ana@b.example"]
        with pytest.raises(TableEmpty):
            read(workbook_of_two(old, sheet_of([]), state=state))

    def test_tells_the_number_of_rows_below_empty_ones(self) -> None:
        assert [row.number for row in read(workbook([[], [], ["E-mail"], ["a@b.example"]]))] == [4]

    def test_has_a_row(self) -> None:
        with pytest.raises(TableEmpty):
            read(workbook([]))

    def test_refuses_a_bomb_by_its_directory(self) -> None:
        with pytest.raises(ArchiveBomb):
            read(packed(sheet("<row/>" * 3_000_000)))

    def test_refuses_archives_in_the_archive(self) -> None:
        with pytest.raises(ArchiveBomb):
            read(packed(sheet(""), **{"more.zip": b"PK\x03\x04"}))

    def test_refuses_a_sheet_with_a_cell_in_its_last_corner(self) -> None:
        corner = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        with pytest.raises(TableTooLarge):
            read(packed(sheet(corner)))

    def test_refuses_another_archive(self) -> None:
        with pytest.raises(TableUnreadable):
            read(workbook([["a"]]).replace(b"xl/", b"yl/"))

    def test_refuses_an_old_or_locked_one(self) -> None:
        with pytest.raises(TableUnreadable):
            read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))

    def test_refuses_a_damaged_one(self) -> None:
        whole = workbook([["E-mail"], ["a@b.example"]])
        with pytest.raises((ArchiveUnreadable, TableUnreadable)):
            read(whole[: len(whole) // 2])
        with pytest.raises((ArchiveUnreadable, TableUnreadable)):
            read(packed("<worksheet><sheetData><row><c"))

    def test_expands_no_entities(self) -> None:
        """A document type with entities is no table; at most their names come through."""
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + sheet(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
        )
        try:
            found = str(read(packed(bomb)))
        except (TableUnreadable, TableEmpty):
            return
        assert "aaaaaaaaaa" not in found


class TestStream:
    """Lines of JSON."""

    def test_gives_a_row_a_line(self) -> None:
        raw = b'{"email":"a@b.example","n":1,"ok":true,"none":null,"row_key":"k1"}\n\n{"email":"c@d.example"}\n'
        assert read(raw, "x.NDJSON") == [
            SourceRow(1, {"email": "a@b.example", "n": "1", "ok": "true", "none": ""}, "k1"),
            SourceRow(3, {"email": "c@d.example"}),
        ]

    def test_takes_a_byte_order_mark_for_none_of_the_first_line(self) -> None:
        table = stream_read(io.BytesIO(b'\xef\xbb\xbf{"email": "ana@school.example"}\n'))
        assert [row.values for row in table.rows] == [{"email": "ana@school.example"}]

    @pytest.mark.parametrize(
        "line", [b"[1]", b"{", b"[" * 60_000, b'{"a":{}}', b'{"a":[1]}', b'{"a":1,"a":2}', b"\xff", b'{"a":NaN}']
    )
    def test_names_the_line_that_is_no_object(self, line: bytes) -> None:
        with pytest.raises(LineUnreadable) as caught:
            read(b'{"email":"a@b.example"}\n' + line + b"\n", "x.jsonl")
        assert caught.value.data["row"] == 2

    def test_reads_no_endless_line(self) -> None:
        def endless() -> Iterator[bytes]:
            yield b'{"email":"'
            while True:
                yield b"a" * 2**16

        class Tap(io.RawIOBase):
            """A stream that never ends, and says how much was drunk."""

            def __init__(self) -> None:
                self.source, self.drunk = endless(), 0

            def readable(self) -> bool:
                return True

            def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any buffer, in truth
                part = next(self.source)[: len(buffer)]
                buffer[: len(part)] = part
                self.drunk += len(part)
                return len(part)

        tap = Tap()
        with pytest.raises(LineTooLong):
            list(stream_read(io.BufferedReader(tap)).rows)  # type: ignore[type-var]  # it reads, which is enough
        assert tap.drunk < 2**18

    def test_has_the_members_of_every_line_as_columns(self) -> None:
        raw = b'{"email":"a@b.example"}\n{"email":"c@d.example","expires_on":"2027-01-01","row_key":"k"}\n'
        table = file_read(io.BytesIO(raw), filename="x.ndjson")
        assert table.columns == ("email", "expires_on")
        assert [dict(row.values) for row in table.rows][1]["expires_on"] == "2027-01-01"

    def test_names_members_as_columns_are_named(self) -> None:
        table = file_read(io.BytesIO(b'{"e-mail  address":"a@b.example","name ":"Ana"}\n'), filename="x.ndjson")
        assert table.columns == ("e-mail address", "name")
        assert [dict(row.values) for row in table.rows] == [{"e-mail address": "a@b.example", "name": "Ana"}]
        assert file_read(io.BytesIO(b'{"":"a@b.example"}\n'), filename="x.ndjson").columns == ("Column 1",)

    def test_names_the_line_that_brings_too_many_columns(self) -> None:
        with pytest.raises(TableTooLarge) as caught:
            read(b"".join(b'{"n%d":1}\n' % number for number in range(200)), "x.ndjson")
        assert caught.value.data["row"] == 101

    def test_wants_a_line(self) -> None:
        with pytest.raises(TableEmpty):
            read(b"\n\n", "x.ndjson")

    def test_takes_what_json_writes(self) -> None:
        rows = [{"email": f"l{number}@b.example", "name": "Ñandú 🎖"} for number in range(50)]
        found = read(b"".join(json.dumps(row).encode() + b"\n" for row in rows), "x.ndjson")
        assert [row.values for row in found] == rows


class TestHeadings:
    """Names of columns, which go where cells go."""

    @pytest.mark.parametrize(
        ("raw", "filename"),
        [
            (b'{"email":"a@b.example","no\\u0000te":"x"}\n', "x.ndjson"),
            (workbook([["email", "no_x0000_te"], ["a@b.example", "x"]]), "x.xlsx"),
        ],
    )
    def test_hold_nothing_that_no_database_holds(self, raw: bytes, filename: str) -> None:
        table = file_read(io.BytesIO(raw), filename=filename)
        assert table.columns == ("email", "no\ufffdte")
        assert [dict(row.values) for row in table.rows] == [{"email": "a@b.example", "no\ufffdte": "x"}]
