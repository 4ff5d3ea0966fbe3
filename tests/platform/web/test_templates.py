"""What no template may contain, read from the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import insignia

ROOT = Path(insignia.__file__).parent
TEMPLATES = sorted(path for path in ROOT.rglob("*.html"))
PICTURES = sorted(path for path in ROOT.rglob("static/**/*.svg"))


@pytest.mark.parametrize("path", TEMPLATES + PICTURES, ids=lambda path: str(path.relative_to(ROOT)))
class TestTemplate:
    """Every template and static picture."""

    def test_holds_no_inline_style_or_script(self, path: Path) -> None:
        """The Content-Security-Policy would refuse them; a page must not depend on being refused."""
        text = path.read_text()
        assert not re.search(r"\sstyle\s*=", text)
        assert "<style" not in text
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
        assert "javascript:" not in text
        assert not re.search(r"hx-on|hx-vals=['\"]js:", text)
        for script in re.findall(r"<script\b[^>]*>", text):
            assert "src=" in script or 'type="application/json"' in script, script

    def test_loads_nothing_from_elsewhere(self, path: Path) -> None:
        """No font, script, style or picture comes from another host."""
        assert not re.search(r"(?:src|srcset|action)\s*=\s*[\"'](?:https?:)?//", path.read_text())
        assert not re.search(r"<link[^>]+href\s*=\s*[\"'](?:https?:)?//", path.read_text())


FORBIDDEN = re.compile(
    r"\b(oops|please|simply|successfully|invalid input|tamper-proof|is ready for college|rejected?)\b",
    re.IGNORECASE,
)


class TestWords:
    """The words of the screens."""

    @pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_are_ours(self, path: Path) -> None:
        """Words that blame, flatter or plead stay out."""
        found = FORBIDDEN.search(path.read_text())
        assert not found, found
