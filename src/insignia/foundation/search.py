"""Comparing what people type: case, accents and spacing do not count."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Fold case, strip accents and squeeze white space, for comparing only."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(mark for mark in decomposed if not unicodedata.combining(mark)).split())
