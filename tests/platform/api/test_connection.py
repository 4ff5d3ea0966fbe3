"""A real server, and connections that break in the middle of a stream: nothing is started, nothing is lost."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.platform.demo.processes import Served, environment, insignia, serve

LINES = [json.dumps({"email": f"learner{number}@example.org", "row_key": f"r{number}"}) for number in range(40)]
WHOLE = "".join(f"{line}\n" for line in LINES).encode()
HALF = "".join(f"{line}\n" for line in LINES[:20]).encode()


class School:
    """A school behind a server, and the program that asks it."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.data = directory, directory / "school"
        script = str(Path(__file__).with_name("prepare_school.py"))
        prepared = subprocess.run(
            [sys.executable, script],
            cwd=directory,
            env=environment(INSIGNIA_DATA=str(self.data)),
            capture_output=True,
            check=True,
        )
        self.needed = json.loads(prepared.stdout)

    def served(self) -> Served:
        return serve(self.data, cwd=self.directory)

    def head(self, key: str, *framing: str) -> bytes:
        path = f"/api/v1/award-batches?badge={self.needed['badge']}"
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {self.needed['secret']}"]
        lines += [f"Idempotency-Key: {key}", "Content-Type: application/x-ndjson", *framing]
        return "\r\n".join([*lines, "", ""]).encode()

    def asked(self, server: Served, path: str, body: bytes | None = None, key: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.needed['secret']}", "Content-Type": "application/x-ndjson"}
        headers |= {"Idempotency-Key": key} if key else {}
        request = urllib.request.Request(f"{server.address}/api/v1{path}", data=body, headers=headers)  # noqa: S310  - our own server
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  - as above
            told: dict[str, Any] = json.loads(answer.read())
            return told


def connected(server: Served) -> socket.socket:
    return socket.create_connection(("localhost", server.port), timeout=30)


def answered(connection: socket.socket) -> bytes:
    """Stop sending, without the rest, and read what the server makes of it."""
    connection.shutdown(socket.SHUT_WR)
    said = b""
    while piece := connection.recv(65_536):
        said += piece
    return said


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School(tmp_path)


class TestConnection:
    def test_that_breaks_starts_nothing_and_the_same_key_serves_again(self, school: School) -> None:
        with school.served() as server:
            server.wait_until_up()
            with connected(server) as half:
                half.sendall(school.head("first", f"Content-Length: {len(WHOLE)}") + HALF)
                said = answered(half)
                assert not said or b"body-cut-off" in said, said
            with connected(server) as half:
                piece = b"%x\r\n%s\r\n" % (len(HALF), HALF)
                half.sendall(school.head("second", "Transfer-Encoding: chunked") + piece)
                said = answered(half)
                assert not said or b"end-missing" in said, said
            with connected(server) as half:
                half.sendall(school.head("third", f"Content-Length: {len(WHOLE)}") + HALF)
                time.sleep(0.3)
                server.kill()
        with school.served() as server:
            server.wait_until_up()
            path = f"/award-batches?badge={school.needed['badge']}"
            made = [school.asked(server, path, WHOLE, key) for key in ("first", "second", "third", "first")]
            assert [batch["rows"] for batch in made] == [40] * 4
            assert len({batch["id"] for batch in made}) == 3, (
                "three keys, three batches; the repeated one is the same"
            )
            self.finish(school, server, made[0]["id"])
        doctor = insignia("doctor", cwd=school.directory, INSIGNIA_DATA=str(school.data))
        assert doctor.returncode == 0, doctor.stdout

    @staticmethod
    def finish(school: School, server: Served, batch: str) -> None:
        """Let the worker of this server look at the rows and sign them."""
        path = f"/award-batches/{batch}"
        for state in ("checked", "finished"):
            for _time in range(300):
                told = school.asked(server, path)
                if told["state"] == state:
                    break
                time.sleep(0.1)
            assert told["state"] == state, told
            if state == "checked":
                school.asked(server, f"{path}/start", b"")
        assert (told["issued"], told["refused"], told["pending"]) == (40, 0, 0)
