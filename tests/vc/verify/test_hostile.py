"""Arbitrary bytes and mutated badges: nothing escapes, and nothing that means something else is valid."""

from __future__ import annotations

import copy
import json
import time
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.codec import serialize
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import VcError
from insignia.vc.limits import parse_object
from insignia.vc.proofs import data_integrity
from insignia.vc.verify import CHECK_IDS, Outcome, Report, Verdict
from tests.examples import examples
from tests.vc.credentials import AT, METHOD, World, badge

if TYPE_CHECKING:
    from insignia.vc.issue import SignedCredential
    from insignia.vc.model.json import Json, JsonObject

KEYS: st.SearchStrategy[str] = st.sampled_from(
    [
        "@context",
        "@id",
        "@type",
        "@value",
        "@graph",
        "@reverse",
        "id",
        "type",
        "issuer",
        "credentialSubject",
        "achievement",
        "proof",
        "proofValue",
        "cryptosuite",
        "verificationMethod",
        "proofPurpose",
        "created",
        "previousProof",
        "validFrom",
        "validUntil",
        "credentialStatus",
        "statusListIndex",
        "evidence",
        "image",
        "endorsement",
        "name",
        "identifier",
    ]
) | st.text(max_size=5)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "VerifiableCredential",
            "OpenBadgeCredential",
            "DataIntegrityProof",
            "eddsa-rdfc-2022",
            "assertionMethod",
            "2026-05-14T10:00:00Z",
            "did:web:badges.example:issuers:1",
            "did:web:badges.example:issuers:1#ed25519",
            "BitstringStatusListEntry",
        ]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)


@cache
def world() -> World:
    found = World()
    found.publish()
    return found


@cache
def signed() -> SignedCredential:
    return world().sign(badge())


def require_report(report: Report) -> None:
    """Require that a report is whole: every check, a verdict that follows, JSON that can be printed."""
    assert set(CHECK_IDS) <= {result.check_id for result in report.checks}
    assert all(result.outcome is Outcome.PASSED or "code" in result.data for result in report.checks)
    json.dumps(report.to_json()).encode()


def canonical(document: JsonObject) -> bytes | None:
    """Give the meaning of a document, or None when it has none."""
    from insignia.vc.canon import rdfc_canonicalize

    try:
        return rdfc_canonicalize(document, loader=ContextLoader())
    except VcError:
        return None


class TestArbitraryInput:
    @examples(200)
    @given(st.binary(max_size=300))
    def test_bytes_give_a_report(self, raw: bytes) -> None:
        report = world().verify(raw)
        require_report(report)
        assert report.verdict is not Verdict.VALID

    @examples(150)
    @given(st.dictionaries(KEYS, JSON, max_size=8))
    def test_json_gives_a_report(self, document: JsonObject) -> None:
        report = world().verify(json.dumps(document).encode())
        require_report(report)
        assert report.verdict is not Verdict.VALID

    @examples(150)
    @given(st.text(max_size=100))
    def test_texts_as_token_give_a_report(self, text: str) -> None:
        report = world().verify_jwt(text)
        require_report(report)
        assert report.verdict is not Verdict.VALID

    @examples(150)
    @given(st.sampled_from([*sorted(badge()), "proof"]), JSON)
    def test_any_member_replaced_gives_a_report(self, member: str, value: Json) -> None:
        document = parse_object(signed().json_bytes)
        changed = document | {member: value}
        report = world().verify(json.dumps(changed).encode())
        require_report(report)
        if report.verdict is Verdict.VALID:
            assert canonical(changed) == canonical(document)

    @examples(80)
    @given(st.sampled_from(["id", "verificationMethod", "assertionMethod", "publicKeyMultibase"]), JSON)
    def test_any_status_list_gives_a_report(self, member: str, value: Json) -> None:
        mine = World(ed25519=world().ed25519, p256=world().p256)
        document = mine.publish()
        subject = document["credentialSubject"]
        assert isinstance(subject, dict)
        mine.lists.known = {
            url: json.dumps(document | {"credentialSubject": subject | {member: value}}).encode()
            for url in mine.lists.known
        }
        report = mine.verify(signed().json_bytes)
        require_report(report)
        assert report.check("status.revocation").outcome is not Outcome.PASSED


class TestOneChangedByte:
    @examples(200)
    @given(data=st.data())
    def test_a_changed_meaning_is_never_valid(self, data: st.DataObject) -> None:
        raw = signed().json_bytes
        place = data.draw(st.integers(0, len(raw) - 1), label="place")
        byte = data.draw(st.integers(0, 255).filter(lambda value: value != raw[place]), label="byte")
        changed = raw[:place] + bytes([byte]) + raw[place + 1 :]
        report = world().verify(changed)
        require_report(report)
        if report.verdict is Verdict.VALID:
            assert report.document is not None
            assert canonical(report.document) == canonical(parse_object(raw)), changed

    @examples(200)
    @given(data=st.data())
    def test_any_other_letter_of_a_token_is_never_valid(self, data: st.DataObject) -> None:
        token = signed().jwt
        place = data.draw(st.integers(0, len(token) - 1), label="place")
        letter = data.draw(
            st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.").filter(
                lambda value: value != token[place]
            ),
            label="letter",
        )
        report = world().verify_jwt(token[:place] + letter + token[place + 1 :])
        require_report(report)
        assert report.verdict is not Verdict.VALID


def nodes(value: Json) -> list[JsonObject]:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    found = [value] if isinstance(value, dict) else []
    return [*found, *(node for member in inner for node in nodes(member))]


class TestMutatedMeaning:
    @examples(150)
    @given(data=st.data())
    def test_a_badge_that_says_something_else_is_never_valid(self, data: st.DataObject) -> None:
        document = copy.deepcopy(parse_object(signed().json_bytes))
        before = canonical(document)
        node = data.draw(st.sampled_from(nodes(document)))
        member = data.draw(st.sampled_from(sorted(node)) if node else KEYS)
        kind = data.draw(st.sampled_from(["drop", "replace", "add", "move"]))
        if kind == "drop":
            node.pop(member, None)
        elif kind == "replace":
            node[member] = data.draw(JSON)
        elif kind == "add":
            node[data.draw(KEYS)] = data.draw(JSON)
        else:
            data.draw(st.sampled_from(nodes(document)))[member] = copy.deepcopy(node.get(member))
        report = world().verify(json.dumps(document).encode())
        require_report(report)
        if report.verdict is Verdict.VALID:
            assert canonical(document) == before, document


class TestExpensive:
    @pytest.mark.parametrize(
        "more",
        [
            {"tag": [str(number) for number in range(48_000)]},
            {"tag": [str(number) for number in range(1_001)]},
            {"alignment": [[["x"] * 15] * 15] * 45},
            {"related": [{"id": f"urn:x:{number}"} for number in range(6_000)]},
        ],
        ids=["very long array", "long array", "many values", "many objects"],
    )
    def test_is_refused_by_name_before_it_costs_anything(self, more: JsonObject) -> None:
        document = parse_object(signed().json_bytes)
        raw = serialize(document | more)
        started = time.process_time()
        report = world().verify(raw)
        assert time.process_time() - started < 1
        require_report(report)
        assert report.check("context").data["code"] == "graph-too-large"
        assert report.verdict is Verdict.UNDETERMINED

    def test_a_status_list_is_refused_the_same_way(self) -> None:
        mine = World(ed25519=world().ed25519, p256=world().p256)
        document = mine.publish() | {"tag": [str(number) for number in range(48_000)]}
        mine.lists.known = dict.fromkeys(mine.lists.known, serialize(document | {"proof": {}}))
        started = time.process_time()
        report = mine.verify(signed().json_bytes)
        assert time.process_time() - started < 1
        assert report.check("status.revocation").outcome is Outcome.UNDETERMINED


class TestBigAndDeep:
    @pytest.mark.parametrize(
        "document",
        [
            badge() | {"evidence": [{"type": ["Evidence"], "name": str(n)} for n in range(201)]},
            badge() | {"evidence": [{"type": ["Evidence"]} for _ in range(200)]},
            badge() | {"name": "x" * 900_000},
        ],
        ids=["many different", "many alike", "long"],
    )
    def test_is_judged_or_refused_by_name(self, document: JsonObject) -> None:
        options = data_integrity.proof_options(
            verification_method=METHOD,
            created=AT,
        )
        report = world().verify(serialize(data_integrity.attach(document, options, bytes(64))))
        require_report(report)
        assert report.verdict is not Verdict.VALID
