"""Small pictures to bake into, and strategies for what is baked."""

from __future__ import annotations

import base64
import json
import zlib

from hypothesis import strategies as st

from insignia.vc.bake.chunks import SIGNATURE, Chunk

SVG_NS = "http://www.w3.org/2000/svg"
PLAIN_SVG = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn by hand: <svg> -->\n'
    f'<svg xmlns="{SVG_NS}" viewBox="0 0 8 8" aria-label="a > b">\n'
    "  <title>Ciencia — 科学</title>\n  <path d='M0 0h8v8z'/>&#169;\n</svg>\n"
).encode()


def header(width: int = 2, height: int = 1) -> Chunk:
    return Chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x06\x00\x00\x00")


PIXELS = Chunk(b"IDAT", zlib.compress(b"\x00" + bytes(8)))
END = Chunk(b"IEND", b"")


def png(*between: Chunk, first: Chunk | None = None, last: Chunk = END) -> bytes:
    """Write a picture of two pixels with these chunks between its header and its pixels."""
    return SIGNATURE + b"".join(bytes(chunk) for chunk in (first or header(), *between, PIXELS, last))


def json_credentials() -> st.SearchStrategy[bytes]:
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), max_size=40)
    return st.dictionaries(texts, texts | st.integers(), max_size=5).map(
        lambda value: json.dumps(value, ensure_ascii=False).encode()
    )


def tokens() -> st.SearchStrategy[bytes]:
    part = st.binary(min_size=1, max_size=30).map(lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"="))
    return st.tuples(part, part, part).map(b".".join)


def credentials() -> st.SearchStrategy[bytes]:
    return json_credentials() | tokens()
