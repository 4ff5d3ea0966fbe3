"""Kill -9 of the whole server while it makes awards or takes in files: nothing lost, doubled or half-visible."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from tests.platform.demo.conftest import Played
from tests.platform.demo.processes import Served, environment, free_port, insignia, serve
from tests.platform.demo.visitor import Visitor

HASH = re.compile(r"[0-9a-f]{64}")
STEPS = ("reserved", "signed", "inside-finish")
DOOMED = (
    "from insignia.cli.platform import start_platform\n"
    "from insignia.config.commands.serve import serve\n"
    "import sys\n"
    "start_platform()\n"
    "application = 'tests.platform.demo.doomed:application'\n"
    "serve(host='127.0.0.1', port=int(sys.argv[1]), threads=2, application=application)\n"
)


def doomed(data: Path, *, cwd: Path, die_at: str = "") -> Served:
    """Start a server that dies at a step of an award; without one it lives."""
    port = free_port()
    extra = {"INSIGNIA_DATA": str(data), "INSIGNIA_DEMO": "1", "DIE_AT": die_at}
    return Served(["-c", DOOMED, str(port)], port=port, cwd=cwd, extra=extra)


def decide(data: Path, count: int) -> list[str]:
    """Judge works as met in a process of its own; give the decisions' ids."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.platform.demo.deciding", str(count)],
        env=environment(INSIGNIA_DATA=str(data), INSIGNIA_DEMO="1"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def issued(data: Path, decisions: list[str]) -> dict[str, int]:
    """Count the issued awards of each decision, looking at the database from outside."""
    found = dict.fromkeys(decisions, 0)
    with sqlite3.connect(f"file:{data / 'insignia.sqlite3'}?mode=ro", uri=True) as database:
        for (origin,) in database.execute("SELECT origin_id FROM awards_award WHERE state = 'issued'"):
            key = next((one for one in decisions if one.replace("-", "") == str(origin).replace("-", "")), None)
            if key is not None:
                found[key] += 1
    return found


def wait_for(happened: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait until something has happened.

    Raises:
        TimeoutError: it did not happen in time.
    """
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.1)


def rows(data: Path, query: str) -> set[str]:
    """Ask the database from outside for one column of ids, written as UUIDs."""
    with sqlite3.connect(f"file:{data / 'insignia.sqlite3'}?mode=ro", uri=True) as database:
        return {str(UUID(str(value))) for (value,) in database.execute(query)}


def decided_now(data: Path) -> set[str]:
    return rows(data, "SELECT public_id FROM assessment_decision")


def pieces(data: Path) -> set[str]:
    """Name the pieces of evidence that are files."""
    return rows(data, "SELECT public_id FROM assessment_evidenceitem WHERE kind = 'file'")


def names_are_hashes(data: Path) -> bool:
    """Say whether every finished file is named by the hash of what is in it."""
    found = [path for path in (data / "files").rglob("*") if path.is_file() and HASH.fullmatch(path.name)]
    return all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in found)


def draft_of(itzel: Visitor) -> tuple[str, str]:
    """Find the draft that Itzel began, and the name of its first field for a file."""
    for path in sorted(set(re.findall(r'href="(/my/work/[0-9a-f-]{36})"', itzel.get("/my/work").text))):
        field = re.search(r'name="(file-\w+)"', itzel.get(path).text)
        if field:
            return path, field[1]
    raise LookupError("Itzel has no draft that takes a file.")


def judge_next_as_met(samuel: Visitor) -> None:
    """Take the next work, choose the bar's level for each criterion, save and lock."""
    place = samuel.post("/assess/next", {}).location
    page = samuel.get(place).text
    chosen = {
        name: re.findall(rf'name="{name}"[^>]*value="(\w+)"', page)[-1]
        for name in set(re.findall(r'name="(level-\w+)"', page))
    }
    version = re.search(r'id="rating-version" value="(\d+)"', page)
    assert version
    preview = samuel.post(place, {**chosen, "version": version[1], "feedback": "Clear.", "do": "lock"}).location
    locking = re.search(r'name="version"[^>]*value="(\d+)"', samuel.get(preview).text)
    assert locking
    samuel.post_and_leave(preview, {"version": locking[1]})


def healthy(data: Path, *, cwd: Path) -> None:
    """Ask the doctor, thoroughly."""
    done = insignia("doctor", "--deep", "--json", cwd=cwd, INSIGNIA_DATA=str(data), INSIGNIA_DEMO="1")
    assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stderr


class TestKillInTheMiddleOfAnAward:
    def test_leaves_exactly_one_award_for_each_decision(self, played: Played, tmp_path: Path) -> None:
        data = played.copy(tmp_path / "world")
        decisions = decide(data, 6)
        assert set(issued(data, decisions).values()) == {0}
        for step in STEPS:
            with doomed(data, cwd=tmp_path, die_at=step) as server:
                server.wait()
            assert (data / f"died-{step}").exists(), server.said()
        delays = random.Random(20260514)  # noqa: S311  - repeatable, not secret
        with doomed(data, cwd=tmp_path) as server:
            server.wait_until_up()
            time.sleep(delays.uniform(0, 0.3))
            server.kill()
        with doomed(data, cwd=tmp_path) as server:
            server.wait_until_up()
            wait_for(lambda: all(issued(data, decisions).values()))
        assert set(issued(data, decisions).values()) == {1}
        healthy(data, cwd=tmp_path)


class TestKillRightAfterAnAssessorLocks:
    def test_leaves_the_decision_and_gives_its_one_award_later(self, played: Played, tmp_path: Path) -> None:
        data = played.copy(tmp_path / "world")
        with doomed(data, cwd=tmp_path, die_at="signed") as server:
            samuel = Visitor(server.wait_until_up().address)
            samuel.sign_in("samuel")
            judge_next_as_met(samuel)
            server.wait()
        assert (data / "died-signed").exists(), server.said()
        decisions = [decision for decision in decided_now(data) if decision not in decided_now(played.data)]
        assert len(decisions) == 1
        assert issued(data, decisions) == {decisions[0]: 0}
        with doomed(data, cwd=tmp_path) as server:
            server.wait_until_up()
            wait_for(lambda: all(issued(data, decisions).values()))
        assert issued(data, decisions) == {decisions[0]: 1}
        healthy(data, cwd=tmp_path)


class TestKillDuringAnUpload:
    def test_leaves_no_half_of_a_file(self, played: Played, tmp_path: Path) -> None:
        data, before = played.copy(tmp_path / "world"), pieces(played.data)
        content = random.Random(1).randbytes(24 * 2**20)  # noqa: S311  - repeatable, not secret
        for sent, pause in ((0.5, 0.0), (1.0, 0.02), (1.0, 0.15), (1.0, 0.4)):
            with doomed(data, cwd=tmp_path) as server:
                itzel = Visitor(server.wait_until_up().address)
                itzel.sign_in("itzel")
                path, field = draft_of(itzel)
                itzel.begin_upload(path, field, content, share=sent)
                time.sleep(pause)
                server.kill()
            assert names_are_hashes(data)
        with doomed(data, cwd=tmp_path) as server:
            itzel = Visitor(server.wait_until_up().address)
            itzel.sign_in("itzel")
            path, field = draft_of(itzel)
            there = pieces(data) - before
            for item in there:
                assert itzel.get(f"/work-files/{item}").content == content
            answer = itzel.upload(path, field, content)
            assert answer.status == 303, re.findall(r"field-error.*", answer.text)
            after = pieces(data) - before
            assert len(after) == 1, "the same file again is the piece that is there"
            assert itzel.get(f"/work-files/{after.pop()}").content == content
        healthy(data, cwd=tmp_path)


class TestKillOfTheServerAlone:
    def test_takes_its_worker_along_and_frees_the_port(self, played: Played, tmp_path: Path) -> None:
        data = played.copy(tmp_path / "world")
        with serve(data, cwd=tmp_path, INSIGNIA_DEMO="1") as server:
            server.wait_until_up()
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()
            command = ["-m", "insignia.cli", "run", "--port", str(server.port), "--threads", "2"]
            extra = {"INSIGNIA_DATA": str(data), "INSIGNIA_DEMO": "1"}
            time.sleep(2)
            with Served(command, port=server.port, cwd=tmp_path, extra=extra) as again:
                again.wait_until_up()
