"""How figures come about: rounds, turns, requests that come when they are due."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby

import pytest

from benchmarks.load import Load, percentile
from benchmarks.machine import has_sha
from benchmarks.measuring import Effort, Samples, one_core, rates

SHORT = Effort(rounds=3, seconds=0.002)


class TestRates:
    def test_every_contender_has_its_turn_in_every_round(self) -> None:
        calls: list[str] = []
        found = rates({"a": lambda _number: calls.append("a"), "b": lambda _number: calls.append("b")}, SHORT)
        assert {name: len(samples.values) for name, samples in found.items()} == {"a": 3, "b": 3}
        assert [name for name, _group in groupby(calls)] == ["a", "b"] * 4  # one to warm up

    def test_counts_what_was_done_in_a_second(self) -> None:
        def spin(_number: int) -> None:
            end = time.process_time() + 0.001
            while time.process_time() < end:
                pass

        found = rates({"spin": spin}, SHORT)["spin"]
        assert all(0 < value <= 1000 for value in found.values)

    def test_gives_each_task_another_number(self) -> None:
        numbers: list[int] = []
        rates({"a": numbers.append}, Effort(rounds=1, seconds=0.001))
        last_round = numbers[len(numbers) - numbers[::-1].index(0) - 1 :]
        assert last_round == list(range(len(last_round)))

    def test_the_middle_and_the_spread(self) -> None:
        samples = Samples((90.0, 100.0, 120.0, 1000.0, 10.0))
        assert (samples.median, samples.spread) == (100.0, 0.3), "the slowest and the fastest do not count"
        assert Samples((90.0,)).spread == 0

    def test_one_core_is_given_back(self) -> None:
        os = pytest.importorskip("os")
        before = os.sched_getaffinity(0)
        with one_core():
            assert len(os.sched_getaffinity(0)) == 1
        assert os.sched_getaffinity(0) == before


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/page"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class TestLoad:
    def test_sends_as_many_requests_as_are_due(self, address: str) -> None:
        load = Load(f"{address}/page", rate=200, seconds=0.1)
        load.run()
        assert len(load.seconds_taken) == 20
        assert load.refused == []
        assert load.kept_up > 0

    def test_names_what_was_not_answered(self, address: str) -> None:
        load = Load(f"{address}/elsewhere", rate=100, seconds=0.05)
        load.run()
        assert load.refused == [404] * 5

    def test_a_server_that_is_away_is_no_fast_one(self) -> None:
        load = Load("http://127.0.0.1:9/page", rate=100, seconds=0.03)
        load.run()
        assert load.refused == [0] * 3

    def test_percentiles(self) -> None:
        values = [float(number) for number in range(100, 0, -1)]
        assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1)] == [51.0, 96.0, 100.0, 100.0]


class TestMachine:
    @pytest.mark.parametrize(
        ("cpuinfo", "expected"),
        [
            ("flags\t\t: fpu sse2 sha_ni avx2\n", True),
            ("flags\t\t: fpu sse2 avx2\n", False),
            ("Features\t: fp asimd sha1 sha2\n", True),
            ("model name\t: Made of sha_ni\n", False),
            ("", False),
        ],
    )
    def test_knows_sha_instructions(self, cpuinfo: str, *, expected: bool) -> None:
        assert has_sha(cpuinfo) is expected
