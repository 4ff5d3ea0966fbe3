"""Django's SECRET_KEY: from the environment, or made once into the data directory. It signs sessions only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(data: Path) -> str:
    """Give the key, making its file (mode 0600) at first start."""
    configured = os.environ.get("INSIGNIA_SECRET_KEY")
    if configured:
        return configured
    path = data / "secret-key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".secret-key.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # another process was first: its key counts
        finally:
            temporary.unlink()
    return path.read_text().strip()
