"""A name planted where programs write names, for the tests of copies without it."""

from __future__ import annotations

import io
from collections.abc import Iterable

from PIL import Image

SECRET = b"Itzel-Marroquin-Velasco"


def photo(form: str = "JPEG") -> bytes:
    """Draw a picture whose camera wrote the name into it."""
    tags = Image.Exif()
    tags[0x013B] = SECRET.decode()  # Artist
    image = Image.new("RGB", (40, 20), "teal")
    result = io.BytesIO()
    image.save(result, form, exif=tags, **({"comment": SECRET} if form == "JPEG" else {}))
    return result.getvalue()


def joined(content: bytes | Iterable[bytes] | None) -> bytes:
    """Give a copy's content whole."""
    assert content is not None
    return content if isinstance(content, bytes) else b"".join(content)
