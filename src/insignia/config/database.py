"""Which database: SQLite in the data directory, or PostgreSQL by `INSIGNIA_DATABASE_URL`.

SQLite comes from the `pysqlite3` wheel, put in place of the standard library's before Django loads: an older
SQLite can lose commits in WAL mode when connections write and checkpoint together (fixed in 3.51.3 and 3.50.7).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SAFE_WAL = (3, 51, 3)


def use_bundled_sqlite() -> None:
    """Let every `import sqlite3` find the bundled library; refuse one that can lose commits."""
    import pysqlite3  # the swap has to come before anything imports sqlite3

    sys.modules.setdefault("sqlite3", pysqlite3)
    sys.modules.setdefault("sqlite3.dbapi2", pysqlite3.dbapi2)
    if pysqlite3.sqlite_version_info < SAFE_WAL:
        raise RuntimeError(
            f"SQLite {pysqlite3.sqlite_version} can lose commits in WAL mode; 3.51.3 or newer is needed."
        )


def database_settings(url: str, data: Path) -> dict[str, Any]:
    """Give Django's settings of the default database; an empty `url` means SQLite in `data`."""
    if not url:
        return _sqlite(data / "insignia.sqlite3")
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise RuntimeError("INSIGNIA_DATABASE_URL starts with postgresql:// (leave it unset for SQLite).")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": query.pop("port", "") or (str(parts.port) if parts.port else ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # Opening the file anew is half of a kept page's time. Not longer: a server that goes on while its file is
        # replaced would write into the one that is gone.
        "CONN_MAX_AGE": 5,
        "OPTIONS": {
            # Take the write lock at BEGIN: two writers wait for each other instead of failing half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }
