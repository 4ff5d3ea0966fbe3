"""Run a command with a throw-away PostgreSQL server: `with_postgresql.py pytest tests/platform`.

The server listens on a socket in a temporary directory only, and is gone afterwards. As root it runs as the
`postgres` account, since PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SPEED = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def binaries() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not candidates:
        raise FileNotFoundError("PostgreSQL is not installed: sudo apt-get install postgresql")
    return candidates[-1].parent


def as_server_account(command: list[str]) -> list[str]:
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def quietly(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def server(options: str = SPEED) -> Iterator[str]:
    """Start a server, give its URL, stop it."""
    bin_directory = binaries()
    root = Path(tempfile.mkdtemp(prefix="insignia-pg-"))
    data, log = root / "data", root / "log"
    try:
        if os.geteuid() == 0:
            shutil.chown(root, "postgres", "postgres")
        initdb = [str(bin_directory / "initdb"), "-D", str(data), "-U", "insignia", "-A", "trust", "-E", "UTF8"]
        quietly(as_server_account([*initdb, "--locale=C.UTF-8"]))
        start = [str(bin_directory / "pg_ctl"), "-D", str(data), "-l", str(log), "-w", "-o"]
        start += [f"-c listen_addresses='' -k {root} {options}", "start"]
        quietly(as_server_account(start))
        try:
            yield f"postgresql://insignia@/postgres?host={root}"
        finally:
            stop = [str(bin_directory / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
            quietly(as_server_account(stop))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def restart(url: str) -> None:
    """Stop the server at this URL as a power cut would, in the middle of whatever it does, and start it again."""
    root = Path(url.rpartition("host=")[2])
    control = [str(binaries() / "pg_ctl"), "-D", str(root / "data"), "-l", str(root / "log"), "-w"]
    quietly(as_server_account([*control, "-m", "immediate", "restart"]))


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as an exception, so that the server is stopped too
    try:
        with server() as url:
            environment = {**os.environ, "INSIGNIA_TEST_DATABASE_URL": url}
            code = subprocess.run(sys.argv[1:], check=False, env=environment).returncode
    except FileNotFoundError as error:
        if os.environ.get("CI") == "true":
            sys.exit(str(error))
        sys.stdout.write(f"The tests on PostgreSQL are left out. {error}\n")
        code = 0
    sys.exit(code)


if __name__ == "__main__":
    main()
