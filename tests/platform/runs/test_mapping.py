"""Guessing what columns mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.runs.mapping import ColumnMapping, columns_hash, mapping_checked, mapping_guess


def guessed(columns: list[str], *rows: list[str], **more: object) -> dict[str, str]:
    sample = [dict(zip(columns, row, strict=True)) for row in rows]
    return dict(mapping_guess(columns, sample, **more).columns)  # type: ignore[arg-type]  # as each test says


class TestGuess:
    """`mapping_guess`."""

    @pytest.mark.parametrize("heading", ["Username", "User name", "Usuario"])
    def test_takes_addresses_under_the_name_of_an_account(self, heading: str) -> None:
        found = guessed(["First name", "Last name", heading], ["Ana", "Pérez", "ana@school.example"])
        assert found["email"] == heading

    def test_takes_no_teachers_address(self) -> None:
        assert "email" not in guessed(["Name", "Teacher"], ["Ana Pérez", "samuel@school.example"])

    @pytest.mark.parametrize(
        ("columns", "mapping"),
        [
            (["Name", "E-mail"], {"name": "Name", "email": "E-mail"}),
            (["First Name", "Last Name", "Student ID", "Email Address"],
             {"first_name": "First Name", "last_name": "Last Name", "number": "Student ID",
              "email": "Email Address"}),
            (["Nombre completo", "Correo electrónico", "Matrícula", "Fecha"],
             {"name": "Nombre completo", "email": "Correo electrónico", "number": "Matrícula",
              "awarded_on": "Fecha"}),
            (["STUDENT_NAME", "e_mail", "Valid until"],
             {"name": "STUDENT_NAME", "email": "e_mail", "expires_on": "Valid until"}),
            (["Nmae", "Emial"], {"email": "Emial"}),
            (["Shoe size", "E-mail", "Exam name"], {"email": "E-mail"}),
        ],
    )  # fmt: skip
    def test_goes_by_headings_in_two_languages(self, columns: list[str], mapping: dict[str, str]) -> None:
        assert guessed(columns, ["x"] * len(columns)) == mapping

    def test_goes_by_what_stands_there_where_headings_say_nothing(self) -> None:
        rows = [["2026-01-02", "ana@b.example", "Ana Peña"], ["2026-01-03", "luis@b.example", "Luis Gil"]]
        found = guessed(["Column 1", "Column 2", "Column 3"], *rows)
        assert found == {"awarded_on": "Column 1", "email": "Column 2", "name": "Column 3"}

    @pytest.mark.parametrize(
        ("heading", "cell"),
        [
            ("Fecha de nacimiento", "2012-01-31"), ("FECHA NACIMIENTO", "31/01/2012"),
            ("Date of birth", "2012-01-31"),
            ("birth_date", "2012-01-31"), ("Enrollment date", "2025-09-01"), ("School name", "Quillwater High"),
            ("Class name", "Biology two"), ("Nombre de la escuela", "Escuela Central"),
            ("Teacher", "Samuel Okafor"),
        ],
    )  # fmt: skip
    def test_leaves_alone_what_no_row_is_asked_for(self, heading: str, cell: str) -> None:
        """Neither its heading nor what stands there makes a birthday the last day of a badge."""
        assert guessed(["E-mail", heading], ["ana@b.example", cell]) == {"email": "E-mail"}

    def test_knows_a_number_from_the_name_of_a_school(self) -> None:
        assert guessed(["Student no.", "School name"]) == {"number": "Student no."}
        assert guessed(["School name", "School number"]) == {"number": "School number"}

    def test_looks_for_exams_only_where_there_are_some(self) -> None:
        columns = ["E-mail", "Passed", "Score"]
        assert guessed(columns) == {"email": "E-mail"}
        assert guessed(columns, exams=True) == {"email": "E-mail", "passed": "Passed", "score": "Score"}

    def test_never_takes_the_reasons_that_we_wrote_beside_the_rows(self) -> None:
        rows = ["ana@b.example", "There is no e-mail address."], ["luis@b.example", "Write it like that, please."]
        assert guessed(["email", "Why not"], *rows) == {"email": "email"}
        assert guessed(["email", "POR QUE NO"], *rows) == {"email": "email"}
        assert guessed(["email", "…"], *rows) == {"email": "email"}

    @pytest.mark.parametrize(
        ("cell", "country", "order"),
        [
            ("31/01/2026", "US", "dmy"),
            ("01/31/2026", "MX", "mdy"),
            ("03/04/2026", "US", "mdy"),
            ("03/04/2026", "MX", "dmy"),
        ],
    )
    def test_tells_day_and_month_apart(self, cell: str, country: str, order: str) -> None:
        assert mapping_guess(["Date"], [{"Date": cell}], country=country).date_order == order

    @given(st.lists(st.text(min_size=1, max_size=20), unique=True, min_size=1, max_size=8), st.data())
    def test_never_takes_a_column_twice(self, columns: list[str], data: st.DataObject) -> None:
        rows = data.draw(
            st.lists(st.fixed_dictionaries({name: st.text(max_size=9) for name in columns}), max_size=3)
        )
        found = mapping_guess(columns, rows, exams=True).columns
        assert len(set(found.values())) == len(found)
        assert set(found.values()) <= set(columns)


class TestMapping:
    def test_drops_empty_choices_and_strange_orders(self) -> None:
        mapping = ColumnMapping({"email": "E", "name": ""}, "ymd")
        assert mapping_checked(mapping, ["E"]) == ColumnMapping({"email": "E"}, "dmy")

    def test_comes_back_from_its_row(self) -> None:
        mapping = ColumnMapping({"email": "E"}, "mdy")
        assert ColumnMapping.from_json(mapping.to_json()) == mapping

    def test_knows_a_table_by_its_headings_in_any_order(self) -> None:
        assert columns_hash(["Name", "E-Mail"]) == columns_hash(["e-mail", "name"])
        assert columns_hash(["Name"]) != columns_hash(["Names"])

    def test_knows_a_table_with_what_we_added_to_it(self) -> None:
        for added in (["Why not"], ["Por qué no"], ["…", "Why not"]):
            assert columns_hash(["Name", "E-mail", *added]) == columns_hash(["Name", "E-mail"])
