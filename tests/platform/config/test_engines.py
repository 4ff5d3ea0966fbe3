"""The engines for real: processes of `insignia worker` on PostgreSQL, hints by the database or by Redis."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from tests import empty_database
from tests.platform.config.probes import DIARY
from tests.platform.demo.processes import PATIENCE_SECONDS, environment, free_port

SERVER = os.environ.get("INSIGNIA_TEST_DATABASE_URL", "")
pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(not SERVER, reason="workers share a PostgreSQL: `make test` comes by with one"),
]
HINT = (
    "import sys\n"
    "from insignia.cli.platform import start_platform\n"
    "start_platform()\n"
    "from insignia.foundation.tasks import job_hint\n"
    "for name in sys.argv[1:]: job_hint.using(queue_name=name).enqueue(name)\n"
)
WAKE = (
    "import sys\n"
    "from insignia.cli.platform import start_platform\n"
    "start_platform()\n"
    "from insignia.foundation.wake import wake\n"
    "for name in sys.argv[1:]: wake(name)\n"
)


@dataclass(frozen=True)
class Turn:
    """One run of a probe, as the diary has it."""

    process: int
    parent: int
    began: int
    ended: int


class Installation:
    """A database with its tables, and processes on it."""

    def __init__(self, data: Path, **extra: str) -> None:
        self.data = data
        self.log = data / "log"
        self._extra = {
            "INSIGNIA_DATA": str(data),
            "INSIGNIA_WAKE": "worker",
            "INSIGNIA_LOG": "INFO",
            "DJANGO_SETTINGS_MODULE": "tests.platform.config.probe_settings",
            **extra,
        }

    def do(self, *arguments: str) -> str:
        """Run a Python command to its end; give what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.data,
            env=environment(**self._extra),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def worker(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run `insignia worker` for a while; whatever is left of it afterwards is killed."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "insignia.cli", "worker", *options],
                cwd=self.data,
                env=environment(**self._extra),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            for child in children(process.pid):
                os.kill(child, signal.SIGKILL)
            process.kill()
            process.wait()

    def lines(self) -> list[tuple[str, int, int, int]]:
        """Read the diary: what, process, its parent, when."""
        diary = self.data / DIARY
        rows = [line.split() for line in diary.read_text().splitlines()] if diary.exists() else []
        return [(what, int(process), int(parent), int(when)) for what, process, parent, when in rows]

    def turns(self, name: str) -> list[Turn]:
        """Give the finished runs of a probe."""
        began: dict[int, int] = {}
        found = []
        for what, process, parent, when in self.lines():
            if what == f"{name}-begins":
                began[process] = when
            elif what == f"{name}-ends":
                found.append(Turn(process, parent, began.pop(process), when))
        return found

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened.

        Raises:
            AssertionError: it did not; with what the workers said.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < end, self.log.read_text(errors="replace")
            time.sleep(0.05)


def children(pid: int) -> list[int]:
    """Name the processes that a process started, and those they started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(child) for child in listed.read_text().split()] if listed.exists() else []
    return [*direct, *(grandchild for child in direct for grandchild in children(child))]


def overlap(turns: list[Turn]) -> bool:
    """Say whether two of them were at it at the same time."""
    ordered = sorted(turns, key=lambda turn: turn.began)
    return any(later.began < earlier.ended for earlier, later in pairwise(ordered))


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a Redis of our own, which keeps nothing."""
    found = shutil.which("redis-server")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Redis is not installed: sudo apt-get install redis-server")
        pytest.skip("Redis is not installed: sudo apt-get install redis-server")
    port = free_port()
    command = [found, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait()


@pytest.fixture
def postgresql() -> str:
    """Give the URL of a database with nothing but tables."""
    name = f"engines_{uuid4().hex[:12]}"
    empty_database.postgresql_copy(SERVER, name)
    return SERVER.replace("/postgres?", f"/{name}?")


@pytest.fixture
def by_database(postgresql: str, tmp_path: Path) -> Installation:
    return Installation(tmp_path, INSIGNIA_DATABASE_URL=postgresql)


@pytest.fixture
def by_redis(postgresql: str, redis: str, tmp_path: Path) -> Installation:
    return Installation(tmp_path, INSIGNIA_DATABASE_URL=postgresql, INSIGNIA_TASKS=f"celery+{redis}")


def work_at_once(installation: Installation, process: subprocess.Popen[bytes]) -> None:
    """See that two processes share what can be shared, and nothing else; and that they finish what they are at."""
    installation.do("-c", HINT, *["probe.together"] * 6, *["probe.alone"] * 4)
    hinted = time.monotonic_ns()
    installation.wait_for(lambda: len(installation.turns("together")) >= 6)
    # A worker that finds the job taken lets its hint go where another one waits: the last hint is what counts.
    installation.wait_for(lambda: any(turn.ended > hinted for turn in installation.turns("alone")))
    installation.wait_for(lambda: len(installation.turns("alone")) >= 2)
    assert overlap(installation.turns("together"))
    assert not overlap(installation.turns("alone"))
    seen = len(installation.lines())
    installation.do("-c", WAKE, "probe.together", "probe.together")
    installation.wait_for(lambda: len(installation.lines()) > seen)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    begun = Counter(what for what, *_ in installation.lines())
    assert begun["together-begins"] == begun["together-ends"], "a job was cut short"


def go_on_after_a_kill(installation: Installation) -> int:
    """Kill the process that is at a job; give which it was. What it was at is done all the same."""
    installation.do("-c", HINT, "probe.together")
    installation.wait_for(lambda: bool(installation.lines()))
    (_what, victim, _parent, _when) = installation.lines()[-1]
    os.kill(victim, signal.SIGKILL)
    installation.do("-c", HINT, *["probe.together"] * 3)
    installation.wait_for(lambda: len(survived(installation, victim)) >= 3)
    return victim


def survived(installation: Installation, victim: int) -> list[Turn]:
    return [turn for turn in installation.turns("together") if turn.process != victim]


class TestDatabaseEngine:
    def test_lets_two_processes_work_at_once_and_finish_when_asked_to_end(self, by_database: Installation) -> None:
        with by_database.worker("--processes", "2") as process:
            work_at_once(by_database, process)

    def test_replaces_a_killed_worker(self, by_database: Installation) -> None:
        with by_database.worker("--processes", "2"):
            go_on_after_a_kill(by_database)
            by_database.wait_for(lambda: "another one takes its place" in by_database.log.read_text())


class TestCeleryEngine:
    def test_lets_two_processes_work_at_once_and_finish_when_asked_to_end(self, by_redis: Installation) -> None:
        with by_redis.worker("--processes", "2") as process:
            work_at_once(by_redis, process)

    def test_goes_on_after_one_of_its_processes_was_killed(self, by_redis: Installation) -> None:
        with by_redis.worker("--processes", "2") as process:
            by_redis.wait_for(lambda: len(children(process.pid)) > 2)
            go_on_after_a_kill(by_redis)

    def test_lets_work_go_on_without_its_broker(self, postgresql: str, tmp_path: Path) -> None:
        silent = f"celery+redis://127.0.0.1:{free_port()}/0"
        installation = Installation(
            tmp_path, INSIGNIA_DATABASE_URL=postgresql, INSIGNIA_TASKS=silent, PROBE_SWEEPS="1"
        )
        installation.do("-c", WAKE, "probe.together")
        with installation.worker():
            installation.wait_for(lambda: len(installation.turns("together")) >= 1)
