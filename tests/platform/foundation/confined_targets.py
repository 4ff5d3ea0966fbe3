"""What the tests of `confined` call on the other side."""

from __future__ import annotations

import os
import tempfile

from insignia.foundation.confined import ConfinedRefusal


def backwards(data: bytes, more: str) -> bytes:
    """Turn the bytes round."""
    return data[::-1] + more.encode()


def refuses(_data: bytes) -> bytes:
    """Refuse."""
    raise ConfinedRefusal("copy-encrypted")


def loops(_data: bytes) -> bytes:
    """Never end."""
    while True:
        pass


def eats(_data: bytes) -> bytes:
    """Take more memory than there is."""
    return bytes(2**30)


def writes(_data: bytes) -> bytes:
    """Leave something on the disk."""
    with tempfile.TemporaryFile() as file:
        file.write(b"something")
    return b""


def dies(_data: bytes) -> bytes:
    """End at once."""
    os.abort()


def environment(_data: bytes) -> bytes:
    """Tell what the process was given."""
    return repr(dict(os.environ)).encode()
