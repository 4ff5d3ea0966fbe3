"""Our own rules: what they say of broken badges, and that they are never laxer than the official schema."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from insignia.vc.issue import lint
from insignia.vc.limits import parse_object
from tests.examples import examples
from tests.shared_data import needs_shared, shared_bytes
from tests.vc.credentials import ACHIEVEMENT, badge, without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insignia.vc.model.json import Json, JsonObject

SCHEMA = "standards/schemas/ob_v3p0/ob_v3p0_achievementcredential_schema.json"


@cache
def official() -> jsonschema_rs.Draft201909Validator:
    return jsonschema_rs.Draft201909Validator(json.loads(shared_bytes(SCHEMA)), validate_formats=True)


def codes(document: JsonObject) -> set[tuple[str, str]]:
    return {(finding.pointer, finding.code) for finding in lint(document)}


def full() -> JsonObject:
    """Write a badge that uses every class and nearly every member of Open Badges 3.0."""
    document = badge()
    profile: JsonObject = {
        "id": "https://school.example/issuer",
        "type": ["Profile"],
        "name": "School",
        "url": "https://school.example/",
        "phone": "+1 555 0100",
        "email": "office@school.example",
        "image": {"id": "https://school.example/logo.png", "type": "Image", "caption": "Logo"},
        "address": {
            "type": ["Address"],
            "addressCountry": "Mexico",
            "addressLocality": "Oaxaca",
            "geo": {"type": "GeoCoordinates", "latitude": 17.06, "longitude": -96},
        },
        "otherIdentifier": [{"type": "IdentifierEntry", "identifier": "42", "identifierType": "ext:ministry"}],
        "official": "R. Director",
        "parentOrg": {"id": "https://district.example/", "type": ["Profile"], "dateOfBirth": "1999-12-31"},
    }
    endorsement: JsonObject = {
        "@context": document["@context"],
        "id": "urn:uuid:endorsement",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement",
        "issuer": "https://museum.example/",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": ACHIEVEMENT,
            "type": ["EndorsementSubject"],
            "endorsementComment": "We hire by it.",
        },
    }
    subject = document["credentialSubject"]
    assert isinstance(subject, dict)
    achievement = subject["achievement"]
    assert isinstance(achievement, dict)
    achievement |= {
        "creator": profile,
        "creditsAvailable": 2.5,
        "endorsement": [endorsement],
        "fieldOfStudy": "Science",
        "humanCode": "SC-4",
        "inLanguage": "es-MX",
        "otherIdentifier": [{"type": "IdentifierEntry", "identifier": "SC4", "identifierType": "identifier"}],
        "related": [{"id": f"{ACHIEVEMENT}0", "type": ["Related"], "inLanguage": "en", "version": "0"}],
        "specialization": "Astronomy",
    }
    subject |= {
        "activityStartDate": "2026-01-01T00:00:00Z",
        "activityEndDate": "2026-05-01T00:00:00Z",
        "creditsEarned": 2,
        "image": {"id": "https://school.example/medal.png", "type": "Image"},
        "licenseNumber": "1",
        "narrative": "She did it.",
        "role": "Speaker",
        "source": profile,
        "term": "Spring",
    }
    return document | {
        "issuer": profile,
        "description": "A badge.",
        "image": {"id": "https://badges.example/awards/1.png", "type": "Image"},
        "endorsement": [endorsement],
        "refreshService": {"id": "https://badges.example/refresh", "type": "1EdTechCredentialRefresh"},
        "termsOfUse": [{"id": "https://badges.example/terms", "type": "Terms"}],
    }


def places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


def holder_of(document: JsonObject, path: tuple[str | int, ...]) -> dict[str | int, Json] | list[Json]:
    holder: Json = document
    for name in path[:-1]:
        holder = holder[name]  # type: ignore[index]  # the path was taken from this document
    assert isinstance(holder, dict | list)
    return holder  # type: ignore[return-value]  # keys are texts or positions


STRANGE: st.SearchStrategy[Json] = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(-5, 5)
    | st.sampled_from(
        [
            "",
            "x",
            "ext:mine",
            "ext:",
            "Image",
            "Profile",
            "VerifiableCredential",
            "MicroCredential",
            "2026-05-14",
            "2026-05-14T10:00:00Z",
            "2026-05-14T10:00:00",
            "https://x.example/",
            "a.b.c",
            "en",
            "english language",
        ]
    )
    | st.sampled_from([[], {}, ["x"], [[]], [{}], {"type": "X"}, {"en": "x"}, [None]])
)


@st.composite
def mutated(draw: st.DrawFn) -> JsonObject:
    """Take the full badge and change, remove, wrap, unwrap or rename one to three of its places."""
    document = copy.deepcopy(full())
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(document))
        path = draw(st.sampled_from(found))
        holder, name = holder_of(document, path), path[-1]
        kind = draw(st.sampled_from(["replace", "remove", "wrap", "unwrap", "add", "rename"]))
        value = holder[name]  # type: ignore[index]  # the path was taken from this document
        if kind == "replace":
            holder[name] = copy.deepcopy(draw(STRANGE))  # type: ignore[index]  # as above
        elif kind == "wrap":
            holder[name] = [value]  # type: ignore[index]  # as above
        elif kind == "unwrap" and isinstance(value, list) and value:
            holder[name] = value[0]  # type: ignore[index]  # as above
        elif kind == "remove":
            del holder[name]  # type: ignore[arg-type]  # as above
        elif kind == "add" and isinstance(value, dict):
            value[draw(st.sampled_from(["extra", "id", "type", "name", "proof"]))] = draw(STRANGE)
        elif kind == "rename" and isinstance(holder, dict) and isinstance(name, str):
            holder[name + "x"] = holder.pop(name)
    return document


class TestGoodBadge:
    def test_has_no_findings(self) -> None:
        assert lint(badge()) == ()
        assert lint(full()) == ()

    @needs_shared
    def test_the_official_schema_agrees(self) -> None:
        official().validate(badge())
        official().validate(full())


class TestRules:
    @pytest.mark.parametrize("member", ["@context", "id", "type", "issuer", "validFrom", "credentialSubject"])
    def test_every_required_member_is_missed(self, member: str) -> None:
        assert any(finding.pointer.startswith(f"/{member}") for finding in lint(without(badge(), member)))

    @pytest.mark.parametrize(
        ("path", "value", "pointer", "code"),
        [
            (("validFrom",), "2026-05-14", "/validFrom", "moment"),
            (("validUntil",), "2020-01-01T00:00:00Z", "/validUntil", "dates-reversed"),
            (("evidence",), [], "/evidence", "empty"),
            (("name",), None, "/name", "empty"),
            (("evidence",), {"type": ["Evidence"]}, "/evidence", "set"),
            (("proof",), [{"type": "X"}], "/proof", "proof"),
            (("credentialStatus",), [{"type": "X"}], "/credentialStatus", "object"),
            (("endorsementJwt",), ["a.b.c"], "/endorsementJwt", "endorsement-jwt"),
            (("@context",), ["https://www.w3.org/ns/credentials/v2"], "/@context", "context"),
            (("issuer", "id"), "not an address", "/issuer/id", "iri"),
            (("credentialSubject", "type"), ["Profile"], "/credentialSubject/type", "type"),
        ],
    )
    def test_each_is_named_by_place_and_code(
        self, path: tuple[str, ...], value: Json, pointer: str, code: str
    ) -> None:
        document = badge()
        holder_of(document, path)[path[-1]] = value  # type: ignore[call-overload]  # a path of names
        assert (pointer, code) in codes(document)

    def test_a_result_points_at_what_the_achievement_describes(self) -> None:
        pointer = "/credentialSubject/result/0"
        for member, code in (("resultDescription", "result-unknown"), ("achievedLevel", "level-unknown")):
            document = badge()
            holder = holder_of(document, ("credentialSubject", "result", 0, member))
            holder[member] = "https://badges.example/nowhere#1"  # type: ignore[call-overload]  # a name
            assert codes(document) == {(f"{pointer}/{member}", code)}

    def test_a_required_level_is_one_of_the_described(self) -> None:
        document = badge()
        path = ("credentialSubject", "achievement", "resultDescription", 0, "requiredLevel")
        holder_of(document, path)["requiredLevel"] = "https://x.example/#1"  # type: ignore[call-overload]  # a name
        assert {code for _pointer, code in codes(document)} == {"level-unknown"}

    def test_the_recipient_has_an_id(self) -> None:
        assert codes(without(badge(), "credentialSubject", "id")) == {("/credentialSubject/id", "subject-id")}

    def test_criteria_say_something(self) -> None:
        document = without(badge(), "credentialSubject", "achievement", "criteria", "narrative")
        assert any(code in {"criteria", "empty"} for _pointer, code in codes(document))

    def test_the_picture_is_an_https_address(self) -> None:
        document = badge()
        path = ("credentialSubject", "achievement", "image", "id")
        holder_of(document, path)["id"] = "data:image/png;base64,AAAA"  # type: ignore[call-overload]  # a name
        assert ("/credentialSubject/achievement/image/id", "image") in codes(document)


@needs_shared
class TestAgainstTheOfficialSchema:
    @examples(600)
    @given(mutated())
    def test_what_the_schema_refuses_lint_refuses(self, document: JsonObject) -> None:
        assume(not official().is_valid(document))
        assert lint(document)

    def test_removing_wrapping_or_unwrapping_any_one_place(self) -> None:
        for path in places(full()):
            for kind in ("remove", "wrap", "unwrap", "null", "number"):
                document = copy.deepcopy(full())
                holder = holder_of(document, path)
                value = holder[path[-1]]  # type: ignore[index]  # the path was taken from this document
                if kind == "remove":
                    del holder[path[-1]]  # type: ignore[arg-type]  # as above
                elif kind == "wrap":
                    holder[path[-1]] = [value]  # type: ignore[index]  # as above
                elif kind == "unwrap":
                    holder[path[-1]] = value[0] if isinstance(value, list) else value  # type: ignore[index]  # as above
                else:
                    holder[path[-1]] = None if kind == "null" else 7  # type: ignore[index]  # as above
                assert official().is_valid(document) or lint(document), (path, kind)

    def test_the_published_examples_hold_to_the_tolerant_reading(self) -> None:
        from insignia.vc.model.shapes import departures

        for name in (
            "basicOpenBadgeCredential",
            "fullOpenBadge",
            "skillAssertionCase",
            "achievementAlignmentCase",
        ):
            document = parse_object(shared_bytes(f"standards/examples/ob_v3p0/{name}.json"))
            if official().is_valid(document):
                assert list(departures(document, "AchievementCredential", tolerant=True)) == [], name
