"""Words as outlines, so that a picture looks the same wherever it is drawn and no font has to be there."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

from insignia.achievements.art.shapes import number
from insignia.achievements.errors import ArtInvalid

EM = 1000
CAP_HEIGHT = 668
_TRACKING = 14
_TOKEN = re.compile(r"([MLHVCQSTAZ])|(-?\d+(?:\.\d+)?)")


@cache
def _glyphs() -> dict[str, tuple[int, str]]:
    file = resources.files("insignia.achievements.art").joinpath("fonts", "outlines.json")
    value = json.loads(file.read_text(encoding="utf-8"))
    return {character: (advance, path) for character, (advance, path) in value["glyphs"].items()}


def drawable(text: str) -> bool:
    """Tell whether every character has an outline."""
    return all(character in _glyphs() for character in text)


def lettering(text: str, *, middle: float, baseline: float, size: float, width: float) -> str:
    """Give the path data of one centred line, made smaller where it would be wider than `width`.

    Raises:
        ArtInvalid: a character has no outline.
    """
    if not drawable(text):
        raise ArtInvalid(
            "The ribbon can show Latin letters, digits and simple punctuation.", fields={"ribbon": text}
        )
    total = sum(_glyphs()[character][0] + _TRACKING for character in text) - _TRACKING
    scale = min(size / EM, width / max(total, 1))
    shrunk = size / EM - scale
    y = baseline - shrunk * CAP_HEIGHT / 2
    x, pieces = middle - total * scale / 2, []
    for character in text:
        advance, path = _glyphs()[character]
        pieces.append(_placed(path, x, y, scale))
        x += (advance + _TRACKING) * scale
    return "".join(pieces)


def _placed(path: str, x: float, y: float, scale: float) -> str:
    """Move and scale path data that has absolute commands only."""
    spelled, command, place = [], "", 0
    for letter, digits in _TOKEN.findall(path):
        if letter:
            command, place = letter, 0
            spelled.append(letter)
            continue
        vertical = command == "V" or (command != "H" and place % 2 == 1)
        spelled.append(number((y if vertical else x) + float(digits) * scale) + " ")
        place += 1
    return "".join(spelled).replace(" Z", "Z")
