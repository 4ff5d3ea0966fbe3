"""Laws of reading and classing a row, over whatever anybody may write into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.runs.mapping import FIELDS, ColumnMapping
from insignia.runs.rules import (
    DUE,
    Exam,
    Finding,
    Gate,
    Prior,
    Reading,
    RowClass,
    Sheet,
    Standing,
    Unreadable,
    classify,
    row_read,
)
from insignia.runs.table import guarded, unguarded
from insignia.runs.values import date_read, is_address
from tests.platform.factories import AT

SHEET = Sheet(ColumnMapping({name: name for name in FIELDS}), AT.date(), exams=True)
PLAIN = Reading("Ana", "ana@school.example", "", "en", None, None, "", None, "")

moments = st.integers(-2500, 3500).map(lambda days: AT + timedelta(days=days, seconds=days % 7))
priors = st.builds(
    Prior,
    state=st.sampled_from(["reserved", "issued", "suspended", "revoked"]),
    since=moments,
    until=st.none() | moments,
)
standings = st.builds(
    Standing,
    priors=st.lists(priors, max_size=4).map(tuple),
    earlier_row=st.none() | st.integers(1, 9),
    is_erased=st.booleans(),
    is_member=st.booleans(),
    decision=st.sampled_from(["", "waiting", "held"]),
)
exams = st.none() | st.builds(
    Exam, name=st.just("Final"), score=st.just("7"), passed=st.booleans(), proctored=st.booleans()
)
gates = st.builds(
    Gate,
    credential_class=st.sampled_from(["recognition", "knowledge", "application"]),
    has_override=st.booleans(),
)
cells = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "ana@school.example", "yes", "no", "2026-05-01", "14/05/2026", "en", "\u202eevil", "\ufffd"]
    ),
)


class TestClassify:
    """`classify`."""

    @given(standings, exams, gates)
    def test_lets_nobody_past_assessment(self, standing: Standing, exam: Exam | None, gate: Gate) -> None:
        """An application badge is due only after a watched exam that was passed, or with an exception."""
        found = classify(replace(PLAIN, exam=exam), standing, gate, at=AT)
        if gate.credential_class == "application" and found.row_class in DUE:
            assert gate.has_override or (exam is not None and exam.proctored)
        if exam is not None and not exam.passed:
            assert found.row_class not in DUE

    @given(standings, exams, gates)
    def test_gives_nobody_a_second_one(self, standing: Standing, exam: Exam | None, gate: Gate) -> None:
        found = classify(replace(PLAIN, exam=exam), standing, gate, at=AT)
        lasting = [
            one for one in standing.priors if one.state == "issued" and (one.until is None or one.until > AT)
        ]
        far = [one for one in lasting if one.until is None or one.until > AT + timedelta(days=90)]
        if far or any(one.state in {"reserved", "suspended"} for one in standing.priors):
            assert found.row_class not in DUE
        if found.row_class is RowClass.NEW:
            assert all(one.state == "revoked" for one in standing.priors)

    @pytest.mark.parametrize(
        ("length", "left", "row_class"),
        [
            (365, 89, RowClass.RENEWAL), (365, 91, RowClass.DUPLICATE), (90, 89, RowClass.DUPLICATE),
            (90, 31, RowClass.DUPLICATE), (90, 30, RowClass.RENEWAL), (6, 2, RowClass.RENEWAL),
            (6, 3, RowClass.DUPLICATE), (90, -1, RowClass.RENEWAL), (-5, -1, RowClass.RENEWAL),
        ],
    )  # fmt: skip
    def test_renews_within_the_last_third_of_a_badge_but_not_earlier_than_90_days_before_its_end(
        self, length: int, left: int, row_class: RowClass
    ) -> None:
        until = AT + timedelta(days=left)
        prior = Prior("issued", until - timedelta(days=length), until)
        found = classify(PLAIN, Standing((prior,)), Gate("recognition"), at=AT)
        assert found.row_class is row_class

    @given(standings, exams, gates)
    def test_says_why(self, standing: Standing, exam: Exam | None, gate: Gate) -> None:
        found = classify(replace(PLAIN, exam=exam), standing, gate, at=AT)
        assert bool(found.code) == (found.row_class is not RowClass.NEW)

    @given(standings, exams)
    def test_an_exception_takes_nothing_away(self, standing: Standing, exam: Exam | None) -> None:
        """Whoever was due before it is due with it."""
        reading = replace(PLAIN, exam=exam)
        before = classify(reading, standing, Gate("application"), at=AT)
        after = classify(reading, standing, Gate("application", has_override=True), at=AT)
        if before.row_class in DUE:
            assert after == before


def read(values: dict[str, str]) -> tuple[Reading | None, Finding | None]:
    try:
        return row_read(values, SHEET), None
    except Unreadable as error:
        return None, error.finding


class TestRowRead:
    """`row_read`."""

    @given(st.dictionaries(st.sampled_from(FIELDS), cells))
    def test_reads_or_says_which_cell_it_cannot(self, values: dict[str, str]) -> None:
        reading, finding = read(values)
        if reading is None:
            assert finding is not None
            assert finding.row_class is RowClass.INVALID
            assert finding.code
            assert len(finding.data["value"]) <= 80
            return
        assert is_address(reading.email)
        assert not any(ord(letter) < 32 or letter in "\u202e\ufffd" for letter in reading.name)
        assert reading.awarded_on is None or reading.awarded_on <= SHEET.today
        assert reading.expires_on is None or reading.expires_on > SHEET.today

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({}, "email-missing"),
            ({"email": "ana@@school"}, "email-unusable"),
            ({"email": "ana@school"}, "email-unusable"),
            ({"email": "ana@school.example\nBcc: all@school.example"}, "email-unusable"),
            ({"email": "a@b.example", "name": "x" * 201}, "too-long"),
            ({"email": "a@b.example", "name": "Ana\u202e"}, "signs-unseen"),
            ({"email": "a@b.example", "language": "tlh"}, "language-unknown"),
            ({"email": "a@b.example", "awarded_on": "2026-02-30"}, "date-unusable"),
            ({"email": "a@b.example", "awarded_on": "2026-05-15"}, "date-ahead"),
            ({"email": "a@b.example", "expires_on": "2026-05-14"}, "expiry-past"),
            ({"email": "a@b.example", "passed": ""}, "yes-or-no-missing"),
            ({"email": "a@b.example", "passed": "perhaps"}, "yes-or-no-unusable"),
            ({"email": "a@b.example", "…": "more"}, "cells-beside"),
        ],
    )
    def test_names_what_is_wrong(self, values: dict[str, str], code: str) -> None:
        with pytest.raises(Unreadable) as caught:
            row_read(values, SHEET)
        assert caught.value.finding.code == code

    @pytest.mark.parametrize(
        ("cell", "day_first", "day"),
        [
            ("2026-05-04", True, date(2026, 5, 4)),
            ("2026-05-04 10:00:00", True, date(2026, 5, 4)),
            ("04/05/2026", True, date(2026, 5, 4)),
            ("04/05/2026", False, date(2026, 4, 5)),
            ("4.5.2026", True, date(2026, 5, 4)),
            ("31/02/2026", True, None),
            ("yesterday", True, None),
        ],
    )
    def test_reads_days_as_people_write_them(self, cell: str, day_first: bool, day: date | None) -> None:
        assert date_read(cell, day_first=day_first) == day


class TestGuard:
    """`guarded` and back."""

    @given(st.text())
    def test_comes_back_and_is_no_formula(self, cell: str) -> None:
        written = guarded(cell)
        assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
        if not cell.startswith("'"):
            assert unguarded(written) == cell
