"""Finding the secured credential in what was handed in: JSON, a token, or a picture with one of them inside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from insignia.vc.bake import extract_png, extract_svg, sniff_image
from insignia.vc.errors import BodyTooLarge, ImageUnsupported, MalformedCredential, ProofUnsupported
from insignia.vc.limits import DEFAULT_LIMITS, Limits

BOM = b"\xef\xbb\xbf"
TOKEN = re.compile(rb"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4}")
DISCLOSURES = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+~[A-Za-z0-9_.~-]*")
# What people hand in by mistake, and what to hand in instead.
OTHER_FILES = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WebP picture or a recording"),
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
)


@dataclass(frozen=True)
class Opened:
    """What was handed in, and the secured credential in it, byte for byte: JSON, or a compact token."""

    kind: Literal["json", "jwt", "png", "svg"]
    secured: bytes

    @property
    def form(self) -> Literal["json", "jwt"]:
        """Say how the credential itself is secured, wherever it was found."""
        return "jwt" if TOKEN.fullmatch(self.secured) else "json"


def open_bytes(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Opened:
    """Find the secured credential. It is not judged here, only found.

    Raises:
        BodyTooLarge: more bytes than we read.
        MalformedCredential: nothing that could be a credential.
        ProofUnsupported, ImageUnsupported: a form of credential, or a picture, that we do not read.
        VcError: what taking it out of a picture refuses, by name.
    """
    if len(raw) > limits.file_bytes:
        raise BodyTooLarge(f"The file has more than {limits.file_bytes} bytes.")
    kind = sniff_image(raw)
    if kind == "png":
        return Opened("png", _text(extract_png(raw, limits=limits)))
    if kind == "svg":
        return Opened("svg", _text(extract_svg(raw, limits=limits)))
    secured = _text(raw)
    return Opened("jwt" if TOKEN.fullmatch(secured) else "json", secured)


def _text(raw: bytes) -> bytes:
    text = raw.removeprefix(BOM).strip()
    if text.startswith((b"{", b"[")) or TOKEN.fullmatch(text):
        return text
    if not text:
        raise MalformedCredential("There is nothing in it.")
    if DISCLOSURES.fullmatch(text):
        raise ProofUnsupported("This is a token with selective disclosure: not judged yet.")
    for start, name in OTHER_FILES:
        if raw.startswith(start):
            raise ImageUnsupported(f"This is {name}. Badges travel in PNG, SVG, JSON or as a token.")
    raise MalformedCredential(
        "This is no credential: neither JSON, nor a token, nor a PNG or SVG with one inside."
    )
