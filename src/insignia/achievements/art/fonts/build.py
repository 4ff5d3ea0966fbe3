"""Build `outlines.json` from the font's woff2 files (development only; fonttools).

    python build.py latin.woff2 latin-ext.woff2

Takes Atkinson Hyperlegible Next at weight 600, and writes per character its advance and its outline as SVG path
data with y pointing down, in units of 1000 to the em, so that drawing a ribbon needs no font and no fonttools.
"""

from __future__ import annotations

import hashlib
import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

WEIGHT = 600
PUNCTUATION = " -.,:!?&+'/()#%·\u2019\u2013"


def wanted(code: int) -> bool:
    """Tell whether the ribbon may hold this character: Latin letters, digits and some punctuation."""
    character = chr(code)
    letter = unicodedata.category(character)[0] in "LN" and code < 0x250
    return letter or character in PUNCTUATION


def outlines(path: Path) -> dict[str, Any]:
    """Read one font file into {character: [advance, path data]}."""
    font = instantiateVariableFont(TTFont(path), {"wght": WEIGHT})
    glyphs = font.getGlyphSet()
    found = {}
    for code, name in font.getBestCmap().items():
        if not wanted(code):
            continue
        pen = SVGPathPen(glyphs, ntos=lambda value: str(round(value)))
        glyphs[name].draw(TransformPen(pen, (1, 0, 0, -1, 0, 0)))
        found[chr(code)] = [round(glyphs[name].width), pen.getCommands()]
    return found


def main(paths: list[str]) -> None:
    """Write the outlines of all files, the first one wins, beside this script."""
    glyphs: dict[str, Any] = {}
    for path in reversed(paths):
        glyphs |= outlines(Path(path))
    sources = {Path(path).name: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths}
    value = {
        "font": "Atkinson Hyperlegible Next",
        "weight": WEIGHT,
        "sources": sources,
        "glyphs": dict(sorted(glyphs.items())),
    }
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    Path(__file__).with_name("outlines.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
