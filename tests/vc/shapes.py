"""Shapes of badges to compile, and rows to fill them with, ordinary and hostile; benchmarks use them too."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from insignia.vc.canon.pointers import text_at, with_texts
from insignia.vc.errors import LintRefused, VcError
from insignia.vc.issue import CredentialShape, PreparedCredential, prepare
from tests.vc.credentials import ACHIEVEMENT, AT, KID, LIST_URL, LOADER, METHOD, badge, without

if TYPE_CHECKING:
    from insignia.vc.model.json import JsonObject

AWARD_SLOTS = (
    "/id",
    "/validFrom",
    "/validUntil",
    "/awardedDate",
    "/credentialSubject/id",
    "/credentialSubject/identifier/0/identityHash",
    "/credentialSubject/result/0/achievedLevel",
    "/evidence/0/id",
    "/credentialStatus/id",
    "/credentialStatus/statusListIndex",
    "/credentialStatus/statusListCredential",
)
"""What changes from one award of a badge to the next."""


def large_badge() -> JsonObject:
    """Write a badge with three rated criteria, three pieces of evidence, a hashed address and fixed digests."""
    document = badge()
    subject = document["credentialSubject"]
    assert isinstance(subject, dict)
    achievement = subject["achievement"]
    assert isinstance(achievement, dict)
    names = ("clarity", "evidence", "answers")
    achievement["resultDescription"] = [
        {
            "id": f"{ACHIEVEMENT}#{name}",
            "type": ["ResultDescription"],
            "name": name.title(),
            "resultType": "RubricCriterionLevel",
            "rubricCriterionLevel": [
                {"id": f"{ACHIEVEMENT}#{name}-{level}", "type": ["RubricCriterionLevel"], "name": f"Level {level}"}
                for level in (1, 2, 3)
            ],
        }
        for name in names
    ]
    achievement["alignment"] = [
        {
            "type": ["Alignment"],
            "targetName": f"Item {number}",
            "targetUrl": f"https://frameworks.example/{number}",
        }
        for number in range(3)
    ]
    subject["result"] = [
        {
            "type": ["Result"],
            "resultDescription": f"{ACHIEVEMENT}#{name}",
            "achievedLevel": f"{ACHIEVEMENT}#{name}-{level}",
            "status": "Completed",
        }
        for name, level in zip(names, (3, 2, 1), strict=True)
    ]
    subject["identifier"] = [
        {"type": "IdentityObject", "hashed": False, "identityHash": "Itzel 木村", "identityType": "name"},
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": "sha256$" + "ab" * 32,
            "identityType": "emailAddress",
            "salt": "s4lt",
        },
    ]
    return document | {
        "evidence": [
            {
                "id": f"https://badges.example/awards/1/evidence/{number}",
                "type": ["Evidence"],
                "name": f"No. {number}",
            }
            for number in (1, 2, 3)
        ],
        "relatedResource": [
            {
                "id": f"https://badges.example/awards/1/evidence/1/{number}",
                "digestSRI": "sha256-RYgNfb7pC5m3aT0cTbxfSFsMQ0JgVJ6iYQyHPzHTKVE=",
                "mediaType": "image/png",
            }
            for number in (1, 2)
        ],
    }


LARGE_SLOTS = (
    *(slot for slot in AWARD_SLOTS if slot != "/evidence/0/id"),
    "/credentialSubject/result/1/achievedLevel",
    "/credentialSubject/result/2/achievedLevel",
    "/credentialSubject/identifier/1/identityHash",
    "/credentialSubject/identifier/1/salt",
    "/evidence/0/id",
    "/evidence/1/id",
    "/evidence/2/id",
    "/evidence/2/name",
    "/relatedResource/0/id",
    "/relatedResource/0/digestSRI",
    "/relatedResource/1/id",
)
SHAPES: dict[str, tuple[JsonObject, tuple[str, ...]]] = {
    "award": (badge(), AWARD_SLOTS),
    "large": (large_badge(), LARGE_SLOTS),
    "endless": (
        without(badge(), "validUntil"),
        tuple(slot for slot in AWARD_SLOTS if slot != "/validUntil"),
    ),
    "plain": (
        without(without(badge(), "evidence"), "credentialStatus"),
        ("/id", "/credentialSubject/id", "/name"),
    ),
    "texts": (
        badge(),
        ("/name", "/evidence/0/name", "/evidence/0/genre", "/credentialSubject/achievement/tag/0", "/issuer/name"),
    ),
    "pictured": (
        badge(),
        (
            "/credentialSubject/achievement/image/id",
            "/credentialSubject/achievement/image/caption",
            "/credentialSubject/achievement/achievementType",
            "/credentialSubject/achievement/alignment/0/targetUrl",
            "/credentialSubject/achievement/alignment/0/targetType",
            "/credentialStatus/statusPurpose",
        ),
    ),
}
"""Names of shapes, each with its specimen and slots."""


def compiled(name: str) -> CredentialShape:
    """Compile a shape by its name."""
    specimen, slots = SHAPES[name]
    return CredentialShape.compile(
        copy.deepcopy(specimen), slots, verification_method=METHOD, jwt_kid=KID, created=AT, loader=LOADER
    )


def by_general_path(name: str, values: Sequence[str]) -> PreparedCredential:
    """Prepare the filled document of a shape whole."""
    specimen, slots = SHAPES[name]
    filled = with_texts(specimen, slots, values)
    return prepare(filled, verification_method=METHOD, jwt_kid=KID, created=AT, loader=LOADER)


def agree(shape: CredentialShape, name: str, values: Sequence[str]) -> bool:
    """Say whether shape and general path give the same bytes for a row, or refuse it with the same error."""
    try:
        expected: PreparedCredential | tuple[str, object] = by_general_path(name, values)
    except VcError as error:
        expected = error.code, error.data.get("findings")
    try:
        found: PreparedCredential | tuple[str, object] = shape.prepare(values, created=AT)
    except VcError as error:
        found = error.code, error.data.get("findings")
    return found == expected and (
        not isinstance(found, PreparedCredential)
        or not isinstance(expected, PreparedCredential)
        or found.jwt_signing_input == expected.jwt_signing_input
    )


def refused(name: str, values: Sequence[str]) -> bool:
    """Say whether lint refuses a row."""
    try:
        by_general_path(name, values)
    except LintRefused:
        return True
    return False


def disagreements(name: str, *, count: int) -> list[tuple[str, ...]]:
    """Compare shape and general path on many rows, half of them hostile, and give those where they differ.

    The cases are the same each time. A benchmark asks for tens of thousands, which takes minutes.
    """
    shape, found = compiled(name), []

    @settings(max_examples=count, database=None, derandomize=True, deadline=None)
    @given(row=rows(name) | hostile_rows(name))
    def compare(row: tuple[str, ...]) -> None:
        if not agree(shape, name, row):
            found.append(row)

    compare()
    return found


_uuids = st.uuids().map(str)
_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)
_levels = st.integers(1, 3)
_seconds = st.integers(0, 10**9).map(
    lambda number: f"{2026 + number % 3}-0{1 + number % 9}-1{number % 10}T0{number % 10}:00:00Z"
)
_ORDINARY: dict[str, st.SearchStrategy[str]] = {
    "identityHash": _names,
    "statusListIndex": st.integers(0, 10**11).map(str),
    "statusListCredential": st.sampled_from([LIST_URL, "https://badges.example/status/2"]),
    "targetUrl": _uuids.map(lambda name: f"https://frameworks.example/{name}"),
    "targetType": st.sampled_from(["CFItem", "CFRubric", "ext:mine"]),
    "achievementType": st.sampled_from(["Badge", "ext:Own", "MicroCredential"]),
    "statusPurpose": st.sampled_from(["revocation", "suspension"]),
    "validFrom": _seconds,
    "awardedDate": _seconds,
    "validUntil": _seconds.map(lambda text: "203" + text[3:]),
}


def ordinary(slot: str) -> st.SearchStrategy[str]:
    """Make values that fit a place."""
    name = slot.rpartition("/")[2]
    if name == "achievedLevel":
        described = {"0": "clarity", "1": "evidence", "2": "answers"}[slot.split("/")[-2]]
        return _levels.map(lambda level: f"{ACHIEVEMENT}#{described}-{level}")
    if slot == "/credentialSubject/id":
        return _uuids.map(lambda value: f"urn:uuid:{value}")
    if name == "id":
        return _uuids.map(lambda value: f"https://badges.example{slot.rpartition('/')[0]}/{value}")
    return _ORDINARY.get(name, _names)


def rows(name: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Make rows of values that fit a shape."""
    return st.tuples(*(ordinary(slot) for slot in SHAPES[name][1]))


HOSTILE: st.SearchStrategy[str] = st.one_of(
    st.text(max_size=12),
    st.text('<>"\\ {}|^`%#?:/@_\n\r\t\x00\x7f\x85\u2028\ufeff\ufffe\uffff\ud800é木😀', max_size=8),
    st.sampled_from(
        [
            "",
            "x" * 5_000,
            "木" * 70_000,
            "_:b0",
            "id",
            "@type",
            "VerifiableCredential",
            "ext:mine",
            "schema:name",
            "sec:x",
            "urn:",
            "urn:uuid:",
            "urn:x:a#b#c",
            "did:web:x",
            "did:key:",
            "http://localhost:8000/awards/1",
            "https://x",
            "https://x/",
            "https://x:99999999/",
            "https://x/%zz",
            "https://x/é",
            "https://[::1]/",
            "HTTPS://X/",
            "https://x/ y",
            "relative://here/x",
            "2026-02-30T00:00:00Z",
            "2024-02-29T23:59:59.123456789+14:00",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2026-05-14T10:00:00",
            "2026-05-14T24:00:00Z",
            "2026-05-14T10:00:60Z",
            "007",
            "-1",
            "9" * 13,
            LIST_URL,
            ACHIEVEMENT,
            f"{ACHIEVEMENT}#clarity",
            f"{ACHIEVEMENT}#clarity-2",
            "https://badges.example/awards/1",
            "https://badges.example/awards/1/evidence/1",
            METHOD,
        ]
    ),
)


@st.composite
def hostile_rows(draw: st.DrawFn, name: str) -> tuple[str, ...]:
    """Make rows in which some values do not fit, or are those of other places."""
    specimen, slots = SHAPES[name]
    values = [text_at(specimen, slot) for slot in slots]
    for place in draw(st.sets(st.sampled_from(range(len(slots))), min_size=1, max_size=3)):
        kind = draw(st.sampled_from(["hostile", "hostile", "other", "fitting", "tail"]))
        if kind == "hostile":
            values[place] = draw(HOSTILE)
        elif kind == "other":
            values[place] = draw(st.sampled_from(values))
        elif kind == "tail":
            values[place] += draw(HOSTILE)
        else:
            values[place] = draw(ordinary(slots[place]))
    return tuple(values)
