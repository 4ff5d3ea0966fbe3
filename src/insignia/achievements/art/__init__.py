"""Badge art: `compose` draws a specification as SVG, `render_png` turns it into pixels. Pure."""

from __future__ import annotations

from insignia.achievements.art.colour import Metal, Tincture
from insignia.achievements.art.compose import compose, shape_of
from insignia.achievements.art.render import render_png
from insignia.achievements.art.shapes import Shape
from insignia.achievements.art.spec import ArtSpec, Tier, choices_checked, tier_for
from insignia.achievements.art.symbols import symbol_paths, symbols

__all__ = [
    "ArtSpec",
    "Metal",
    "Shape",
    "Tier",
    "Tincture",
    "choices_checked",
    "compose",
    "render_png",
    "shape_of",
    "symbol_paths",
    "symbols",
    "tier_for",
]
