"""A process that starts the platform, from its start to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import empty_database

WRITES = """
from datetime import UTC, datetime
from insignia.cli.platform import start_platform
start_platform()
from insignia.foundation.models import Lease
Lease.objects.create(name="one", holder="somebody", until=datetime.now(UTC))
"""


def test_leaves_the_database_in_one_file_when_it_ends(tmp_path: Path) -> None:
    """Whoever copies the file of a stopped installation has everything: nothing waits in a file beside it."""
    empty_database.sqlite_copy(tmp_path / "insignia.sqlite3")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("INSIGNIA_", "DJANGO_"))
    }
    place = {
        "INSIGNIA_DATA": str(tmp_path),
        "INSIGNIA_WAKE": "worker",
        "INSIGNIA_ORIGIN": "https://badges.example",
    }
    subprocess.run([sys.executable, "-c", WRITES], check=True, env={**environment, **place})
    assert {path.name for path in tmp_path.glob("insignia.sqlite3*")} == {"insignia.sqlite3"}
