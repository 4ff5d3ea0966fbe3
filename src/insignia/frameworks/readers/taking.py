"""Taking values out of files of strangers: every taker gives a clean value and notes what was odd about it."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from insignia.frameworks import plain
from insignia.frameworks.findings import Findings
from insignia.frameworks.source import MAX_IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from insignia.vc.model.json import Json

# The name space of identifiers that we derive because a file has none: the same input, the same name, for ever.
DERIVED = UUID("6f0e9c0a-3f0f-5b0e-9a5e-2d2f6f3a7c11")
SCHEMES = frozenset({"http", "https", "urn", "did", "info", "tag", "doi", "local"})
STATEMENT = 64 * 2**10
TITLE = 500
ABBREVIATION = 1000
ADDRESS = 2000
CODE = 255
LEVELS = 60
EXTRA_BYTES = 16 * 2**10


def derived_identifier(*parts: str) -> str:
    """Derive a UUID that names these parts, in this order."""
    return str(uuid5(DERIVED, "\x1f".join(part.encode(errors="replace").decode() for part in parts)))


class Taker:
    """Reads single values and keeps the findings."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def text(self, value: Json, where: str, name: str, *, limit: int = TITLE, lines: bool = False) -> str:
        """Take a text: any JSON value becomes plain text of at most `limit` characters, or an empty string."""
        found = self._as_text(value, where, name)
        if not found:
            return ""
        if len(found) > 2 * STATEMENT:
            self.findings.note("text-cut", where, name=name, limit=str(limit))
            found = found[: 2 * STATEMENT]
        found = self._readable(found, where, name)
        if plain.has_markup(found):
            self.findings.note("html-removed", where, name=name)
            found = plain.without_controls(plain.without_markup(found))
        if plain.looks_like_formula(found):
            self.findings.note("formula-cell", where, name=name)
        found = plain.squeezed(found) if lines else plain.one_line(found)
        if len(found) > limit:
            self.findings.note("text-cut", where, name=name, limit=str(limit))
            found = found[:limit].rstrip()
        return found

    def texts(self, value: Json, where: str, name: str) -> tuple[str, ...]:
        """Take a list of short texts; one text alone, or several with commas, is a list too."""
        if isinstance(value, str):
            value = list(value.split(","))
        if not isinstance(value, list):
            value = [] if value is None else [value]
        taken = (self.text(part, where, name, limit=CODE) for part in value[:LEVELS])
        return tuple(dict.fromkeys(text for text in taken if text))

    def address(self, value: Json, where: str, name: str) -> str:
        """Take an address that can be shown as a link or kept as a name; anything else is left out."""
        found = self._as_text(value, where, name).strip()
        if not found:
            return ""
        try:
            scheme = urlsplit(found).scheme.lower()
        except ValueError:
            scheme = ""
        unfit = scheme not in SCHEMES or len(found) > ADDRESS
        if unfit or any(part.isspace() for part in found) or plain.has_controls(found):
            self.findings.note("address-unusable", where, name=name)
            return ""
        return found

    def identifier(self, value: Json, where: str) -> str:
        """Take an identifier: a UUID in lower case, another name as written, a digest of an endless one."""
        found = value if isinstance(value, str) else self._as_text(value, where, "identifier")
        found = plain.one_line(plain.without_controls(found))
        if not found:
            return ""
        try:
            return str(UUID(found))
        except ValueError:
            pass
        if len(found) > MAX_IDENTIFIER:
            self.findings.note("identifier-too-long", where)
            return "sha256:" + hashlib.sha256(found.encode(errors="replace")).hexdigest()
        return found

    def number(self, value: Json, where: str, name: str) -> float | None:
        """Take a number for ordering; one written as text counts."""
        if isinstance(value, bool) or value is None or value == "":
            return None
        if isinstance(value, int | float):
            return _finite(value)
        if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,15}(\.\d{1,9})?\s*", value):
            self.findings.note("number-as-text", where, name=name)
            return float(value)
        self.findings.note("value-unusable", where, name=name)
        return None

    def day(self, value: Json, where: str, name: str) -> date | None:
        """Take the day of an ISO 8601 date or time."""
        if value is None or value == "":
            return None
        try:
            return date.fromisoformat(str(value).strip()[:10])
        except ValueError:
            self.findings.note("date-unreadable", where, name=name)
            return None

    def kept(self, value: Mapping[str, Json], known: Iterable[str]) -> dict[str, Json]:
        """Keep the fields that have no place of their own, while they are small."""
        skipped = frozenset(known)
        kept: dict[str, Json] = {}
        room = EXTRA_BYTES
        for key, part in value.items():
            written = repr((key, part))
            size = len(written)
            if key in skipped or part in (None, "", [], {}) or size > room or "\\x00" in written:
                continue
            kept[key] = _storable(part)
            room -= size
        return kept

    def _readable(self, text: str, where: str, name: str) -> str:
        if plain.has_broken_latex(text):
            self.findings.note("latex-mended", where, name=name)
            text = plain.with_mended_latex(text)
        if plain.has_controls(text):
            self.findings.note("characters-removed", where, name=name)
            text = plain.without_controls(text)
        return text

    def _as_text(self, value: Json, where: str, name: str) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            self.findings.note("wrong-type", where, name=name)
            return str(value)
        return self._text_inside(value, where, name)

    def _text_inside(self, value: list[Json] | dict[str, Json], where: str, name: str) -> str:
        """Find the text of `{"title": ...}`, of a language map, or of a list of texts."""
        self.findings.note("wrong-type", where, name=name)
        if isinstance(value, list):
            return ", ".join(part for part in value[:LEVELS] if isinstance(part, str))
        for key in ("title", "en", "en-us", "en-US", "@value", "identifier", "uri"):
            if isinstance(value.get(key), str):
                return str(value[key])
        return next((part for part in value.values() if isinstance(part, str)), "")


def _storable(value: Json) -> Json:
    """Write numbers that databases give back differently as text, so that the same file stays the same."""
    if isinstance(value, dict):
        return {key: _storable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_storable(part) for part in value]
    if isinstance(value, float) and not (value == 0 or 1e-6 < abs(value) < 1e15):
        return str(value)
    return value


def _finite(value: float) -> float | None:
    return float(value) if -1e15 < value < 1e15 else None
