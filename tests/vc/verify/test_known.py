"""Known shapes change how soon a report comes, and never what it says."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.canon.pointers import text_at, with_texts
from insignia.vc.codec import serialize
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import VcError
from insignia.vc.issue import sign
from insignia.vc.limits import DEFAULT_LIMITS, Limits, parse_object
from insignia.vc.proofs import data_integrity
from insignia.vc.verify import KnownShapes, Policy, Verdict, known, verify
from tests.examples import examples
from tests.vc.credentials import AT, LOADER, METHOD, World, badge
from tests.vc.shapes import HOSTILE, SHAPES, compiled, rows

if TYPE_CHECKING:
    from insignia.vc.issue import PreparedCredential
    from insignia.vc.model.json import Json, JsonObject
    from insignia.vc.verify import Report, Sources

PRETTY = {"indent": 2, "ensure_ascii": False}


@cache
def world() -> World:
    found = World()
    found.publish()
    return found


@cache
def sources() -> Sources:
    return world().sources()


def signed(prepared: PreparedCredential) -> bytes:
    return sign(prepared, data_integrity=world().ed25519, jwt=world().p256).json_bytes


@cache
def signed_awards(name: str = "award", count: int = 6) -> list[bytes]:
    """Sign some awards of one shape, each with other texts."""
    specimen, slots = SHAPES[name]
    shape, found = compiled(name), []
    for number in range(count):
        row = [text_at(specimen, slot) for slot in slots]
        for place, slot in enumerate(slots):
            if slot.endswith(("/id", "Hash", "/salt", "/digestSRI")) and not slot.startswith("/credentialStatus"):
                row[place] += f"{number}a{place}"
        found.append(
            sign(shape.prepare(row, created=AT), data_integrity=world().ed25519, jwt=world().p256).json_bytes
        )
    return found


def learned(*raws: bytes) -> KnownShapes:
    """Meet documents by the general path."""
    shapes = KnownShapes(LOADER, DEFAULT_LIMITS)
    for raw in raws:
        shapes.learn(raw, parse_object(raw))
    return shapes


@cache
def award_shapes() -> KnownShapes:
    found = learned(*signed_awards())
    assert len(found._shapes) == 1
    return found


def reports(raw: bytes, shapes: KnownShapes) -> tuple[Report, Report]:
    """Judge the same bytes by the general path and with known shapes, which learn nothing new here."""
    given_sources = sources()
    frozen = Frozen(shapes)
    return verify(raw, at=AT, sources=given_sources), verify(
        raw, at=AT, sources=replace(given_sources, known_shapes=frozen)
    )


class Frozen(KnownShapes):
    """Known shapes that learn no more, so that each case meets the same ones."""

    def __init__(self, shapes: KnownShapes) -> None:
        super().__init__(shapes._loader, shapes._limits)
        self._shapes = shapes._shapes

    def learn(self, raw: bytes, document: JsonObject) -> None:
        """Learn nothing."""


def signed_again(document: JsonObject) -> bytes:
    """Sign a changed document as a stranger would, with no rules, or leave the old signature on it."""
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    proof = document.get("proof")
    options = dict(proof) if isinstance(proof, dict) else {}
    options.pop("proofValue", None)
    try:
        data = data_integrity.signing_input(unsigned, options, loader=LOADER)
    except VcError:
        return serialize(document)
    return serialize(data_integrity.attach(unsigned, options, world().ed25519.sign(data)))


def texts_of(value: object, pointer: str = "") -> list[str]:
    if isinstance(value, str):
        return [pointer]
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, member in members for found in texts_of(member, f"{pointer}/{name}")]


PLACES = texts_of(parse_object(signed_awards()[0]))


class TestLearning:
    def test_one_sight_teaches_nothing_two_do(self) -> None:
        first, second, third, *_ = signed_awards()
        assert learned(first).read(third) is None
        assert learned(first, second).read(third) is not None

    def test_says_what_the_signature_covers(self) -> None:
        raw = signed_awards()[4]
        found = award_shapes().read(raw)
        document = parse_object(raw)
        proof = data_integrity.parse(document.pop("proof"))
        assert found is not None
        assert found.signing_input == data_integrity.signing_input(document, proof.options, loader=LOADER)

    def test_the_same_document_again_is_known(self) -> None:
        raw = signed_awards()[0]
        assert learned(raw, raw).read(raw) is not None
        assert learned(raw, raw).read(signed_awards()[1]) is None

    def test_status_lists_are_known_as_well(self) -> None:
        mine, shapes = World(), KnownShapes(LOADER, DEFAULT_LIMITS)
        document = mine.publish()
        raw = mine.sign(badge()).json_bytes
        for _ in range(20):  # enough checks to pay for both shapes
            report = verify(raw, at=AT, sources=replace(mine.sources(), loader=LOADER, known_shapes=shapes))
            assert report.verdict is Verdict.VALID
        assert shapes.read(mine.lists.known[str(document["id"])]) is not None

    @pytest.mark.parametrize("name", ["award", "large"])
    def test_pretty_printed_documents_are_a_shape_of_their_own(self, name: str) -> None:
        written = [json.dumps(json.loads(raw), **PRETTY).encode() for raw in signed_awards(name)]  # type: ignore[arg-type]  # keyword arguments
        shapes = learned(*written)
        assert shapes.read(written[3]) is not None
        assert shapes.read(signed_awards(name)[3]) is None
        general, known_report = reports(written[3], shapes)
        assert general == known_report
        assert general.verdict is Verdict.VALID

    def test_other_contexts_or_limits_are_not_served(self) -> None:
        shapes = award_shapes()
        assert shapes.serve(LOADER, DEFAULT_LIMITS)
        assert not shapes.serve(ContextLoader(), DEFAULT_LIMITS)
        assert not shapes.serve(LOADER, Limits(quads=10))
        small = Policy(limits=Limits(quads=10))
        report = verify(signed_awards()[4], at=AT, sources=replace(sources(), known_shapes=shapes), policy=small)
        assert report == verify(signed_awards()[4], at=AT, sources=sources(), policy=small)
        assert report.verdict is Verdict.UNDETERMINED


class TestReports:
    @pytest.mark.parametrize("name", ["award", "large", "endless", "plain"])
    def test_are_the_same_for_good_documents(self, name: str) -> None:
        raws = signed_awards(name)
        shapes = learned(*raws)
        assert shapes.read(raws[4]) is not None
        general, with_shapes = reports(raws[4], shapes)
        assert general == with_shapes

    @examples(80)
    @given(place=st.sampled_from(PLACES), text=HOSTILE, again=st.booleans())
    def test_are_the_same_with_any_other_text_anywhere(self, place: str, text: str, *, again: bool) -> None:
        document = with_texts(parse_object(signed_awards()[4]), [place], [text])
        try:
            raw = signed_again(document) if again else serialize(document)
        except VcError:  # half a surrogate pair has no bytes
            return
        general, with_shapes = reports(raw, award_shapes())
        assert general == with_shapes

    @examples(60)
    @given(place=st.sampled_from(PLACES), other=st.sampled_from(PLACES), data=st.data())
    def test_are_the_same_when_two_places_say_one_thing(self, place: str, other: str, data: st.DataObject) -> None:
        document = parse_object(signed_awards()[4])
        changed = with_texts(document, [place], [text_at(document, other)])
        raw = signed_again(changed) if data.draw(st.booleans()) else serialize(changed)
        general, with_shapes = reports(raw, award_shapes())
        assert general == with_shapes

    @examples(80)
    @given(data=st.data())
    def test_are_the_same_with_any_other_byte(self, data: st.DataObject) -> None:
        raw = signed_awards()[4]
        place = data.draw(st.integers(0, len(raw) - 1))
        byte = data.draw(st.sampled_from(b'"\\{}[],: 0a\x00\x7f\xff\xc3'))
        changed = raw[:place] + bytes([byte]) + raw[place + data.draw(st.integers(0, 1)) :]
        general, with_shapes = reports(changed, award_shapes())
        assert general == with_shapes

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'"hashed":false', b'"hashed":0'),
            (b'"hashed":false', b'"hashed":true'),
            (b'"type":["Result"]', b'"type":"Result"'),
            (b'"identityType":"name"', b'"identityType":"name","identityType":"name"'),
            (b'"name":"Talk"', b'"name":{"@value":"Talk"}'),
            (b'"name":"Talk"', b'"name":"Talk","grade":"A+"'),
            (b'"name":"Talk"', b'"name":"T\\u0061lk"'),
            (b'"genre":"Video"', b'"genre":null'),
            (b'"tag":["science","speaking"]', b'"tag":["speaking","science"]'),
            (b"context-3.0.3.json", b"context-3.0.2.json"),
        ],
    )
    def test_are_the_same_when_something_else_differs(self, old: bytes, new: bytes) -> None:
        raw = signed_awards()[4]
        assert old in raw
        changed = raw.replace(old, new, 1)
        assert award_shapes().read(changed) is None
        general, with_shapes = reports(changed, award_shapes())
        assert general == with_shapes

    def test_a_signature_by_another_key_is_no_better_for_a_known_shape(self) -> None:
        document = parse_object(signed_awards()[4])
        proof = data_integrity.parse(document.pop("proof"))
        data = data_integrity.signing_input(document, proof.options, loader=LOADER)
        forged = serialize(data_integrity.attach(document, proof.options, World().ed25519.sign(data)))
        assert award_shapes().read(forged) is not None
        general, with_shapes = reports(forged, award_shapes())
        assert general == with_shapes
        assert with_shapes.verdict is Verdict.INVALID

    @examples(20)
    @given(row=rows("award"))
    def test_learned_while_judging_are_the_same(self, row: tuple[str, ...]) -> None:
        raw = sign(
            compiled_award().prepare(row, created=AT), data_integrity=world().ed25519, jwt=world().p256
        ).json_bytes
        general = verify(raw, at=AT, sources=sources())
        assert general == verify(raw, at=AT, sources=replace(sources(), known_shapes=growing()))
        assert general == verify(raw, at=AT, sources=replace(sources(), known_shapes=growing()))


compiled_award = cache(lambda: compiled("award"))
growing = cache(lambda: KnownShapes(LOADER, DEFAULT_LIMITS))


class TestStrangers:
    def kinds(self, count: int) -> list[bytes]:
        """Sign documents, each of a kind of its own."""
        found = []
        for number in range(count):
            pieces: list[Json] = [
                {"id": f"https://x.example/{n}", "type": ["Evidence"]} for n in range(number + 1)
            ]
            options = data_integrity.proof_options(verification_method=METHOD, created=AT)
            found.append(serialize(data_integrity.attach(badge() | {"evidence": pieces}, options, bytes(64))))
        return found

    def test_pay_for_each_shape_with_many_checks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tried: list[bytes] = []
        monkeypatch.setattr(KnownShapes, "_worked_out", lambda _self, raw, *_more: tried.append(raw))
        shapes = KnownShapes(LOADER, DEFAULT_LIMITS)
        for raw in self.kinds(20):
            for _ in range(2):
                shapes.learn(raw, parse_object(raw))
        # 40 checks, and the credit of the start
        assert len(tried) == 40 // known.CHECKS_PER_SHAPE + 1

    def test_cannot_fill_the_memory_nor_drive_out_what_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(known, "CHECKS_PER_SHAPE", 0)
        monkeypatch.setattr(known, "MOST_SHAPES", 4)
        monkeypatch.setattr(known, "MOST_SEEN_ONCE", 8)
        shapes = learned(*signed_awards()[:2])
        for raw in self.kinds(6):
            shapes.learn(raw, parse_object(raw))
            shapes.learn(raw, parse_object(raw))
            assert shapes.read(signed_awards()[3]) is not None
            assert len(shapes._shapes) <= 4
            assert len(shapes._once) <= 8

    def test_cannot_bar_a_kind_with_two_odd_documents(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(known, "CHECKS_PER_SHAPE", 0)
        first, second, third, *rest = (parse_object(raw) for raw in signed_awards())
        for odd in (second, third):
            odd["credentialSubject"]["id"] += "?odd"  # type: ignore[index,call-overload,operator]  # an object with an id
        shapes = learned(*map(serialize, (first, second, third)))
        assert shapes._shapes == ()
        for document in [*rest, first, *rest]:
            shapes.learn(serialize(document), document)
        assert shapes.read(signed_awards()[0]) is not None

    def test_cannot_save_checks_up_for_a_burst(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tried: list[bytes] = []
        monkeypatch.setattr(KnownShapes, "_worked_out", lambda _self, raw, *_more: tried.append(raw))
        shapes = KnownShapes(LOADER, DEFAULT_LIMITS)
        (quiet,) = self.kinds(1)
        for _day in range(1_000):
            shapes.learn(quiet, parse_object(quiet))
        tried.clear()
        for raw in self.kinds(9)[1:]:
            for _ in range(2):
                shapes.learn(raw, parse_object(raw))
        assert len(tried) <= 2

    def test_cannot_have_long_texts_repeated_again_and_again(self) -> None:
        long = "https://x.example/" + "a" * (known.MOST_BYTES * 2 // 3)
        texts: JsonObject = dict.fromkeys(("name", "description", "genre", "audience", "narrative"), "x")
        document = parse_object(signed_awards()[0]) | {"evidence": [{"id": long, "type": ["Evidence"], **texts}]}
        raw = signed_again(document)
        assert len(raw) < known.MOST_BYTES
        assert learned(raw, raw)._shapes == ()
        ordinary = signed_awards()
        shapes = learned(*ordinary[:2])
        stretched = parse_object(ordinary[2])
        stretched["id"] = long
        stretched_raw = signed_again(stretched)
        assert shapes.read(ordinary[2]) is not None
        assert shapes.read(stretched_raw) is None

    def test_are_not_read_when_too_large(self) -> None:
        raw = signed_awards()[0].replace(b'"name":"Talk"', b'"name":"' + b"x" * known.MOST_BYTES + b'"')
        assert learned(raw, raw)._shapes == ()

    def test_several_threads_may_share_them(self) -> None:
        shapes = KnownShapes(LOADER, DEFAULT_LIMITS)
        mine = replace(sources(), known_shapes=shapes)

        def judged(raw: bytes) -> Verdict:
            return verify(raw, at=AT, sources=mine).verdict

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(judged, signed_awards() * 4)) == {Verdict.VALID}
        assert shapes.read(signed_awards()[0]) is not None
