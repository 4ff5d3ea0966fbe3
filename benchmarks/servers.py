"""Servers for the time of a benchmark: PostgreSQL with settings of real use, Insignia as operators start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.with_postgresql import server

SETTINGS = {
    # Nothing that is faster and less safe: a commit that was answered is on the disk.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Sizes for a machine with a few GiB, and checkpoints that do not come every few seconds.
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
}
"""What differs from PostgreSQL's defaults, or is said because it matters."""
STARTING_SECONDS = 240


@contextmanager
def production_postgresql() -> Iterator[str]:
    """Start a PostgreSQL server with real settings and a new, empty database; give its URL, stop it.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """
    with server(" ".join(f"-c {name}={value}" for name, value in SETTINGS.items())) as url:
        yield url


def free_port() -> int:
    """Find a port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def insignia(command: list[str], *, port: int, environment: Mapping[str, str]) -> Iterator[str]:
    """Run an `insignia` command that serves at `port`; give its address once it is well, and stop it."""
    log = Path(environment["INSIGNIA_DATA"]).parent / f"server-{port}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "insignia.cli", *command, "--port", str(port)],
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}/healthz", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended at once: {log.read_text()[-2000:]}")
        try:
            with urlopen(address, timeout=5):  # noqa: S310  - our own server on this machine
                return
        except (URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"The server did not answer: {log.read_text()[-2000:]}")
