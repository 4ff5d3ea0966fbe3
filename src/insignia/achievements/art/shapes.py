"""The three outlines on the 512 grid: a roundel, a rounded hexagon, a shield. The shape says the class."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

CENTRE = 256.0


class Shape(StrEnum):
    """The outline of a badge."""

    ROUNDEL = "roundel"
    HEXAGON = "hexagon"
    SHIELD = "shield"


@dataclass(frozen=True)
class Seat:
    """Where things sit in a shape: the heart of its field, and the row of diamonds, as y on the 512 grid."""

    heart: float
    diamonds: float


SEATS = {
    Shape.ROUNDEL: Seat(heart=256, diamonds=425),
    Shape.HEXAGON: Seat(heart=256, diamonds=428),
    Shape.SHIELD: Seat(heart=238, diamonds=412),
}

_ROUNDEL_RADIUS = 236.0
_HEXAGON_RADIUS, _HEXAGON_CUT = 250.0, 58.0
_SHIELD_LEFT, _SHIELD_TOP, _SHIELD_BOTTOM, _SHIELD_CORNER = 44.0, 14.0, 498.0, 40.0


def outline(shape: Shape, scale: float) -> str:
    """Give the path data of a shape, scaled about the centre of the grid."""
    if shape is Shape.ROUNDEL:
        return _roundel(_ROUNDEL_RADIUS * scale)
    if shape is Shape.HEXAGON:
        return _hexagon(scale)
    return _shield(scale)


def number(value: float) -> str:
    """Spell a coordinate with at most two decimals and no trailing zeros."""
    spelled = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if spelled == "-0" else spelled


def _roundel(radius: float) -> str:
    top, bottom, r = number(CENTRE - radius), number(CENTRE + radius), number(radius)
    return f"M256 {top}A{r} {r} 0 0 1 256 {bottom}A{r} {r} 0 0 1 256 {top}Z"


def _hexagon(scale: float) -> str:
    corners = [
        (CENTRE + _HEXAGON_RADIUS * scale * math.cos(angle), CENTRE + _HEXAGON_RADIUS * scale * math.sin(angle))
        for angle in (math.radians(-90 + 60 * turn) for turn in range(6))
    ]
    # An edge is as long as the radius, so the same cut reads as the same roundness at every scale.
    cut = _HEXAGON_CUT / _HEXAGON_RADIUS
    pieces = []
    for turn, corner in enumerate(corners):
        before, after = corners[turn - 1], corners[(turn + 1) % 6]
        start, end = _towards(corner, before, cut), _towards(corner, after, cut)
        pieces.append(f"{'L' if turn else 'M'}{_pair(start)}Q{_pair(corner)} {_pair(end)}")
    return "".join(pieces) + "Z"


def _shield(scale: float) -> str:
    def at(x: float, y: float) -> str:
        return _pair((CENTRE + (x - CENTRE) * scale, CENTRE + (y - CENTRE) * scale))

    left, right, top, bottom = _SHIELD_LEFT, 512 - _SHIELD_LEFT, _SHIELD_TOP, _SHIELD_BOTTOM
    corner, r = _SHIELD_CORNER, number(_SHIELD_CORNER * scale)
    return (
        f"M{at(left + corner, top)}L{at(right - corner, top)}A{r} {r} 0 0 1 {at(right, top + corner)}"
        f"L{at(right, 252)}C{at(right, 372)} {at(384, 452)} {at(256, bottom)}"
        f"C{at(128, 452)} {at(left, 372)} {at(left, 252)}"
        f"L{at(left, top + corner)}A{r} {r} 0 0 1 {at(left + corner, top)}Z"
    )


def _towards(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _pair(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"
