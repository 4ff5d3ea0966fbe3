"""How alike two achievements are, so that nobody publishes the same badge twice without saying why."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rapidfuzz import fuzz

from insignia.achievements.rules.content import AchievementContent
from insignia.foundation.localized import localized_pick
from insignia.foundation.search import folded

DUPLICATE = 0.80
"""From here on two badges stand side by side until the author says what sets them apart."""
ALIKE = 0.50
"""From here on it is worth a look."""


def similarity(
    one: AchievementContent,
    other: AchievementContent,
    *,
    one_items: AbstractSet[str] = frozenset(),
    other_items: AbstractSet[str] = frozenset(),
) -> float:
    """Score from 0 (nothing in common) to 1 (the same): half words, a third aligned items, the rest the name.

    Texts are compared in the first one's language; where neither is aligned, words and name count alone.
    """
    language = one.language
    words = fuzz.token_sort_ratio(_claim(one, language), _claim(other, language)) / 100
    name = (
        fuzz.ratio(folded(localized_pick(one.name, language)), folded(localized_pick(other.name, language))) / 100
    )
    union = one_items | other_items
    if not union:
        return (0.50 * words + 0.15 * name) / 0.65
    return 0.50 * words + 0.35 * len(one_items & other_items) / len(union) + 0.15 * name


def _claim(content: AchievementContent, language: str) -> str:
    parts = [localized_pick(content.criteria, language)]
    parts += [localized_pick(outcome.statement, language) for outcome in content.outcomes]
    return folded(" ".join(parts))
