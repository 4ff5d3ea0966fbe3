"""The master key: 32 bytes that wrap every other key. Never in the database, never from SECRET_KEY.

It comes from `INSIGNIA_MASTER_KEY` (base64url, 32 bytes) or from the file `master-key` in the data
directory, made at first start with mode 0600. Keep a copy apart from the backup: without it nothing can be
signed or unsealed, while badges already given keep verifying.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from functools import cache, lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from insignia.foundation.errors import Unavailable

KEY_BYTES = 32


class MasterKeyUnusable(Unavailable):
    """The master key is missing, unreadable or open to others."""

    code = "master-key-unusable"


def master_key() -> bytes:
    """Return the 32 bytes, making the key file at first use.

    Raises:
        MasterKeyUnusable: the environment value or the file is malformed, or others may read the file.
    """
    configured = os.environ.get("INSIGNIA_MASTER_KEY")
    if configured:
        return _decoded(configured, "INSIGNIA_MASTER_KEY")
    return _installed(settings.INSIGNIA_DATA)


@cache
def _installed(directory: str | Path) -> bytes:
    # asked for three times an award: no path is put together each time
    return key_of_file(Path(directory) / "master-key")


def derived_key(purpose: str) -> bytes:
    """Derive 32 bytes for one purpose (HKDF-SHA-256, RFC 5869), so that no key serves two."""
    return _derived(purpose, master_key())


@lru_cache(maxsize=64)
def _derived(purpose: str, master: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(master)


@cache
def key_of_file(path: Path) -> bytes:
    """Return the 32 bytes that a key file holds, making it at first use.

    Raises:
        MasterKeyUnusable: the file is malformed, or others may read it.
    """
    if not path.exists():
        _create(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise MasterKeyUnusable(f"{path.name} may be read by others (mode {mode:o}). Set it to 600.")
    return _decoded(path.read_text().strip(), path.name)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES))
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # the first of two starting processes wins; the other reads its key
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _decoded(text: str, source: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.encode())
    except (binascii.Error, ValueError) as error:
        raise MasterKeyUnusable(f"{source} is not base64url text.") from error
    if len(key) != KEY_BYTES:
        raise MasterKeyUnusable(f"{source} holds {len(key)} bytes; 32 are needed.")
    return key
