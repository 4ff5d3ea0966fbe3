"""What a composed picture consists of, checked where it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from insignia.achievements.art.colour import Metal, Tincture
from insignia.achievements.art.lettering import drawable
from insignia.achievements.art.shapes import Shape
from insignia.achievements.art.symbols import symbols
from insignia.achievements.errors import ArtInvalid

RIBBON_LETTERS = 12
LEVELS = 4


class Tier(StrEnum):
    """How much detail fits: S below 64 pixels, M to 199, L from 200."""

    S = "S"
    M = "M"
    L = "L"


def tier_for(pixels: int) -> Tier:
    """Choose the tier for a picture this many pixels wide."""
    if pixels < 64:
        return Tier.S
    return Tier.M if pixels < 200 else Tier.L


@dataclass(frozen=True)
class ArtSpec:
    """One composed picture. `title` is its alternative text; `level` 0 draws no diamonds, "" no ribbon.

    Raises:
        ArtInvalid: unknown symbol, level outside 0 to 4, or a ribbon too long or not drawable.
    """

    shape: Shape
    tincture: Tincture
    metal: Metal
    symbol: str
    level: int = 0
    ribbon: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        problems = {}
        if self.symbol not in symbols():
            problems["symbol"] = "There is no such symbol. Choose one from the list."
        if not 0 <= self.level <= LEVELS:
            problems["level"] = f"The level is a number from 0 to {LEVELS}."
        if len(self.ribbon) > RIBBON_LETTERS:
            problems["ribbon"] = f"The ribbon holds at most {RIBBON_LETTERS} letters."
        elif not drawable(self.ribbon):
            problems["ribbon"] = "The ribbon can show Latin letters, digits and simple punctuation."
        if problems:
            raise ArtInvalid("This picture cannot be drawn yet; each field says why.", fields=problems)


def choices_checked(value: object) -> dict[str, str]:
    """Read what an author chooses, `{tincture, metal, symbol, ribbon}`, strictly.

    Raises:
        ArtInvalid: a field is missing, unknown or has no such value.
    """
    names = ("tincture", "metal", "symbol", "ribbon")
    if (
        not isinstance(value, Mapping)
        or set(value) - set(names)
        or not all(isinstance(part, str) for part in value.values())
    ):
        raise ArtInvalid(
            "A picture is chosen by tincture, metal, symbol and ribbon.", fields={"art": "Wrong shape."}
        )
    chosen = {name: str(value.get(name, "")).strip() for name in names}
    problems = {
        name: f"Choose one of: {', '.join(kind)}."
        for name, kind in (("tincture", Tincture), ("metal", Metal))
        if chosen[name] not in tuple(kind)
    }
    if problems:
        raise ArtInvalid("This picture cannot be drawn yet; each field says why.", fields=problems)
    return chosen
