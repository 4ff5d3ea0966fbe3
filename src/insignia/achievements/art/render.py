"""SVG to PNG, without a font, a file or a network."""

from __future__ import annotations

from functools import lru_cache

import resvg_py

from insignia.achievements.errors import ArtInvalid

MAX_PIXELS = 2048


@lru_cache(maxsize=64)
def render_png(svg: str, pixels: int) -> bytes:
    """Draw an SVG of ours, or a cleaned one, as a PNG `pixels` wide with a transparent ground.

    What was drawn is kept for a while: previews and publishing ask for the same picture again.

    Raises:
        ArtInvalid: the size is not 1 to 2048, or the picture cannot be drawn.
    """
    if not 1 <= pixels <= MAX_PIXELS:
        raise ArtInvalid(f"A picture is 1 to {MAX_PIXELS} pixels wide.", fields={"pixels": str(pixels)})
    try:
        return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=pixels, skip_system_fonts=True))
    except ValueError as error:
        raise ArtInvalid("This picture cannot be drawn.", fields={"svg": str(error)[:200]}) from error
