"""What is written down: the list others read, the table for people, the names that stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import batch, dryrun, pages, sign, status, verify
from benchmarks.peers import javascript
from benchmarks.report import BEGIN, END, PAGE, MarkersMissing, report, report_insert
from benchmarks.results import Line, line_readable, lines_write, readable, table

ROOT = Path(__file__).parents[2]
KEPT = {
    "sign.eddsa-rdfc-2022",
    "verify.eddsa-rdfc-2022.any-shape",
    "sign.vc-jwt",
    "batch.postgresql.1m",
    "batch.sqlite.10k",
    "dryrun.50k",
    "status.1m",
    "pages.award.p95",
}
LINE = Line("sign.example", 12_345.678, "1/s", "raw", 24_691.356, spread=0.04, note="a note")


class TestLines:
    def test_the_list_has_these_members_and_no_others(self, tmp_path: Path) -> None:
        lines_write([LINE], tmp_path / "deep" / "bench.json")
        assert json.loads((tmp_path / "deep" / "bench.json").read_text()) == [
            {
                "name": "sign.example",
                "value": 12350.0,
                "unit": "1/s",
                "peer": "raw",
                "peer_value": 24690.0,
                "ratio": 0.5,
            }
        ]

    def test_people_read_value_spread_ratio_and_peer(self) -> None:
        written = line_readable(LINE)
        for part in ("sign.example", "12,346/s", "±2%", "0.500 of raw", "a note"):
            assert part in written
        row = table([LINE]).splitlines()[-1]
        for part in ("`sign.example`", "12,346/s", "±2%", "0.5", "raw: 24,691/s", "a note"):
            assert part in row

    @pytest.mark.parametrize(
        ("value", "unit", "text"),
        [(41.26, "1/s", "41.3/s"), (4000, "1/s", "4,000/s"), (0.0829, "s", "82.9 ms"), (107.44, "s", "107.4 s")],
    )
    def test_figures_for_people(self, value: float, unit: str, text: str) -> None:
        assert readable(value, unit) == text


class TestPage:
    def test_only_what_is_between_the_markers_changes(self, tmp_path: Path) -> None:
        page = tmp_path / "page.md"
        page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
        for _ in range(2):
            report_insert(report([LINE], {"cores": "2"}), page)
        written = page.read_text()
        assert written.startswith(f"before\n{BEGIN}\nMeasured on this machine: cores: 2.\n")
        assert written.endswith(f"{END}\nafter\n")
        assert "old" not in written
        assert written.count("sign.example") == 1

    @pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}"])
    def test_a_page_without_a_place_stays_as_it_is(self, tmp_path: Path, text: str) -> None:
        page = tmp_path / "page.md"
        page.write_text(text)
        with pytest.raises(MarkersMissing):
            report_insert("new", page)
        assert page.read_text() == text

    def test_ours_has_one(self) -> None:
        text = (ROOT / PAGE).read_text()
        assert 0 < text.index(BEGIN) < text.index(END)


class TestNames:
    def test_those_that_others_rely_on_stay(self) -> None:
        names = {sign.EDDSA, sign.TOKEN, verify.ANY, dryrun.NAME, status.NAME, *pages.SHARES}
        assert names | {case.name for case in batch.cases(1_000_000)} >= KEPT

    def test_fewer_rows_are_asked_for_by_number(self) -> None:
        assert max(case.rows for case in batch.cases(500)) == 500
        assert [case.rows for case in batch.cases(1_000_000) if case.name == "batch.postgresql.1m"] == [1_000_000]


class TestJavaScriptPeer:
    def test_its_lock_names_every_hash_and_no_place(self) -> None:
        lock = json.loads((javascript.SOURCE / "package-lock.json").read_text())
        packages = {name: package for name, package in lock["packages"].items() if name}
        assert packages
        assert all("integrity" in package and "resolved" not in package for package in packages.values())
