"""The signer's own record: one line for each signature it let out, each line covering the one before.

Nobody but the signer's user writes the file, and the signer only ever appends, so `chattr +a` may hold it to that.
A line is on the disk before its signature leaves: what the record does not know, nobody has.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from insignia.issuing.errors import LedgerBroken, SignerUnavailable

GENESIS = "0" * 64
_FIRST = b'{"number":1,'
_TAIL = 2**16
"""Bytes at the end of the file that surely hold a whole line."""


@dataclass(frozen=True)
class Line:
    """What one signature was: what kind of thing, which one, and the SHA-256 of each run of bytes signed."""

    kind: str
    subject: str
    digests: Sequence[str] = ()


@dataclass(frozen=True)
class _Place:
    """Where the record stands: its last line's number and hash, and what was signed on that day."""

    number: int = 0
    chain: str = GENESIS
    day: str = ""
    of_day: Mapping[str, int] | None = None


class Ledger:
    """The record while a signer writes it. One process has it at a time."""

    def __init__(self, path: Path) -> None:
        """Open the record and take up where it ends.

        Raises:
            SignerUnavailable: another signer has it open.
            LedgerBroken: its end is not a line of ours.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise SignerUnavailable("Another signer has this record open.") from error
        self._place = self._taken_up()
        self._is_torn = False

    @property
    def is_new(self) -> bool:
        """Say whether nothing was ever noted in it."""
        return self._place.number == 0

    def signed_on(self, day: str, kind: str) -> int:
        """Say how many of a kind were signed on a day (as `at.date()` writes it); only the newest day is known."""
        if day != self._place.day or self._place.of_day is None:
            return 0
        return self._place.of_day.get(kind, 0)

    def note(self, lines: Sequence[Line], *, at: datetime) -> None:
        """Append lines, and do not return before they are on the disk.

        Raises:
            OSError: they are not, or not all of them; nothing may leave.
            LedgerBroken: after such an error, its end is not a line of ours.
        """
        if self._is_torn:  # the last lines may stand there whole, in part or not at all: the file says which
            self._place, self._is_torn = self._taken_up(), False
        written, place = [], self._place
        for line in lines:
            text, place = _written(line, place, at=at)
            written.append(text)
        if written:
            self._is_torn = True  # until all of it is on the disk
            _append(self._file, b"".join(written))
            self._place, self._is_torn = place, False

    def close(self) -> None:
        """Let another signer have it."""
        os.close(self._file)

    def _taken_up(self) -> _Place:
        size = os.fstat(self._file).st_size
        tail = os.pread(self._file, _TAIL, max(0, size - _TAIL))
        if tail and not tail.endswith(b"\n"):
            # a signer died while writing: nothing of that line left, since signatures wait for the disk
            _append(self._file, b"\n")
        lines = tail.split()
        for raw in reversed(lines):
            found = _read(raw)
            if found is not None:
                return _Place(found["number"], found["chain"], found["at"][:10], found["of_day"])
        # its very first line may have been torn, and more than once
        if not all(raw.startswith(_FIRST) or _FIRST.startswith(raw) for raw in lines):
            raise LedgerBroken("The signer's record does not end in a line of its own.")
        return _Place()


def _append(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
    os.fsync(file)


def _written(line: Line, place: _Place, *, at: datetime) -> tuple[bytes, _Place]:
    day = at.date().isoformat()
    of_day = dict(place.of_day or {}) if day == place.day else {}
    of_day[line.kind] = of_day.get(line.kind, 0) + 1
    content = {
        "number": place.number + 1,
        "at": at.isoformat(),
        "kind": line.kind,
        "subject": line.subject,
        "digests": list(line.digests),
        "of_day": of_day,
    }
    chain = _chained(place.chain, content)
    text = json.dumps({**content, "chain": chain}, separators=(",", ":")).encode() + b"\n"
    return text, _Place(place.number + 1, chain, day, of_day)


def _chained(before: str, content: Mapping[str, Any]) -> str:
    plain = json.dumps(content, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(f"{before}\n{plain}".encode()).hexdigest()


def _read(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("chain"), str) else None


def ledger_problems(path: Path) -> Iterator[str]:
    """Read the whole record and say, in words, where it is not what the signer wrote."""
    number, before = 0, GENESIS
    with path.open("rb") as file:
        for row, raw in enumerate(file, start=1):
            found = _read(raw)
            if found is None:
                # A torn line is no line: whatever was in it never left. One that was changed breaks the chain
                # at the next, which counts on.
                continue
            chain = found.pop("chain")
            if found.get("number") != number + 1:
                yield f"row {row}: number {found.get('number')} where {number + 1} was due"
            if _chained(before, found) != chain:
                yield f"row {row}: does not cover what stands before it"
            number, before = number + 1, chain
