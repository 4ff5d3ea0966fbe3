"""The signer's own record: whole after any death, and no line of it can be changed or left out unseen."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
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
        for torn in (b'{"number":1,"at', b'{"num', b"{"):  # a disk may be full more than once
            with path.open("ab") as file:
                file.write(torn)
            Ledger(path).close()
        written(path, 1)
        assert list(ledger_problems(path)) == []

    @pytest.mark.parametrize("content", [b"something\nelse\n", b"something", b'{"number":1,\n{"number":7,"at'])
    def test_does_not_go_on_after_what_it_did_not_write(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        with pytest.raises(LedgerBroken):
            Ledger(path)


def full(path: Path, *, room: int) -> list[tuple[int, str]]:
    """Let a signer note three lines, three more on a disk with only so much room, and go on when there is more.

    Give the lines that can be read. A signature of the second three never left: noting them failed.
    """
    script = f"""
import resource
from datetime import UTC, datetime
from pathlib import Path
import django

django.setup()
from insignia.issuing.signers.ledger import Ledger, Line

path = Path({str(path)!r})
at, ledger = datetime(2026, 5, 14, tzinfo=UTC), Ledger(path)

def lines(first, last):
    return [Line("reservation", f"r{{number}}", ["a" * 64]) for number in range(first, last)]

ledger.note(lines(0, 3), at=at)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + {room}, resource.RLIM_INFINITY))
for _ in range(2):
    try:
        ledger.note(lines(3, 6), at=at)
    except OSError:
        continue
    raise SystemExit("there was room")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
ledger.note(lines(6, 7), at=at)
ledger.note(lines(7, 8), at=at)
"""
    place = {"INSIGNIA_DATA": str(path.parent), "DJANGO_SETTINGS_MODULE": "insignia.config.settings"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, env={**os.environ, **place}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found = []
    for raw in path.read_bytes().splitlines():
        try:
            line = json.loads(raw)
        except ValueError:
            continue
        found.append((line["number"], line["subject"]))
    return found


class TestFullDisk:
    @pytest.mark.parametrize("room", [0, 1, 40, 300, 450, 700])
    def test_leaves_a_record_that_knows_every_signature_that_left(self, path: Path, room: int) -> None:
        found = full(path, room=room)
        assert [number for number, _subject in found] == list(range(1, len(found) + 1))
        assert {"r0", "r1", "r2", "r6", "r7"} <= {subject for _number, subject in found}
        assert list(ledger_problems(path)) == []
        written(path, 1)
        assert list(ledger_problems(path)) == []

    def test_of_a_record_that_somebody_touched_meanwhile_signs_nothing_more(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ledger = Ledger(path)

        def refuses(_file: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuses)
            with pytest.raises(OSError, match="Input/output"):
                ledger.note([Line("key", "k")], at=AT)
        path.write_bytes(b"something\nelse\n")
        for _ in range(2):
            with pytest.raises(LedgerBroken):
                ledger.note([Line("key", "l")], at=AT)
        ledger.close()


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
