"""Lint for one row of a compiled shape: which values may take their places without asking the general path.

Everything that lint and rehearsal would hold against a value, at its place or beside other values, is decided here,
once per shape, as patterns and comparisons. They may say no where the general path would say yes, never the other
way round: a row that they do not take is filled into the whole document, and the general path judges it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from insignia.vc.canon.pointers import text_at, tokens_of
from insignia.vc.canon.template import ADDRESS, PLAIN_TEXT
from insignia.vc.errors import MalformedCredential, ShapeUncompilable
from insignia.vc.model.moments import moment_read
from insignia.vc.model.shapes import EXTENSION, SHAPES, TERMS
from insignia.vc.status import BITSTRING_ENTRY
from insignia.vc.status.documents import INDEX

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject

Place: TypeAlias = int | str
"""Where a text comes from: a row's value by its number, or the specimen."""

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
        self._moments = [number for number, kind in enumerate(kinds) if kind == "moment"]
        self._validity = self._pair("/validFrom", "/validUntil")
        self._status = self._pair(*_status_places(specimen))
        ids = dict(_ids(specimen, ""))
        self._own = self._places.get("/id")
        self._other_slots = [self._places[place] for place in ids if place in self._places and place != "/id"]
        self._other_ids = frozenset(ids[place] for place in ids if place not in self._places and place != "/id")
        self._own_id = ids["/id"]

    def _pair(self, *pointers: str) -> tuple[Place, Place] | None:
        """Give two places whose values are compared, unless both are the specimen's."""
        if not pointers or not any(pointer in self._places for pointer in pointers):
            return None
        try:
            first, second = (self._places.get(name, text_at(self._specimen, name)) for name in pointers)
        except ShapeUncompilable:  # one of them is not there
            return None
        return first, second

    def plain(self, values: Sequence[str]) -> list[bytes] | None:
        """Give the values' bytes when JSON and N-Quads write all of them as they are, and all are in order."""
        row = _BETWEEN.join(values)
        if len(row) > LONGEST_ROW or not self._plain.fullmatch(row) or not self._agree(values):
            return None
        return row.encode().split(b"\x00")

    def allow(self, values: Sequence[str]) -> bool:
        """Say whether all values are in order, with any letters in their texts."""
        row = _BETWEEN.join(values)
        return len(row) <= LONGEST_ROW and self._any.fullmatch(row) is not None and self._agree(values)

    def _agree(self, values: Sequence[str]) -> bool:
        for number in self._moments:
            if moment_and_seconds(values[number]) is None:
                return False
        if self._validity is not None and not _in_order(*self._texts(self._validity, values)):
            return False
        if self._status is not None and len(set(self._texts(self._status, values))) == 1:
            return False
        return self._is_one_thing(values)

    @staticmethod
    def _texts(pair: tuple[Place, Place], values: Sequence[str]) -> tuple[str, str]:
        first, second = (values[place] if isinstance(place, int) else place for place in pair)
        return first, second

    def _is_one_thing(self, values: Sequence[str]) -> bool:
        """Say whether nothing else in the badge has its id: a second description of it could hide something."""
        own = self._own_id if self._own is None else values[self._own]
        if own in self._other_ids:
            return False
        for number in self._other_slots:
            if values[number] == own:
                return False
        return True


@lru_cache(maxsize=4_096)
def moment_and_seconds(text: str) -> tuple[datetime, bytes] | None:
    """Read a moment, and write its whole seconds since 1970 as tokens do; None when it is no moment."""
    try:
        found = moment_read(text)
    except MalformedCredential:
        return None
    return found, b"%d" % (found.timestamp() // 1)


def _in_order(start: str, end: str) -> bool:
    first, last = moment_and_seconds(start), moment_and_seconds(end)
    return first is not None and last is not None and first[0] <= last[0]


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
    start = next(
        place.removesuffix("/id")
        for place, name in ids.items()
        if name == wanted and _DECIDING.fullmatch(place) and "rubricCriterionLevel" not in place
    )
    levels = [name for place, name in ids.items() if place.startswith(f"{start}/rubricCriterionLevel/")]
    return "|".join(re.escape(level) for level in levels if re.fullmatch(ADDRESS, level))


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
