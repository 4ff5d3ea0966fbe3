"""Our own rules for what we sign, written from Open Badges 3.0 and VC Data Model 2.0.

Stricter than the specifications where a choice helps every reader: sets are arrays, nothing is null or empty,
the recipient has an id, results point at what the achievement describes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from insignia.vc.contexts import CREDENTIALS_V2
from insignia.vc.errors import LintRefused, MalformedCredential, StatusListMalformed
from insignia.vc.model.moments import moment_read
from insignia.vc.model.shapes import departures
from insignia.vc.status import BITSTRING_ENTRY, parse_entry

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject

OPEN_BADGES_CONTEXT = re.compile(
    r"https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.[0-9]\.[0-9])*\.json", re.ASCII
)


@dataclass(frozen=True)
class Finding:
    """One broken rule: JSON pointer of the place, a stable kebab code, a sentence."""

    pointer: str
    code: str
    message: str


def lint(document: JsonObject) -> tuple[Finding, ...]:
    """Name every rule that an unsigned badge breaks; an empty tuple means that it may be rehearsed."""
    shaped = [
        Finding(found.pointer, found.code, found.message)
        for found in departures(document, "AchievementCredential", tolerant=False)
    ]
    more = (*_contexts(document), *_nothing_empty(document), *_unsigned(document))
    # what follows reads the document as if its shape were right
    return (*shaped, *more) if shaped else (*more, *_dates(document), *_subject(document), *_status(document))


def lint_require(document: JsonObject) -> None:
    """Refuse a document that breaks a rule.

    Raises:
        LintRefused: it does; `data["findings"]` says where.
    """
    if found := lint(document):
        refuse(found)


def refuse(found: Sequence[Finding]) -> NoReturn:
    """Refuse for what was found.

    Raises:
        LintRefused: always.
    """
    first = found[0]
    raise LintRefused(f"The badge breaks a rule: {first.pointer} {first.message}", findings=tuple(found))


def _contexts(document: JsonObject) -> Iterator[Finding]:
    yield from _own_contexts(document, "")
    for pointer, name, member in _members(document, ""):
        if name == "endorsement":
            for position, inner in enumerate(_objects(member)):
                yield from _own_contexts(inner, f"{pointer}/{position}")


def _own_contexts(document: JsonObject, pointer: str) -> Iterator[Finding]:
    contexts, place = document.get("@context"), f"{pointer}/@context"
    if not isinstance(contexts, list) or contexts[:1] != [CREDENTIALS_V2]:
        yield Finding(place, "context", f"The contexts begin with {CREDENTIALS_V2}.")
    elif len(contexts) == 1 or not OPEN_BADGES_CONTEXT.fullmatch(str(contexts[1])):
        yield Finding(place, "context", "The second context is the one of Open Badges 3.0.")
    elif not all(isinstance(context, str) for context in contexts):
        yield Finding(place, "context", "A context is named by its address.")


def _members(value: Json, pointer: str) -> Iterator[tuple[str, str, Json]]:
    """Walk every member of every object and array: pointer, name, value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield f"{pointer}/{name}", str(name), member
        yield from _members(member, f"{pointer}/{name}")


def _nothing_empty(document: JsonObject) -> Iterator[Finding]:
    for pointer, _name, member in _members(document, ""):
        if member is None or member == [] or member == {}:
            yield Finding(pointer, "empty", "Nothing is null or empty; leave it out.")


def _unsigned(document: JsonObject) -> Iterator[Finding]:
    if "proof" in document:
        yield Finding("/proof", "proof", "A document to be signed carries no proof yet.")
    for pointer, name, _member in _members(document, ""):
        # Two bodies of one Open Badges context read this member differently: no signature holds under both.
        if name == "endorsementJwt":
            yield Finding(pointer, "endorsement-jwt", "A signed badge carries no endorsementJwt.")


def _dates(document: JsonObject) -> Iterator[Finding]:
    start, end = document.get("validFrom"), document.get("validUntil")
    try:
        if isinstance(start, str) and isinstance(end, str) and moment_read(end) < moment_read(start):
            yield Finding("/validUntil", "dates-reversed", "The validity ends before it begins.")
    except MalformedCredential as error:  # the shape named it already
        yield Finding("/validFrom", "moment", error.message)


def _subject(document: JsonObject) -> Iterator[Finding]:
    subject = document["credentialSubject"]
    if not isinstance(subject, dict):
        return
    if "id" not in subject:
        yield Finding("/credentialSubject/id", "subject-id", "The recipient has no id, which a token requires.")
    achievement = subject["achievement"]
    if isinstance(achievement, dict):
        yield from _achievement(achievement)
        yield from _results(subject, achievement)


def _achievement(achievement: JsonObject) -> Iterator[Finding]:
    pointer = "/credentialSubject/achievement"
    criteria, image = achievement["criteria"], achievement.get("image")
    if isinstance(criteria, dict) and not criteria.keys() & {"id", "narrative"}:
        yield Finding(f"{pointer}/criteria", "criteria", "The criteria say neither where nor what they are.")
    if isinstance(image, dict) and not str(image["id"]).startswith("https://"):
        yield Finding(f"{pointer}/image/id", "image", "The achievement's picture is an https address.")
    for position, description in enumerate(_objects(achievement.get("resultDescription"))):
        required = description.get("requiredLevel")
        if required is not None and required not in _level_ids(description):
            place = f"{pointer}/resultDescription/{position}/requiredLevel"
            yield Finding(place, "level-unknown", "The required level is none of the described levels.")


def _results(subject: JsonObject, achievement: JsonObject) -> Iterator[Finding]:
    described = {item["id"]: item for item in _objects(achievement.get("resultDescription"))}
    for position, result in enumerate(_objects(subject.get("result"))):
        pointer = f"/credentialSubject/result/{position}"
        name, level = result.get("resultDescription"), result.get("achievedLevel")
        if name is not None and name not in described:
            yield Finding(
                f"{pointer}/resultDescription", "result-unknown", "The achievement describes no such result."
            )
        elif level is not None and level not in _level_ids(described.get(name, {})):
            yield Finding(
                f"{pointer}/achievedLevel", "level-unknown", "The level is none of the described levels."
            )


def _objects(value: Json) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _level_ids(description: JsonObject) -> set[Json]:
    return {level["id"] for level in _objects(description.get("rubricCriterionLevel"))}


def _status(document: JsonObject) -> Iterator[Finding]:
    entry = document.get("credentialStatus")
    if not isinstance(entry, dict) or entry.get("type") != BITSTRING_ENTRY:
        return
    try:
        parse_entry(entry)
    except StatusListMalformed as error:
        yield Finding("/credentialStatus", "status", error.message)
