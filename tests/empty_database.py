"""A database with every table and no row, made once for each set of migrations, then copied.

Making the tables takes some five seconds, and a whole run of the tests wants an empty database dozens of times.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOUSE = Path(__file__).parents[1]
SHELF = HOUSE / "build" / "tests"


def sqlite_copy(path: Path) -> None:
    """Put an empty SQLite database at `path`."""
    original = SHELF / f"{_name()}.sqlite3"
    with _one_at_a_time(), tempfile.TemporaryDirectory(prefix="insignia-empty-") as data:
        if not original.exists():
            _migrate(data, url="")
            half = shutil.copyfile(Path(data) / "insignia.sqlite3", original.with_suffix(".half"))
            half.replace(original)  # whole or not there, whenever this process dies
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(original, path)


def postgresql_copy(server: str, name: str) -> None:
    """Create an empty database called `name` on the server at this URL."""
    import psycopg

    original = _name().replace("-", "_")
    with (
        _one_at_a_time(),
        tempfile.TemporaryDirectory(prefix="insignia-empty-") as data,
        psycopg.connect(server, autocommit=True) as connection,
    ):
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [original]).fetchone():
            connection.execute(f'DROP DATABASE IF EXISTS "{original}_making"'.encode())  # of one that died
            connection.execute(f'CREATE DATABASE "{original}_making"'.encode())
            _migrate(data, url=server.replace("/postgres?", f"/{original}_making?"))
            connection.execute(f'ALTER DATABASE "{original}_making" RENAME TO "{original}"'.encode())
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"'.encode())


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keep the workers of one run, who ask at the same moment, from making the original twice."""
    SHELF.mkdir(parents=True, exist_ok=True)
    with (SHELF / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _name() -> str:
    """Name the original after its tables: those of our migrations and of the locked libraries'."""
    made_from = hashlib.sha256((HOUSE / "requirements" / "dev.txt").read_bytes())
    for migration in sorted((HOUSE / "src" / "insignia").glob("*/migrations/*.py")):
        made_from.update(str(migration.relative_to(HOUSE)).encode() + migration.read_bytes())
    return f"empty-{made_from.hexdigest()[:16]}"


def _migrate(data: str, *, url: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INSIGNIA_", "DJANGO_"))}
    settings = {
        "INSIGNIA_DATA": data,
        "INSIGNIA_DATABASE_URL": url,
        "INSIGNIA_ORIGIN": "https://badges.example.org",
    }
    command = [sys.executable, "-m", "insignia.cli", "migrate"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**kept, **settings})
