"""Faults in the middle of a run: each row ends with one award, or none and a reason; the doctor finds nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests import empty_database
from tests.platform.awards.test_crash import ENGINES, SERVER, scenario, whole
from tests.with_postgresql import server

pytestmark = pytest.mark.postgresql
MODULE = "tests.platform.runs.fault_world"
ROWS = 36


class Start:
    """A school with a started run, from which every scenario sets out on a copy."""

    def __init__(self, engine: str, directory: Path) -> None:
        self.engine, self.directory = engine, directory
        self.data, self.name = directory / "start", f"faults_{uuid4().hex[:12]}"

    @property
    def url(self) -> str:
        return url_of(self.name) if self.engine == "postgresql" else ""

    def tell(self, name: str, argument: str = "") -> dict[str, Any]:
        """Play a scenario on a copy; give what it found."""
        data = self.directory / name
        shutil.copytree(self.data, data)
        if self.engine == "sqlite":
            return scenario(name, data=data, url="", argument=argument, module=MODULE)
        with database(f"{self.name}_{name}"[:60], template=self.name) as address:
            return scenario(name, data=data, url=address, argument=argument, module=MODULE)


def url_of(name: str) -> str:
    return SERVER.replace("/postgres?", f"/{name}?")


@contextmanager
def database(name: str, *, template: str = "") -> Iterator[str]:
    """Give the URL of a database on the server of the tests: a copy of another, or one with nothing but tables."""
    import psycopg

    with psycopg.connect(SERVER, autocommit=True) as admin:
        if template:
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        else:
            empty_database.postgresql_copy(SERVER, name)
        yield url_of(name)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="module", params=ENGINES)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    made = Start(request.param, tmp_path_factory.mktemp("faults"))
    if made.engine == "sqlite":
        scenario("prepared", data=made.data, url="", module=MODULE)
        yield made
        return
    with database(made.name):
        scenario("prepared", data=made.data, url=made.url, module=MODULE)
        yield made


def accounted(found: dict[str, Any], *, rows: int = ROWS) -> None:
    """Every row has its award, none has two, nothing was wasted, and the doctor finds nothing."""
    assert found["outcomes"] == {"issued": rows}, found["stderr"][-3000:]
    assert found["state"] == "finished"
    assert found["totals"] == whole(rows)
    assert found["findings"] == []


class TestWorkers:
    def test_killed_at_any_step_of_a_chunk_lose_and_double_nothing(self, start: Start) -> None:
        found = start.tell("kills")
        deaths = {step: end for step, end in found["fates"].items() if step != "sweep"}
        assert set(deaths.values()) == {"SIGKILL"}, deaths
        assert found["fates"]["sweep"] == "exit 0"
        accounted(found)

    def test_killed_by_the_same_chunk_again_and_again_finish_it_row_by_row(self, start: Start) -> None:
        found = start.tell("kills_of_one_chunk")
        assert set(found["fates"]) == {"SIGKILL"}
        assert found["tries"] == len(found["fates"]) + 1
        accounted(found)

    def test_two_on_one_run_share_its_chunks(self, start: Start) -> None:
        found = start.tell("two_workers")
        assert found["fates"] == ["exit 0", "exit 0"]
        assert found["chunks"] == ROWS / 3, "no chunk was taken twice"
        accounted(found)

    def test_two_on_one_chunk_make_each_award_once(self, start: Start) -> None:
        found = start.tell("two_on_one_chunk")
        assert found["fates"] == ["exit 0", "exit 0"]
        accounted(found)


class TestTables:
    def test_handed_in_twice_at_once_are_one_run(self, start: Start) -> None:
        found = start.tell("same_batch_twice")
        assert found["fates"] == ["exit 0", "exit 0"], found["stderr"][-3000:]
        assert found["runs"] == 2
        accounted(found, rows=ROWS + 30)

    def test_leave_nothing_when_who_stores_them_is_killed(self, start: Start) -> None:
        found = start.tell("upload_killed")
        assert found["fates"] == ["SIGKILL"]
        assert found["left"] == {"runs": 1, "rows": ROWS}
        assert found["again"] == 5_500
        assert found["findings"] == []


class TestClock:
    def test_set_back_an_hour_keeps_nothing_waiting_and_nothing_out_of_order(self, start: Start) -> None:
        found = start.tell("clock_back")
        assert found["fates"] == ["SIGKILL", "SIGKILL", "SIGKILL", "exit 0"]
        assert found["early mails"] == 0
        accounted(found)


class TestMail:
    def test_server_and_mailer_may_die_and_every_mail_keeps_its_one_id(self, start: Start) -> None:
        found = start.tell("mails")
        assert found["fates"] == ["SIGKILL", "SIGKILL"], found["stderr"][-3000:]
        assert found["sent"] == [0, 4, ROWS - 7], (
            "nobody; four before its death; three by the mailer before its own"
        )
        assert found["waiting"] == 0
        assert found["same"]
        assert found["kept"] == ROWS + 2, "the two whose sender was not told came again"
        accounted(found)


@pytest.mark.skipif(bool(SERVER), reason="the disk of SQLite; PostgreSQL has its own")
class TestDisk:
    def test_full_in_the_middle_of_a_chunk_loses_nothing(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
        if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("a small disk of its own can be mounted by root only, where mounting is allowed")
        try:
            scenario("prepared", data=disk, url="", module=MODULE)
            found = scenario("disk_full", data=disk, url="", module=MODULE)
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)
        assert found["filled"] > 0
        assert found["between"]["outcomes"] == {"issued": 6, "pending": ROWS - 6}, found["stderr"][-3000:]
        assert found["between"]["findings"] == []
        accounted(found)


@pytest.mark.skipif(not SERVER, reason="no PostgreSQL given")
class TestDatabase:
    def test_stopped_at_any_step_loses_nothing_that_it_said_it_had(self, tmp_path: Path) -> None:
        with server(options="") as url:
            empty_database.postgresql_copy(url, "faults")
            address = url.replace("/postgres?", "/faults?")
            found = scenario("database_stops", data=tmp_path / "data", url=address, module=MODULE)
        assert len(found["stopped"]) == 5
        accounted(found)


class TestNegativeControls:
    """What keeps a promise is taken away, and the doctor names the promise."""

    @pytest.mark.parametrize(
        ("without", "invariant"), [("without_origin", "I5 "), ("without_t1", "I12"), ("without_epoch_swap", "I10")]
    )
    def test_are_noticed(self, start: Start, without: str, invariant: str) -> None:
        found = start.tell(without)
        assert any(finding.startswith(invariant) for finding in found["findings"]), found
