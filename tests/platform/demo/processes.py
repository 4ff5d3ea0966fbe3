"""Real processes of Insignia: commands that end, and a server that can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

REPOSITORY = Path(__file__).parents[3]
PATIENCE_SECONDS = 60


def environment(**extra: str) -> dict[str, str]:
    """Give this process's environment without anything that configures Insignia, and with `extra`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("INSIGNIA_") and name != "DJANGO_SETTINGS_MODULE"
    }
    return {**kept, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)]), **extra}


def insignia(*arguments: str, cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "insignia.cli", *arguments],
        cwd=cwd,
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def free_port() -> int:
    """Find a port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Served:
    """A server in a process group of its own: `kill` ends all of it at once, as a power cut does."""

    def __init__(self, command: list[str], *, port: int, cwd: Path, extra: Mapping[str, str]) -> None:
        self.port = port
        self.address = f"http://localhost:{port}"
        self.log = cwd / f"server-{port}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=cwd,
                env=environment(**extra),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def wait_until_up(self) -> Self:
        """Wait for the first answer.

        Raises:
            RuntimeError: the server ended, or did not answer in time.
        """
        for _ in range(PATIENCE_SECONDS * 20):
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=5):  # noqa: S310  - our own server
                    return self
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise RuntimeError(f"The server does not answer:\n{self.said()}")

    def said(self) -> str:
        """Give what the server printed so far."""
        return self.log.read_text("utf-8", errors="replace")

    def kill(self) -> None:
        """Send SIGKILL to every process of the server, and wait for the end."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait(self) -> int:
        """Wait until the server has ended by itself."""
        return self.process.wait(timeout=PATIENCE_SECONDS)


def serve(data: Path, *, cwd: Path, **extra: str) -> Served:
    """Start `insignia run` on a data directory; give it without waiting."""
    port = free_port()
    command = ["-m", "insignia.cli", "run", "--port", str(port), "--threads", "2"]
    return Served(command, port=port, cwd=cwd, extra={"INSIGNIA_DATA": str(data), **extra})
