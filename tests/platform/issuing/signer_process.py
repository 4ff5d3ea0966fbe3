"""A real external signer beside a test: a process of its own, on the test's database, with keys of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import connection

REPOSITORY = Path(__file__).parents[3]
PATIENCE_SECONDS = 60
MASTER_KEY = "bWFzdGVyIGtleSBvZiB0aGVzZSB0ZXN0cywgMzIgYnk="
"""What seals reservations: the installation and its signer both need it."""


def database_environment(data: Path, *, role: str = "") -> dict[str, str]:
    """Give the environment of a process with its own data directory and this test's database."""
    settings = connection.settings_dict
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("INSIGNIA_")},
        "DJANGO_SETTINGS_MODULE": "insignia.config.settings",
        "PYTHONPATH": os.pathsep.join((str(REPOSITORY / "src"), str(REPOSITORY))),
        "INSIGNIA_DATA": str(data),
        "INSIGNIA_ORIGIN": "https://badges.example.org",
        "INSIGNIA_MASTER_KEY": MASTER_KEY,
        "INSIGNIA_WAKE": "worker",
    }
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if connection.vendor == "postgresql":
        asked = urlencode({"host": settings["HOST"]})
        environment["INSIGNIA_DATABASE_URL"] = (
            f"postgresql://{role or settings['USER']}@/{settings['NAME']}?{asked}"
        )
    else:
        (data / "insignia.sqlite3").unlink(missing_ok=True)
        (data / "insignia.sqlite3").symlink_to(settings["NAME"])
    return environment


class SignerProcess:
    """One signer: its data directory, its socket, its process."""

    def __init__(self, directory: Path, *arguments: str, role: str = "") -> None:
        self.data = directory / "signer"
        # a socket's address has room for 107 bytes
        self.socket = Path(tempfile.mkdtemp(prefix="signer-")) / "s"
        self.log = directory / "signer.log"
        self._arguments = arguments
        self._role = role
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SignerProcess:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        self.socket.unlink(missing_ok=True)
        self.socket.parent.rmdir()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def record(self) -> Path:
        return self.data / "signed.log"

    def start(self, *more: str) -> None:
        command = [sys.executable, "-m", "insignia.cli", "signer", "--socket", str(self.socket)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self._arguments, *more],
                env=database_environment(self.data, role=self._role),
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.log.read_text()[-4000:]
            assert time.monotonic() < until, self.log.read_text()[-4000:]
            time.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Ask as anybody would who got hold of the socket; empty when it hangs up without an answer."""
        return ask_raw(self.socket, framed(json.dumps(request).encode()))

    def lines(self) -> list[dict[str, Any]]:
        """Give the lines of its record; the beginning of one that it died over is none."""
        found = []
        for line in self.record.read_bytes().splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
        return found

    def forget(self) -> None:
        """Begin a new mark, as before the first reservation: the test's database was emptied."""
        (self.data / "mark.json").write_text('{"epochs": {}, "reserved": {}}')

    def _answers(self) -> bool:
        with suppress(OSError):
            return bool(self.ask({"do": "nothing"}))
        return False


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def ask_raw(path: Path, content: bytes, *, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """Send bytes and read the answer, if there is one."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(seconds)
        asking.connect(str(path))
        with suppress(BrokenPipeError, ConnectionResetError):
            asking.sendall(content)
            asking.shutdown(socket.SHUT_WR)
        received = b""
        with suppress(ConnectionResetError):
            while part := asking.recv(2**16):
                received += part
    found: dict[str, Any] = json.loads(received[4:]) if received else {}
    return found
