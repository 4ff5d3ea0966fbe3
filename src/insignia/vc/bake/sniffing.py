"""Telling kinds of file apart by their first bytes."""

from __future__ import annotations

from typing import Literal

from insignia.vc.bake.chunks import SIGNATURE

BOM = b"\xef\xbb\xbf"


def sniff_image(raw: bytes) -> Literal["png", "svg"] | None:
    """Tell whether these bytes are a PNG, or markup that may be an SVG; None for everything else."""
    if raw.startswith(SIGNATURE):
        return "png"
    if raw[:1024].removeprefix(BOM).lstrip().startswith(b"<"):
        return "svg"
    return None
