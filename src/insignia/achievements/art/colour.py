"""Tinctures and metals: OKLCH values turned into sRGB hex, and the contrast between them.

Heraldry's rule, metal on colour only, is also what keeps every pair readable. Values are written as hex because
renderers of SVG outside browsers do not know `oklch()`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Tincture(StrEnum):
    """The colour of the field."""

    AZURE = "azure"
    VERT = "vert"
    GULES = "gules"
    PURPURE = "purpure"
    TENNE = "tenne"
    SABLE = "sable"


class Metal(StrEnum):
    """The colour of rim, ring, symbol and ribbon."""

    ARGENT = "argent"
    GOLD = "gold"


@dataclass(frozen=True)
class Oklch:
    """A colour: lightness 0 to 1, chroma from 0, hue in degrees."""

    lightness: float
    chroma: float
    hue: float


COLOURS: dict[Tincture | Metal, Oklch] = {
    Tincture.AZURE: Oklch(0.42, 0.095, 245),
    Tincture.VERT: Oklch(0.42, 0.088, 155),
    Tincture.GULES: Oklch(0.43, 0.145, 20),
    Tincture.PURPURE: Oklch(0.40, 0.125, 310),
    Tincture.TENNE: Oklch(0.457, 0.10, 55),  # a shade below .46, so that gold on it reaches a contrast of 5
    Tincture.SABLE: Oklch(0.28, 0.02, 238),
    Metal.ARGENT: Oklch(0.965, 0.008, 225),
    Metal.GOLD: Oklch(0.87, 0.105, 90),
}
SHADE = 0.79
"""How much of its lightness a metal keeps where the ribbon folds back."""


def hex_of(name: Tincture | Metal) -> str:
    """Spell a tincture or metal as #rrggbb."""
    return oklch_hex(COLOURS[name])


def shade_of(metal: Metal) -> str:
    """Spell the shaded side of a metal as #rrggbb."""
    full = COLOURS[metal]
    return oklch_hex(Oklch(full.lightness * SHADE, full.chroma, full.hue))


def oklch_hex(colour: Oklch) -> str:
    """Turn an OKLCH colour into sRGB hex, clipping what lies outside (CSS Color 4, section 10)."""
    return "#" + "".join(f"{round(255 * _companded(part)):02x}" for part in _linear(colour))


def contrast(one: str, other: str) -> float:
    """Compute the WCAG 2 contrast ratio of two hex colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _linear(colour: Oklch) -> tuple[float, float, float]:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _companded(part: float) -> float:
    clipped = min(1.0, max(0.0, part))
    return 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
