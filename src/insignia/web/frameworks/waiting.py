"""Framework files between their preview and their import: on disk, known to one session, gone after a day."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

KEPT_SECONDS = 24 * 3600
KEY = "framework_files"
AT_ONCE = 5
"""Files one session may have waiting; the oldest one goes first."""


@dataclass(frozen=True)
class WaitingFile:
    """One file that waits to be imported."""

    token: str
    filename: str
    raw: bytes
    into: UUID | None


def waiting_put(session: SessionBase, *, organization: str, filename: str, raw: bytes, into: UUID | None) -> str:
    """Keep a file for its preview; give the token of its address."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    token = secrets.token_urlsafe(16)
    (folder / token).write_bytes(raw)
    known: dict[str, Any] = dict(list(session.get(KEY, {}).items())[-(AT_ONCE - 1) :])
    known[token] = {"organization": organization, "filename": filename, "into": str(into or "")}
    session[KEY] = known
    return token


def waiting_get(session: SessionBase, token: str, *, organization: str) -> WaitingFile | None:
    """Find a file this session put here for this organization, if it is still there."""
    facts = session.get(KEY, {}).get(token)
    if not facts or facts["organization"] != organization:
        return None
    path = _folder() / token
    if not path.is_file():
        return None
    return WaitingFile(token, facts["filename"], path.read_bytes(), UUID(facts["into"]) if facts["into"] else None)


def waiting_drop(session: SessionBase, token: str) -> None:
    """Forget a file."""
    known = dict(session.get(KEY, {}))
    if known.pop(token, None):
        (_folder() / token).unlink(missing_ok=True)
        session[KEY] = known


def _folder() -> Path:
    return Path(settings.INSIGNIA_DATA) / "cache" / "frameworks"


def _sweep(folder: Path) -> None:
    oldest = time() - KEPT_SECONDS
    for path in folder.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
