"""Text in several languages: a JSON object from BCP 47 language tag to text."""

from __future__ import annotations

from collections.abc import Mapping

Localized = dict[str, str]


def localized_pick(value: Mapping[str, str], language: str) -> str:
    """Choose the text for `language`: exact tag, then its base language, then English, then any.

    An empty mapping gives an empty string, so that a page can say "not stated".
    """
    base = language.split("-")[0]
    for tag in (language, base, "en"):
        if value.get(tag):
            return value[tag]
    return next((text for text in value.values() if text), "")
