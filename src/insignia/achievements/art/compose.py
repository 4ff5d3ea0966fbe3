"""Draw a badge: rim, field, ring, symbol, diamonds, ribbon, on a grid of 512, with more detail the larger it is.

Pure: the same specification gives the same bytes. No style attributes, no script, no text elements, no reference
to anything outside the picture.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from xml.sax.saxutils import escape

from insignia.achievements.art.colour import hex_of, shade_of
from insignia.achievements.art.hatching import hatching
from insignia.achievements.art.lettering import CAP_HEIGHT, EM, lettering
from insignia.achievements.art.shapes import CENTRE, SEATS, Shape, number, outline
from insignia.achievements.art.spec import ArtSpec, Tier
from insignia.achievements.art.symbols import GRID, symbol_paths

FIELD, RING = 0.965, 0.87
RING_WIDTH = {Tier.M: 10.0, Tier.L: 7.0}
SYMBOL = {Tier.S: 1.42, Tier.M: 1.08, Tier.L: 0.98}
RIBBON_TOP, RIBBON_HEIGHT, RIBBON_SIDE = 350.0, 76.0, 62.0
TAIL_SIDE, TAIL_DROP, TAIL_INNER = 22.0, 17.0, 98.0
LETTER_SIZE = 43.0
RAISED = 34.0
HATCH_OPACITY = 0.16
INK, PAPER = "#111111", "#ffffff"
SHAPE_OF_CLASS = {"recognition": Shape.ROUNDEL, "knowledge": Shape.HEXAGON, "application": Shape.SHIELD}


@dataclass(frozen=True)
class _Palette:
    rim: str
    field: str
    charge: str
    ribbon: str
    ribbon_edge: str
    tail: str
    letters: str


def compose(spec: ArtSpec, tier: Tier = Tier.L, *, mono: bool = False) -> str:
    """Draw the picture as an SVG string of 512 by 512.

    Args:
        spec: what to draw.
        tier: how much detail; `tier_for(pixels)` chooses.
        mono: for paper: white field, black charge, hatching for the tincture.
    """
    palette = _palette(spec, mono=mono)
    name = "h" + hashlib.sha256(f"{spec}{tier}{mono}".encode()).hexdigest()[:10]
    layers = [
        _shape(spec, 1, palette.rim),
        _shape(spec, FIELD, palette.field),
        _band(spec, tier, palette, name=name, mono=mono),
        _symbol(spec, tier, palette),
        "" if tier is Tier.S else _diamonds(spec, tier, palette),
        _ribbon(spec, palette) if tier is Tier.L and spec.ribbon else "",
    ]
    title = f"<title>{escape(spec.title)}</title>" if spec.title else ""
    label = ' role="img"' if spec.title else ' aria-hidden="true"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" width="512" height="512"{label}>'
    return f"{head}{title}{''.join(layers)}</svg>"


def _palette(spec: ArtSpec, *, mono: bool) -> _Palette:
    if mono:
        return _Palette(INK, PAPER, INK, ribbon=INK, ribbon_edge=PAPER, tail=INK, letters=PAPER)
    metal, field = hex_of(spec.metal), hex_of(spec.tincture)
    return _Palette(metal, field, metal, ribbon=metal, ribbon_edge=field, tail=shade_of(spec.metal), letters=field)


def _shape(spec: ArtSpec, scale: float, fill: str) -> str:
    return f'<path d="{outline(spec.shape, scale)}" fill="{fill}"/>'


def _band(spec: ArtSpec, tier: Tier, palette: _Palette, *, name: str, mono: bool) -> str:
    """Draw the ring, and between rim and ring the hatching: faint on a large picture, plain on paper.

    Below a ribbon there is no room for both ring and diamonds: there the ring gives way.
    """
    if tier is Tier.S:
        return ""
    ring = (
        f'<path d="{outline(spec.shape, RING)}" fill="{palette.field}" stroke="{palette.charge}"'
        f' stroke-width="{number(RING_WIDTH[tier])}"/>'
    )
    if not mono and tier is Tier.M:
        return ring
    tile, stroke = (14.0, 4.0) if tier is Tier.M else (10.0, 2.4)
    opacity = 1.0 if mono else HATCH_OPACITY
    defs = hatching(spec.tincture, name=name, colour=palette.charge, tile=tile, stroke=stroke, opacity=opacity)
    band = _shape(spec, FIELD, f"url(#{name})") + ring
    if tier is Tier.L and spec.ribbon and spec.level:
        bottom = number(RIBBON_TOP + RIBBON_HEIGHT / 2)
        defs += f'<clipPath id="{name}c"><rect width="512" height="{bottom}"/></clipPath>'
        band = f'<g clip-path="url(#{name}c)">{band}</g>'
    return f"<defs>{defs}</defs>{band}"


def _symbol(spec: ArtSpec, tier: Tier, palette: _Palette) -> str:
    scale = SYMBOL[Tier.M] if tier is Tier.L and not spec.ribbon else SYMBOL[tier]
    heart = SEATS[spec.shape].heart
    if tier is Tier.L and spec.ribbon:
        heart -= RAISED
    elif tier is not Tier.S and spec.level:
        heart -= RAISED / 4
    x, y = CENTRE - GRID / 2 * scale, heart - GRID / 2 * scale
    paths = "".join(f'<path d="{path}"/>' for path in symbol_paths(spec.symbol))
    move = f"translate({number(x)} {number(y)}) scale({number(scale)})"
    return f'<g fill="{palette.charge}" transform="{move}">{paths}</g>'


def _diamonds(spec: ArtSpec, tier: Tier, palette: _Palette) -> str:
    if not spec.level:
        return ""
    wide, high, gap = (12.0, 14.0, 36.0) if tier is Tier.L else (13.0, 15.0, 36.0)
    y = SEATS[spec.shape].diamonds
    if tier is Tier.L and spec.ribbon:
        y = RIBBON_TOP + RIBBON_HEIGHT + 22
        wide, high, gap = 11.0, 13.0, 31.0
    first = CENTRE - gap * (spec.level - 1) / 2
    path = "".join(
        f"M{number(first + gap * place)} {number(y - high)}l{number(wide)} {number(high)}"
        f"l{number(-wide)} {number(high)}l{number(-wide)} {number(-high)}Z"
        for place in range(spec.level)
    )
    return f'<path d="{path}" fill="{palette.charge}"/>'


def _ribbon(spec: ArtSpec, palette: _Palette) -> str:
    left, right, top = RIBBON_SIDE, 512 - RIBBON_SIDE, RIBBON_TOP
    baseline = top + (RIBBON_HEIGHT + LETTER_SIZE * CAP_HEIGHT / EM) / 2
    words = lettering(spec.ribbon, middle=CENTRE, baseline=baseline, size=LETTER_SIZE, width=right - left - 44)
    band = (
        f'<rect x="{number(left)}" y="{number(top)}" width="{number(right - left)}"'
        f' height="{number(RIBBON_HEIGHT)}" rx="6" fill="{palette.ribbon}" stroke="{palette.ribbon_edge}"'
        f' stroke-width="6"/>'
    )
    return f'{_tails(palette)}{band}<path d="{words}" fill="{palette.letters}"/>'


def _tails(palette: _Palette) -> str:
    top, bottom = RIBBON_TOP + TAIL_DROP, RIBBON_TOP + RIBBON_HEIGHT + TAIL_DROP
    middle, notch = (top + bottom) / 2, TAIL_SIDE + 26
    pieces = []
    for outer, inner, fold in (
        (TAIL_SIDE, TAIL_INNER, notch),
        (512 - TAIL_SIDE, 512 - TAIL_INNER, 512 - notch),
    ):
        pieces.append(
            f"M{number(outer)} {number(top)}L{number(inner)} {number(top)}L{number(inner)} {number(bottom)}"
            f"L{number(outer)} {number(bottom)}L{number(fold)} {number(middle)}Z"
        )
    return f'<path d="{"".join(pieces)}" fill="{palette.tail}"/>'


def shape_of(credential_class: str) -> Shape:
    """Give the outline of a class: roundel recognition, hexagon knowledge, shield application."""
    return SHAPE_OF_CLASS[credential_class]
