"""The colours as written in tokens.css, measured as WCAG measures them."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path

import pytest

import insignia.web

STATIC = Path(insignia.web.__file__).parent / "static" / "insignia"
CSS = (STATIC / "tokens.css").read_text()
Colour = tuple[float, float, float]


def _block(opening: str) -> dict[str, str]:
    start = CSS.index(opening) + len(opening)
    return dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", CSS[start : CSS.index("}", start)]))


LIGHT = _block(":root {")
DARK_AUTO = _block(':root[data-theme="auto"] {')
DARK = _block(':root[data-theme="dark"] {')
THEMES = {"light": LIGHT, "dark": DARK}


def _oklch(text: str) -> Colour:
    found = re.fullmatch(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)", text)
    assert found, text
    lightness, chroma, hue = (float(part) for part in found.groups())
    return lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))


def _linear(text: str) -> Colour:
    """Turn OKLCH into linear sRGB (Björn Ottosson's matrices)."""
    lightness, a, b = _oklch(text)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _luminance(text: str) -> float:
    red, green, blue = (_rounded(channel) for channel in _linear(text))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rounded(channel: float) -> float:
    """Round a linear channel to the eighth bit it is shown with."""
    channel = min(max(channel, 0.0), 1.0)
    shown = 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055
    eighth = round(shown * 255) / 255
    return eighth / 12.92 if eighth <= 0.04045 else ((eighth + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """Give WCAG's contrast ratio of two OKLCH colours."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# (token, ground): the ratio the design promises, light and dark.
PROMISED: dict[tuple[str, str], tuple[float, float]] = {
    ("edge", "page"): (3.7, 4.3), ("edge", "card"): (3.9, 3.9), ("edge", "sunk"): (3.3, 4.5),
    ("ink", "page"): (14.9, 15.3), ("ink", "card"): (15.7, 13.9), ("ink", "sunk"): (13.5, 16.2),
    ("ink", "tint"): (13.0, 10.9),
    ("ink", "good-tint"): (13.4, 11.2), ("ink", "warn-tint"): (13.4, 11.2),
    ("ink", "bad-tint"): (13.4, 11.2), ("ink", "idk-tint"): (13.4, 11.2),
    ("soft", "page"): (6.9, 8.6), ("soft", "card"): (7.3, 7.8), ("soft", "sunk"): (6.3, 9.1),
    ("soft", "tint"): (6.0, 6.1),
    ("brand", "page"): (7.8, 10.1), ("brand", "card"): (8.2, 9.1), ("brand", "sunk"): (7.1, 10.6),
    ("brand", "tint"): (6.8, 7.2),
    ("on", "brand"): (8.2, 10.1), ("on", "brand-hi"): (11.5, 13.0),
    ("on", "good"): (6.9, 9.0), ("on", "warn"): (6.9, 9.0), ("on", "bad"): (6.9, 9.0), ("on", "idk"): (6.9, 9.0),
    ("good", "page"): (6.6, 10.6), ("good", "card"): (7.0, 9.6), ("good", "good-tint"): (6.1, 7.8),
    ("warn", "page"): (6.6, 10.7), ("warn", "card"): (6.9, 9.7), ("warn", "warn-tint"): (6.1, 7.8),
    ("bad", "page"): (7.0, 9.0), ("bad", "card"): (7.4, 8.2), ("bad", "bad-tint"): (6.3, 6.7),
    ("idk", "page"): (7.4, 9.5), ("idk", "card"): (7.8, 8.6), ("idk", "idk-tint"): (6.7, 6.9),
    ("focus", "page"): (7.8, 13.0), ("focus", "focus2"): (5.2, 13.0),
}  # fmt: skip


class TestTokens:
    """Every pair of the design, in both themes."""

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("pair", PROMISED, ids="-on-".join)
    def test_keep_the_promised_contrast(self, theme: str, pair: tuple[str, str]) -> None:
        """No ratio falls below what the design computed (to its one decimal)."""
        tokens = THEMES[theme]
        promised = PROMISED[pair][0 if theme == "light" else 1]
        assert contrast(tokens[pair[0]], tokens[pair[1]]) >= promised - 0.051

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_stay_inside_srgb(self, theme: str) -> None:
        """No colour is clipped: what is measured is what is shown."""
        for name, text in THEMES[theme].items():
            if re.fullmatch(r"oklch\([^/]+\)", text):
                assert all(-0.0005 <= channel <= 1.0005 for channel in _linear(text)), name

    def test_are_the_same_dark_by_choice_and_by_machine(self) -> None:
        """CSS needs the dark block twice; it may not differ."""
        assert DARK == DARK_AUTO

    def test_name_every_colour_in_both_themes(self) -> None:
        """A token that exists in one theme alone would leak the other's colour."""
        colours = {name for name, text in LIGHT.items() if text.startswith("oklch")}
        assert colours == {name for name, text in DARK.items() if text.startswith("oklch")}


class TestSheets:
    """The other style sheets."""

    def test_take_colours_from_tokens_only(self) -> None:
        """No sheet but tokens.css writes a colour."""
        for sheet in ("base.css", "components.css", "print.css"):
            text = re.sub(r"/\*.*?\*/", "", (STATIC / sheet).read_text(), flags=re.DOTALL)
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])|oklch\(|rgba?\(|hsla?\(", text), sheet

    def test_use_only_tokens_that_exist(self) -> None:
        """A misspelt token would silently be nothing."""
        own = {"own", "own-tint", "node"}
        for sheet in ("base.css", "components.css", "print.css"):
            used = set(re.findall(r"var\(--([a-z0-9-]+)", (STATIC / sheet).read_text()))
            assert used <= set(LIGHT) | own, used - set(LIGHT) - own

    def test_write_no_text_below_the_floor(self) -> None:
        """Nothing on a screen is smaller than .9375rem (15 pixels)."""
        for sheet in ("base.css", "components.css"):
            sizes = re.findall(r"font(?:-size)?:[^;]*?(?<![\d.])(0?\.\d+)rem", (STATIC / sheet).read_text())
            assert all(float(size) >= 0.9375 for size in sizes), sheet


class TestFonts:
    """The vendored fonts."""

    def test_are_the_bytes_that_were_vendored(self) -> None:
        """Each file matches its recorded SHA-256, and each has its licence beside it."""
        folder = STATIC / "fonts"
        lines = (folder / "SHA256SUMS").read_text().splitlines()
        recorded = {name: digest for digest, name in (line.split() for line in lines)}
        found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.woff2")}
        assert found == recorded
        assert len(list(folder.glob("LICENSE-*.txt"))) == 3


class TestSprite:
    """The icons."""

    def test_has_every_icon_that_pages_name(self) -> None:
        """An icon that is not in the sprite would be an empty square."""
        symbols = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "sprite.svg").read_text()))
        web = Path(insignia.web.__file__).parent
        used: set[str] = set()
        for path in [*web.rglob("*.html"), *web.rglob("*.py")]:
            used |= set(re.findall(r'{% icon "([^"]+)"', path.read_text()))
        assert used - {"..."} <= symbols, used - symbols
