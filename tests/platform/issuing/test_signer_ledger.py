"""The signer's own record: whole after any death, and no line of it can be changed or left out unseen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from insignia.issuing.errors import LedgerBroken, SignerUnavailable
from insignia.issuing.signers.ledger import Ledger, Line, ledger_problems

AT = datetime(2026, 5, 14, 23, 59, tzinfo=UTC)
DAY = "2026-05-14"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "signed.log"


def written(path: Path, count: int, *, at: datetime = AT) -> None:
    ledger = Ledger(path)
    ledger.note([Line("reservation", f"subject-{number}", ["0" * 64]) for number in range(count)], at=at)
    ledger.close()


class TestLedger:
    def test_goes_on_where_it_ended(self, path: Path) -> None:
        for _ in range(3):
            written(path, 2)
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert [line["number"] for line in lines] == [1, 2, 3, 4, 5, 6]
        assert list(ledger_problems(path)) == []
        assert path.stat().st_mode & 0o777 == 0o600

    def test_counts_by_day_and_kind(self, path: Path) -> None:
        written(path, 3)
        ledger = Ledger(path)
        ledger.note([Line("key", "k")], at=AT)
        assert (ledger.signed_on(DAY, "reservation"), ledger.signed_on(DAY, "key")) == (3, 1)
        ledger.note([Line("key", "l")], at=AT + timedelta(minutes=1))
        assert (ledger.signed_on("2026-05-15", "reservation"), ledger.signed_on("2026-05-15", "key")) == (0, 1)
        ledger.close()

    def test_opens_for_one_signer_at_a_time(self, path: Path) -> None:
        ledger = Ledger(path)
        with pytest.raises(SignerUnavailable):
            Ledger(path)
        ledger.close()
        Ledger(path).close()

    def test_writes_nothing_for_nothing(self, path: Path) -> None:
        written(path, 0)
        assert path.read_bytes() == b""

    @pytest.mark.parametrize("kept", [1, 40, -2, -1])
    def test_survives_a_death_in_the_middle_of_a_line(self, path: Path, kept: int) -> None:
        written(path, 2)
        first, second = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(first + second[:kept])
        written(path, 2)
        assert list(ledger_problems(path)) == []
        readable = []
        for line in path.read_bytes().splitlines():
            try:
                readable.append(json.loads(line)["number"])
            except ValueError:
                continue
        assert readable == list(range(1, len(readable) + 1))

    def test_survives_a_death_in_its_very_first_line(self, path: Path) -> None:
        path.write_bytes(b'{"number":1,"at')
        written(path, 1)
        assert list(ledger_problems(path)) == []

    def test_does_not_go_on_after_what_it_did_not_write(self, path: Path) -> None:
        path.write_bytes(b"something\nelse\n")
        with pytest.raises(LedgerBroken):
            Ledger(path)


class TestLedgerProblems:
    @pytest.mark.parametrize("place", range(4))
    @pytest.mark.parametrize(
        ("old", "new"),
        [(b"subject-", b"subjekt-"), (b'"number"', b'"Number"'), (b"2026-05-14", b"2026-05-13"), (b"{", b"")],
    )
    def test_name_a_changed_line(self, path: Path, place: int, old: bytes, new: bytes) -> None:
        written(path, 5)
        lines = path.read_bytes().splitlines(keepends=True)
        lines[place] = lines[place].replace(old, new, 1)
        path.write_bytes(b"".join(lines))
        assert list(ledger_problems(path))

    @pytest.mark.parametrize("place", range(4))
    def test_name_a_line_left_out_and_two_that_changed_places(self, path: Path, place: int) -> None:
        written(path, 5)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:place] + lines[place + 1 :]))
        assert list(ledger_problems(path))
        lines[place], lines[place + 1] = lines[place + 1], lines[place]
        path.write_bytes(b"".join(lines))
        assert list(ledger_problems(path))
