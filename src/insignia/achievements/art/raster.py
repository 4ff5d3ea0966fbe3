"""Draw a hostile SVG; to be called in a confined process only."""

from __future__ import annotations

from insignia.achievements.art.render import render_png


def raster(svg: bytes, pixels: str) -> bytes:
    """Draw the SVG as a PNG, `pixels` on its longer side."""
    return render_png(svg.decode(), int(pixels))
