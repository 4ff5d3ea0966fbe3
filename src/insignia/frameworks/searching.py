"""Finding an item by what somebody types: a code or its beginning, then words, then words nearly spelt so.

Pure: it ranks what it is given. A code is compared without its punctuation ("4.NF.7" finds "4NF7" and
"CCSS.Math.4.NF.7"); words are compared folded (`foundation.search.folded`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from insignia.foundation.search import folded

Key = TypeVar("Key", bound=Hashable)

QUERY = 200
WORDS = 12
CLOSE = 75.0  # rapidfuzz ratio, 0 to 100: one wrong letter in a word of four passes, two do not
CLOSE_WORDS = 40
IN_LABEL = 8.0  # what a near word counts more in a short statement than in a long one
CLOSE_VOCABULARY = 50_000  # words compared; beyond, the rarest of a table of odd words are left out
CLOSE_ASKED = 4  # words of the query that are compared
SHORTEST_CLOSE = 4  # letters: shorter words have too many neighbours


class Match(IntEnum):
    """Why an item was found, best first."""

    CODE = 0  # this is its code
    CODE_PREFIX = 1  # its code begins so
    CODE_PART = 2  # a part of its code begins so
    WORDS = 3  # every word is in its text
    CLOSE = 4  # words nearly spelt so are


@dataclass(frozen=True)
class Entry(Generic[Key]):
    """One item as the search sees it: its code and short statement as written, and its whole text folded."""

    key: Key
    code: str
    text: str
    label: str = ""


@dataclass(frozen=True)
class Ranked(Generic[Key]):
    """One item found, and why."""

    key: Key
    match: Match


@dataclass(frozen=True)
class Query:
    """What somebody typed, cut to a size and folded."""

    code: str
    words: tuple[str, ...]
    coded: bool

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to look for."""
        return not (self.code or self.words)


def query_of(typed: str) -> Query:
    """Read what was typed. It may be a code if it has a digit, a separator, or is one short word."""
    text = folded(typed[:QUERY])
    words = tuple(dict.fromkeys(_words(text)))[:WORDS]
    coded = bool(re.search(r"\d|\w[._/:-]\w", text)) or " " not in text
    return Query(code_key(text) if coded else "", words, coded)


def code_key(code: str) -> str:
    """Fold a code to its letters and digits."""
    return "".join(character for character in folded(code) if character.isalnum())[:255]


def search_text(*texts: str) -> str:
    """Fold texts to what words are looked for in, the most telling first."""
    return folded(" ".join(text for text in texts if text))


def rank(query: Query, entries: Iterable[Entry[Key]]) -> list[Ranked[Key]]:
    """Rank those entries that the code or all words find, best first; equal ones keep their order."""
    found: list[tuple[tuple[float, ...], Ranked[Key]]] = []
    for entry in entries:
        score = _score(query, entry)
        if score is not None:
            found.append((score, Ranked(entry.key, Match(int(score[0])))))
    found.sort(key=lambda pair: pair[0])
    return [ranked for _score, ranked in found]


def rank_close(query: Query, entries: Sequence[Entry[Key]]) -> list[Ranked[Key]]:
    """Rank entries by words nearly spelt like the query's; every word needs a near one, best sum first."""
    if not query.words:
        return []
    split = [(entry, _words(entry.text)) for entry in entries]
    counted = Counter(word for _entry, words in split for word in words)
    vocabulary = sorted(word for word, _count in counted.most_common(CLOSE_VOCABULARY))
    near = [close_words(word, vocabulary) for word in query.words[:CLOSE_ASKED]]
    found = []
    for entry, words in split:
        present = dict.fromkeys(words, 0.0) | dict.fromkeys(_words(folded(entry.label)), IN_LABEL)
        best = [
            max((score + present[word] for word, score in close.items() if word in present), default=0.0)
            for close in near
        ]
        if all(best):
            found.append(((-sum(best), len(words)), Ranked(entry.key, Match.CLOSE)))
    found.sort(key=lambda pair: pair[0])
    return [ranked for _score, ranked in found]


def close_words(word: str, vocabulary: Sequence[str]) -> dict[str, float]:
    """Give the words of the vocabulary that are spelt nearly like this one, with how near (0 to 100)."""
    if len(word) < SHORTEST_CLOSE:
        return {word: 100.0} if word in vocabulary else {}
    nearest = process.extract(word, vocabulary, scorer=fuzz.ratio, score_cutoff=CLOSE, limit=CLOSE_WORDS)
    close = {other: float(score) for other, score, _index in nearest}
    # Somebody still typing: "comunic" is near the beginning of "communication".
    heads = {other: other[: len(word)] for other in vocabulary if len(other) > len(word) + 1}
    for other, score, key in process.extract(
        word, heads, scorer=fuzz.ratio, score_cutoff=CLOSE + 5, limit=CLOSE_WORDS
    ):
        del other
        close[key] = max(close.get(key, 0.0), float(score) - 5)
    return close


def _score(query: Query, entry: Entry[Key]) -> tuple[float, ...] | None:
    by_code = _code_score(query, entry)
    return by_code if by_code is not None else _word_score(query, entry)


def _code_score(query: Query, entry: Entry[Key]) -> tuple[float, ...] | None:
    key = code_key(entry.code)
    if not query.code or not key:
        return None
    if key == query.code:
        return (Match.CODE, 0)
    if key.startswith(query.code):
        return (Match.CODE_PREFIX, len(key))
    parts = [part for part in re.split(r"[\W_]+", folded(entry.code)) if part]
    if any("".join(parts[start:]).startswith(query.code) for start in range(1, len(parts))):
        return (Match.CODE_PART, len(key))
    return None


def _word_score(query: Query, entry: Entry[Key]) -> tuple[float, ...] | None:
    """Prefer words of the short statement, then whole words, then words near the beginning, then short texts."""
    if not query.words:
        return None
    label = _words(folded(entry.label))
    beside = not all(any(word.startswith(wanted) for word in label) for wanted in query.words)
    words = _words(entry.text)
    whole = 0
    first = len(words)
    for wanted in query.words:
        places = [place for place, word in enumerate(words) if word.startswith(wanted)]
        if not places and not any(wanted in word for word in words):
            return None
        whole += any(words[place] == wanted for place in places)
        first = min([first, *places])
    return (Match.WORDS, beside, -whole, first, len(words))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)
