"""Compiled shapes against the general path, which is the law."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier

from insignia.vc.canon.pointers import text_at
from insignia.vc.codec import serialize
from insignia.vc.errors import LintRefused, SignedBytesMismatch, VcError
from insignia.vc.issue import CredentialShape, ShapeUncompilable, check_signed, sign
from insignia.vc.limits import parse_object
from insignia.vc.verify import Verdict
from tests.examples import examples
from tests.vc.credentials import ACHIEVEMENT, AT, ISSUER, KID, LOADER, METHOD, World, badge, without
from tests.vc.issue.test_openbadgeslib import public_pem
from tests.vc.shapes import AWARD_SLOTS, SHAPES, agree, by_general_path, compiled, hostile_rows, refused, rows

if TYPE_CHECKING:
    from insignia.vc.issue import PreparedCredential
    from insignia.vc.model.json import Json, JsonObject

shape_of = cache(compiled)
NAMES = pytest.mark.parametrize("name", SHAPES)


def specimen_row(name: str = "award") -> list[str]:
    specimen, slots = SHAPES[name]
    return [text_at(specimen, slot) for slot in slots]


def row_with(**changes: str) -> list[str]:
    """Give the specimen's own row with other values at slots that end in these names."""
    row = specimen_row()
    for name, value in changes.items():
        row[next(place for place, slot in enumerate(AWARD_SLOTS) if slot.endswith(name.replace("__", "/")))] = (
            value
        )
    return row


def general_calls(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Count how often a shape asks the general path."""
    calls: list[object] = []
    original = CredentialShape._by_general_path

    def counted(self: CredentialShape, *arguments: object) -> PreparedCredential:
        calls.append(arguments)
        return original(self, *arguments)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(CredentialShape, "_by_general_path", counted)
    return calls


class TestAgainstTheGeneralPath:
    @NAMES
    @examples(20)
    @given(data=st.data())
    def test_fitting_rows_give_the_same_bytes(self, name: str, data: st.DataObject) -> None:
        assert agree(shape_of(name), name, data.draw(rows(name)))

    @NAMES
    @examples(30)
    @given(data=st.data())
    def test_hostile_rows_give_the_same_bytes_or_the_same_refusal(self, name: str, data: st.DataObject) -> None:
        assert agree(shape_of(name), name, data.draw(hostile_rows(name)))

    @examples(40)
    @given(row=rows("large"))
    def test_fitting_rows_do_not_need_it(self, row: tuple[str, ...]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            calls = general_calls(patch)
            shape_of("large").prepare(row, created=AT)
            assert calls == []

    @pytest.mark.parametrize(
        "text",
        [
            'a "quoted" name',
            "line\nbreak",
            "tab\there",
            "back\\slash",
            "100% of %b and %s",
            "\x01\x1f\x7f",
            "\ufffe\uffff",
            "木村 😀",
            "x" * 3_000,
        ],
    )
    def test_any_text_is_written_as_both_formats_ask(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        calls = general_calls(monkeypatch)
        assert agree(shape_of("award"), "award", row_with(identityHash=text))
        assert calls == []

    def test_fixed_text_may_look_like_a_place_to_fill(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Percent signs are how the quick way marks its places."""
        document = badge()
        subject = document["credentialSubject"]
        assert isinstance(subject, dict)
        subject["narrative"] = "All of it: 100%, 5 %b, %%, %(name)s."
        monkeypatch.setitem(SHAPES, "percent", (document, AWARD_SLOTS))
        calls = general_calls(monkeypatch)
        shape = compiled("percent")
        assert agree(shape, "percent", row_with(identityHash="%b"))
        assert calls == []


class TestWhatOnlyTheGeneralPathJudges:
    @pytest.mark.parametrize(
        "changes",
        [
            {"evidence__0__id": "urn:uuid:0b0f9a52-0d2b-4f0a-9a54-0d0a5cf8bb10"},  # two things become one
            {"evidence__0__id": f"{ACHIEVEMENT}#clarity-1"},
            {"id": ACHIEVEMENT},
            {"id": "https://badges.example/evidence/1", "evidence__0__id": "https://badges.example/evidence/1"},
            {"credentialSubject__id": "https://badges.example/é"},
            {"credentialSubject__id": "mailto:itzel@school.example"},
            {"credentialSubject__id": "https://x/%41"},
            {"identityHash": "x" * 70_000},
        ],
    )
    def test_is_handed_to_it(self, changes: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        row = row_with(**changes)
        calls = general_calls(monkeypatch)
        assert agree(shape_of("award"), "award", row)
        assert len(calls) == 1

    def test_a_row_that_makes_the_token_too_long_is_handed_to_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        long = badge()
        long["credentialSubject"]["achievement"]["description"] = "d" * 700_000  # type: ignore[index,call-overload]  # an object
        slot = "/credentialSubject/identifier/0/identityHash"
        monkeypatch.setitem(SHAPES, "long", (long, (slot,)))
        calls = general_calls(monkeypatch)
        assert agree(compiled("long"), "long", ["木" * 60_000])
        assert len(calls) == 1

    def test_two_blank_nodes_that_become_alike_are_handed_to_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        document = badge()
        subject = document["credentialSubject"]
        assert isinstance(subject, dict)
        subject["identifier"] = [
            {"type": "IdentityObject", "hashed": False, "identityHash": text, "identityType": "name"}
            for text in ("Itzel", "Mai")
        ]
        slots = [f"/credentialSubject/identifier/{number}/identityHash" for number in (0, 1)]
        monkeypatch.setitem(SHAPES, "twins", (document, tuple(slots)))
        shape = compiled("twins")
        calls = general_calls(monkeypatch)
        assert agree(shape, "twins", ["Itzel", "Itzel"])
        assert len(calls) == 1
        assert agree(shape, "twins", ["Mai", "Itzel"])
        assert len(calls) == 1


class TestRules:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"validUntil": "2026-05-14T08:59:59Z"}, "dates-reversed"),
            ({"validFrom": "2026-02-30T00:00:00Z"}, "moment"),
            ({"achievedLevel": f"{ACHIEVEMENT}#clarity-4"}, "level-unknown"),
            ({"achievedLevel": f"{ACHIEVEMENT}#clarity"}, "level-unknown"),
            ({"statusListIndex": "01"}, "status"),
            ({"credentialStatus__id": "https://badges.example/status/1"}, "status"),
            ({"identityHash": ""}, "text"),
            ({"credentialSubject__id": "no address"}, "iri"),
            ({"evidence__0__id": "https://badges.example/awards/1"}, "terms"),
        ],
    )
    def test_each_refuses_a_row_by_name(self, changes: dict[str, str], code: str) -> None:
        assert refused("award", row_with(**changes))
        with pytest.raises(LintRefused) as caught:
            shape_of("award").prepare(row_with(**changes), created=AT)
        assert caught.value.data["findings"][0].code == code

    @pytest.mark.parametrize("text", ["half \ud800", "nothing \x00"])
    def test_what_no_graph_can_hold_is_an_error_of_ours(self, text: str) -> None:
        with pytest.raises(VcError):
            shape_of("award").prepare(row_with(identityHash=text), created=AT)

    def test_a_row_has_a_value_for_each_slot(self) -> None:
        with pytest.raises(ValueError, match="11 slots"):
            shape_of("award").prepare(specimen_row()[1:], created=AT)


class TestCompile:
    def compile(self, specimen: JsonObject, *slots: str) -> CredentialShape:
        return CredentialShape.compile(
            specimen, slots, verification_method=METHOD, jwt_kid=KID, created=AT, loader=LOADER
        )

    @pytest.mark.parametrize(
        "slot",
        [
            "/@context/1",
            "/type/1",
            "/evidence/0/type/0",
            "/credentialStatus/type",
            "/issuer/id",
            "/credentialSubject/result/0/resultDescription",
            "/credentialSubject/achievement/resultDescription/0/id",
            "/credentialSubject/achievement/resultDescription/0/requiredLevel",
            "/credentialSubject/achievement/resultDescription/0/rubricCriterionLevel/0/id",
            "/credentialSubject/identifier/0/hashed",
            "/evidence/1/id",
            "/evidence",
            "/nowhere",
            "",
            "id",
        ],
    )
    def test_refuses_a_slot_that_changes_more_than_its_place(self, slot: str) -> None:
        with pytest.raises(ShapeUncompilable):
            self.compile(badge(), slot)

    def test_refuses_a_place_named_twice(self) -> None:
        with pytest.raises(ShapeUncompilable):
            self.compile(badge(), "/id", "/id")

    def test_refuses_two_blank_nodes_that_are_alike(self) -> None:
        document = badge()
        document["termsOfUse"] = [{"type": "Terms"}, {"type": "Terms"}]
        document["@context"] = [*document["@context"], "https://www.w3.org/ns/cid/v1"]  # type: ignore[misc]  # a list
        with pytest.raises((ShapeUncompilable, VcError)):
            self.compile(document, "/id")

    def described(self, **changes: str) -> JsonObject:
        """Give a badge whose result is described under another id."""
        document: Any = badge()
        document["credentialSubject"]["achievement"]["resultDescription"][0].update(changes)
        document["credentialSubject"]["result"][0]["resultDescription"] = changes["id"]
        return cast("JsonObject", document)

    def test_refuses_a_level_when_two_descriptions_have_one_id(self) -> None:
        document: Any = self.described(id=f"{ACHIEVEMENT}#twice")
        other = {
            "id": f"{ACHIEVEMENT}#twice",
            "type": ["ResultDescription"],
            "name": "Other",
            "resultType": "Result",
        }
        document["credentialSubject"]["achievement"]["resultDescription"].insert(0, other)
        with pytest.raises((ShapeUncompilable, LintRefused)):
            self.compile(document, "/credentialSubject/result/0/achievedLevel")

    def test_takes_no_empty_level_where_something_else_has_the_descriptions_id(self) -> None:
        shape = self.compile(self.described(id=ISSUER), "/credentialSubject/result/0/achievedLevel")
        with pytest.raises(VcError):
            shape.prepare([""], created=AT)

    def test_refuses_a_specimen_that_breaks_a_rule(self) -> None:
        with pytest.raises(LintRefused):
            self.compile(without(badge(), "issuer"), "/id")

    def test_only_it_makes_a_shape(self) -> None:
        with pytest.raises(TypeError):
            CredentialShape(shape_of("award")._recipe, LOADER, object())


class TestStored:
    def test_comes_back_as_it_was(self) -> None:
        again = CredentialShape.from_stored(shape_of("large").stored())
        assert again.stored() == shape_of("large").stored()
        row = specimen_row("large")
        assert again.prepare(row, created=AT) == by_general_path("large", row)

    def test_any_change_is_noticed(self) -> None:
        whole = parse_object(shape_of("award").stored())
        shape = whole["shape"]
        assert isinstance(shape, dict)
        changed: Json
        for changed in (shape | {"jwt_kid": "other"}, shape | {"graph": []}, []):
            with pytest.raises(SignedBytesMismatch):
                CredentialShape.from_stored(serialize({**whole, "shape": changed}))

    @given(st.binary(max_size=200))
    def test_nothing_but_our_own_error_escapes(self, raw: bytes) -> None:
        with pytest.raises(VcError):
            CredentialShape.from_stored(raw)


class TestSigned:
    @NAMES
    def test_both_forms_are_valid_for_us_and_for_another_library(self, name: str) -> None:
        world = World()
        world.publish()
        specimen, slots = SHAPES[name]
        row = [
            "2020-01-01T00:00:00Z" if slot == "/validFrom" else value
            for slot, value in zip(slots, specimen_row(name), strict=True)
        ]
        prepared = shape_of(name).prepare(row, created=AT)
        signed = sign(prepared, data_integrity=world.ed25519, jwt=world.p256)
        check_signed(signed, prepared, data_integrity_key=world.ed25519.public, jwt_key=world.p256.public)
        assert world.verify(signed.json_bytes).verdict in {Verdict.VALID, Verdict.UNDETERMINED}
        assert world.verify(signed.json_bytes).check("signature").outcome == "PASSED"
        assert world.verify_jwt(signed.jwt).check("signature").outcome == "PASSED"
        if "/validFrom" in slots and "validUntil" in specimen:  # theirs compares with the clock
            return
        if "/validFrom" in slots:
            assert OB3LdpVerifier(public_pem(world.ed25519)).verify(signed.json_bytes).id == specimen["id"]
            assert OB3Verifier(public_pem(world.p256)).verify(signed.jwt).id == specimen["id"]

    def test_a_signature_that_begins_with_a_zero_byte_is_written_whole(self) -> None:
        prepared = shape_of("award").prepare(specimen_row(), created=AT)
        value = json.loads(prepared.with_proof(b"\x00" + b"\xff" * 63))["proof"]["proofValue"]
        assert value.startswith("z1")
        assert parse_object(prepared.with_proof(b"\x00" * 64))["proof"]["proofValue"] == "z" + "1" * 64  # type: ignore[index,call-overload]  # a proof

    def test_the_token_says_the_same_as_the_document(self) -> None:
        prepared = shape_of("award").prepare(row_with(identityHash="Zoë"), created=AT)
        body = prepared.jwt_signing_input.split(b".")[1]
        payload = json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
        for name in ("iss", "jti", "nbf", "sub", "exp"):
            payload.pop(name)
        assert serialize(payload) == prepared.document_bytes
