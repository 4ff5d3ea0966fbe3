"""Lint for one row of a compiled shape: which values may take their places without asking the general path.

Everything that lint and rehearsal would hold against a value, at its place or beside other values, is decided
here, once per shape, as patterns and comparisons. They may say no where the general path would say yes, never the
other way round: a row that they do not take is filled into the whole document, and the general path judges it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from insignia.vc.canon.pointers import text_at, tokens_of
from insignia.vc.canon.template import ADDRESS, PLAIN_TEXT
from insignia.vc.errors import MalformedCredential, ShapeUncompilable
from insignia.vc.model.moments import moment_read
from insignia.vc.model.shapes import EXTENSION, SHAPES, TERMS
from insignia.vc.status import BITSTRING_ENTRY
from insignia.vc.status.documents import INDEX

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject

VALIDITY = ("/validFrom", "/validUntil")
LONGEST_ROW = 65_536
"""Letters of all values together; more take the general path and its limits."""

_BETWEEN = "\x00"
_ANY_TEXT = r"[^\x00\ud800-\udfff]+"
_MOMENT = r"[0-9T:.+Z-]+"
_FREE = frozenset({"iri", "text", "any"})
_PICTURE = "/credentialSubject/achievement/image/id"
# What results and requirements are looked up by, and what a key is looked up by.
_DECIDING = re.compile(
    r"/issuer(/id)?|/credentialSubject/result/\d+/resultDescription|"
    r"/credentialSubject/achievement/resultDescription/\d+/(id|requiredLevel|rubricCriterionLevel/\d+/id)|"
    r"/credentialStatus/(?!id$|statusListIndex$|statusListCredential$|statusPurpose$).*|/proof/.*|(.*/)?type(/\d+)?"
)
_DESCRIBED = re.compile(r"/credentialSubject/achievement/resultDescription/\d+/id")
_LEVEL = re.compile(r"(/credentialSubject/result/\d+)/achievedLevel")


class RowRules:
    """What a row's values must be, each at its place and all together.

    Args:
        specimen: a badge of the shape that passed lint.
        slots: the places of the values.
        addresses: for each slot, whether its value is an address in the graph.

    Raises:
        ShapeUncompilable: at one of the places a value could change what the rules ask of others.
    """

    def __init__(self, specimen: JsonObject, slots: Sequence[str], addresses: Sequence[bool]) -> None:
        self._specimen = specimen
        self._places = {slot: number for number, slot in enumerate(slots)}
        kinds = [_kind(slot) for slot in slots]
        forms = list(zip(slots, kinds, addresses, strict=True))
        self._plain, self._any = (
            re.compile(_BETWEEN.join(f"(?:{_pattern(*form, specimen, text)})" for form in forms))
            for text in (PLAIN_TEXT, _ANY_TEXT)
        )
        moments = [slots[number] for number, kind in enumerate(kinds) if kind == "moment"]
        self._moments = [self._places[place] for place in moments if place not in VALIDITY]
        self._fixed: list[str] = []
        self._start, self._end = (self._place(place) for place in VALIDITY)
        self._status = tuple(self._place(place) for place in _status_places(specimen))
        self._own = self._place("/id")
        self._own_times = 1 if "/id" in self._places else 0
        ids = dict(_ids(specimen, ""))
        self._other_ids = frozenset(ids[place] for place in ids if place not in self._places and place != "/id")

    def _place(self, pointer: str) -> int:
        """Say which text stands at a place: one of a row's values, or a fixed one after them; none is empty."""
        if pointer in self._places:
            return self._places[pointer]
        try:
            text = text_at(self._specimen, pointer)
        except ShapeUncompilable:
            text = ""
        self._fixed.append(text)
        return len(self._places) + len(self._fixed) - 1

    def plain(self, values: Sequence[str]) -> list[bytes] | None:
        """Give the row's texts when JSON and N-Quads write all of them as they are, and all are in order.

        They are: each value, then the seconds of both ends of the validity.
        """
        row = _BETWEEN.join(values)
        if len(row) > LONGEST_ROW or not self._plain.fullmatch(row):
            return None
        seconds = self._agree(values)
        if seconds is None:
            return None
        texts = row.encode().split(b"\x00")
        texts += seconds
        return texts

    def written(self, values: Sequence[str]) -> list[bytes] | None:
        """Give the same with any letters in the texts, as JSON writes them."""
        row = _BETWEEN.join(values)
        if len(row) > LONGEST_ROW or not self._any.fullmatch(row):
            return None
        seconds = self._agree(values)
        if seconds is None:
            return None
        return [*(json.dumps(value, ensure_ascii=False)[1:-1].encode() for value in values), *seconds]

    def _agree(self, values: Sequence[str]) -> tuple[bytes, bytes] | None:
        """Give the seconds of both ends of the validity when all values are in order beside each other."""
        texts = [*values, *self._fixed]
        for number in self._moments:
            if not _is_moment(texts[number]):
                return None
        if self._status and texts[self._status[0]] == texts[self._status[1]]:
            return None
        own = texts[self._own]
        if own in self._other_ids or values.count(own) > self._own_times:
            return None  # a second description of the badge could hide something
        return _seconds(texts[self._start], texts[self._end])


@lru_cache(maxsize=4_096)
def _is_moment(text: str) -> bool:
    return _moment(text) is not None


@lru_cache(maxsize=4_096)
def _seconds(start: str, end: str) -> tuple[bytes, bytes] | None:
    """Write whole seconds since 1970 as tokens do; None when the moments are none, or the wrong way round."""
    first, last = _moment(start), _moment(end) if end else None
    if first is None or (end and (last is None or last < first)):
        return None
    return _whole(first), _whole(last) if last else b""


def _whole(moment: datetime) -> bytes:
    return b"%d" % (moment.timestamp() // 1)


def _moment(text: str) -> datetime | None:
    try:
        return moment_read(text)
    except MalformedCredential:
        return None


def _kind(pointer: str) -> str:
    """Say what kind of value Open Badges asks for at a place; `any` where it says nothing."""
    if _DECIDING.fullmatch(pointer):
        raise ShapeUncompilable(f"What stands at {pointer[:80]} decides what else is right.")
    kind, in_set = "AchievementCredential", False
    for token in tokens_of(pointer):
        if in_set:
            in_set = False
            continue
        member = SHAPES[kind].fields.get(token) if kind in SHAPES else None
        if member is None:
            return "any"
        kind, in_set = ("Profile" if member.kind == "ProfileRef" else member.kind), member.many
    return kind


def _pattern(pointer: str, kind: str, is_address: bool, specimen: JsonObject, text: str) -> str:  # noqa: FBT001  - a row of a table
    if kind not in _FREE and (is_address or (kind != "moment" and kind not in TERMS)):
        raise ShapeUncompilable(f"Values of the kind {kind} at {pointer[:80]} are not compiled.")
    if level := _LEVEL.fullmatch(pointer):
        return _levels(specimen, level[1])
    if pointer == "/credentialStatus/statusListIndex":
        return INDEX.pattern
    if pointer == _PICTURE:
        return f"(?=https://){ADDRESS}"
    if kind in TERMS:
        words, extensible = TERMS[kind]
        return "|".join([*map(re.escape, sorted(words)), *([EXTENSION.pattern] if extensible else [])])
    if kind == "moment":
        return _MOMENT
    return ADDRESS if is_address or kind == "iri" else text


def _levels(specimen: JsonObject, result: str) -> str:
    """Give the levels that the description of a result names."""
    wanted = text_at(specimen, f"{result}/resultDescription")
    ids = dict(_ids(specimen, ""))
    starts = [
        place.removesuffix("/id") for place, name in ids.items() if name == wanted and _DESCRIBED.fullmatch(place)
    ]
    if len(starts) != 1:
        raise ShapeUncompilable("Not one description has the id that a result names.")
    (start,) = starts
    levels = [name for place, name in ids.items() if place.startswith(f"{start}/rubricCriterionLevel/")]
    taken = [re.escape(level) for level in levels if re.fullmatch(ADDRESS, level)]
    if not taken:
        raise ShapeUncompilable("The description of a result names no levels.")
    return "|".join(taken)


def _status_places(specimen: JsonObject) -> tuple[str, ...]:
    entry = specimen.get("credentialStatus")
    if not isinstance(entry, dict) or entry.get("type") != BITSTRING_ENTRY:
        return ()
    return "/credentialStatus/id", "/credentialStatus/statusListCredential"


def _ids(value: Json, pointer: str) -> Iterator[tuple[str, str]]:
    """List every id in a document with its place."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "id" and isinstance(member, str):
                yield f"{pointer}/id", member
            yield from _ids(member, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _ids(member, f"{pointer}/{number}")
