"""Heraldic hatching: lines that stand for a tincture, so that colour survives a copier."""

from __future__ import annotations

from insignia.achievements.art.colour import Tincture
from insignia.achievements.art.shapes import number

# Lines of one tile, on a tile of 1: azure level, gules upright, vert falls to the right, purpure rises,
# sable crosses, tenné rises and lies level. Slanted lines run on past the corners, so that tiles join.
_LEVEL = ((0.0, 0.5, 1.0, 0.5),)
_UPRIGHT = ((0.5, 0.0, 0.5, 1.0),)
_FALLING = ((-0.5, -0.5, 1.5, 1.5), (0.5, -0.5, 1.5, 0.5), (-0.5, 0.5, 0.5, 1.5))
_RISING = ((-0.5, 1.5, 1.5, -0.5), (-0.5, 0.5, 0.5, -0.5), (0.5, 1.5, 1.5, 0.5))
_TILES = {
    Tincture.AZURE: _LEVEL,
    Tincture.GULES: _UPRIGHT,
    Tincture.VERT: _FALLING,
    Tincture.PURPURE: _RISING,
    Tincture.SABLE: _LEVEL + _UPRIGHT,
    Tincture.TENNE: _RISING + _LEVEL,
}


def hatching(
    tincture: Tincture, *, name: str, colour: str, tile: float, stroke: float, opacity: float = 1.0
) -> str:
    """Give the SVG pattern element of a tincture, to be filled with by `url(#name)`."""
    path = "".join(
        f"M{number(x1 * tile)} {number(y1 * tile)}L{number(x2 * tile)} {number(y2 * tile)}"
        for x1, y1, x2, y2 in _TILES[tincture]
    )
    size = number(tile)
    faded = f' stroke-opacity="{number(opacity)}"' if opacity < 1 else ""
    return (
        f'<pattern id="{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{number(stroke)}"{faded}/></pattern>'
    )
