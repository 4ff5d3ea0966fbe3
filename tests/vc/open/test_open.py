"""Any bytes to a report."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.bake import bake_png, bake_svg
from insignia.vc.bake.texts import write_text
from insignia.vc.errors import MalformedCredential, MalformedJson, StatusListMalformed, Unreachable, VcError
from insignia.vc.open import FetchedLists, SuppliedLists, judge, open_bytes
from insignia.vc.verify import CHECK_IDS, Outcome, Policy, Report, Verdict
from tests.vc.bake.pictures import PLAIN_SVG, png
from tests.vc.credentials import AT, INDEX, LIST_URL, World, badge

WORLD = World()
WORLD.publish()
SIGNED = WORLD.sign(badge())
TOKEN = SIGNED.jwt.encode()
SOURCES = WORLD.sources()
FORMS = {
    "json": SIGNED.json_bytes,
    "jwt": TOKEN,
    "png": bake_png(png(), SIGNED.json_bytes),
    "png with token": bake_png(png(), TOKEN),
    "svg": bake_svg(PLAIN_SVG, SIGNED.json_bytes),
    "svg with token": bake_svg(PLAIN_SVG, TOKEN),
}


def judged(raw: bytes, policy: Policy | None = None) -> Report:
    return judge(raw, at=AT, sources=SOURCES, policy=policy)


def soundness(report: Report) -> None:
    assert isinstance(report.verdict, Verdict)
    assert tuple(check.check_id for check in report.checks if check.check_id in CHECK_IDS) == CHECK_IDS
    json.dumps(report.to_json())


class TestOpenBytes:
    @pytest.mark.parametrize(("name", "raw"), FORMS.items(), ids=FORMS)
    def test_finds_the_credential_in_every_form(self, name: str, raw: bytes) -> None:
        opened = open_bytes(raw)
        assert opened.kind == name.split(" ")[0]
        assert opened.secured == (TOKEN if opened.form == "jwt" else SIGNED.json_bytes)

    @pytest.mark.parametrize("wrapped", [b"\xef\xbb\xbf%s", b"\n  %s\r\n", b"%s\n"])
    def test_tolerates_what_editors_add_around_it(self, wrapped: bytes) -> None:
        assert open_bytes(wrapped % SIGNED.json_bytes).secured == SIGNED.json_bytes
        assert open_bytes(wrapped % TOKEN).secured == TOKEN

    @pytest.mark.parametrize("raw", [b"", b" \n", b"https://badges.example/awards/1", b"a.b", b"\x00" * 40])
    def test_refuses_what_is_no_credential(self, raw: bytes) -> None:
        with pytest.raises(MalformedCredential):
            open_bytes(raw)


class TestJudge:
    @pytest.mark.parametrize("raw", FORMS.values(), ids=FORMS)
    def test_says_valid_of_the_same_badge_in_every_form(self, raw: bytes) -> None:
        report = judged(raw)
        assert report.verdict is Verdict.VALID
        assert report.credential.recipient == "Itzel 木村"
        soundness(report)

    @pytest.mark.parametrize("bake", [bake_png, bake_svg])
    def test_says_invalid_of_a_changed_badge_in_a_sound_picture(
        self, bake: Callable[[bytes, bytes], bytes]
    ) -> None:
        changed = SIGNED.json_bytes.replace(b"Clarity", b"Charity")
        report = judged(bake(png() if bake is bake_png else PLAIN_SVG, changed))
        assert report.verdict is Verdict.INVALID
        assert report.check("readable").outcome is Outcome.PASSED
        assert report.check("signature").outcome is Outcome.FAILED

    @pytest.mark.parametrize(
        ("raw", "outcome", "code"),
        [
            (b"", Outcome.FAILED, "credential-malformed"),
            (b"not a badge", Outcome.FAILED, "credential-malformed"),
            (b"{", Outcome.FAILED, "json-malformed"),
            (b"[]", Outcome.FAILED, "json-malformed"),
            (b'{"a":1,"a":2}', Outcome.FAILED, "json-duplicate-key"),
            (b"a.b.c", Outcome.FAILED, "jwt-malformed"),
            (png(), Outcome.FAILED, "image-credentials"),
            (png()[:50], Outcome.FAILED, "image-malformed"),
            (bake_png(png(), TOKEN)[:-30], Outcome.FAILED, "image-malformed"),
            (PLAIN_SVG, Outcome.FAILED, "image-credentials"),
            (b"<html></html>", Outcome.FAILED, "image-malformed"),
            (b'{"a":' + b"[" * 65 + b"]" * 65 + b"}", Outcome.UNDETERMINED, "json-too-deep"),
            (b" " * (20 * 2**20 + 1), Outcome.UNDETERMINED, "body-too-large"),
            (png(write_text(b"openbadges", b"{}")), Outcome.UNDETERMINED, "image-unsupported"),
            (b"\xff\xd8\xff\xe0 JFIF", Outcome.UNDETERMINED, "image-unsupported"),
            (b"%PDF-1.7", Outcome.UNDETERMINED, "image-unsupported"),
            (TOKEN + b"~WyJzIl0~", Outcome.UNDETERMINED, "proof-unsupported"),
        ],
    )
    def test_reports_what_it_cannot_read(self, raw: bytes, outcome: Outcome, code: str) -> None:
        report = judged(raw)
        readable = report.check("readable")
        assert (readable.outcome, readable.data["code"]) == (outcome, code)
        assert report.verdict is (Verdict.INVALID if outcome is Outcome.FAILED else Verdict.UNDETERMINED)
        assert report.credential.id is None
        soundness(report)

    @given(st.binary(max_size=300))
    def test_gives_a_verdict_for_any_bytes(self, raw: bytes) -> None:
        soundness(judged(raw))

    @given(st.sampled_from(sorted(FORMS)), st.integers(0, 6000), st.binary(max_size=4))
    def test_gives_a_verdict_for_any_damage_and_never_a_wrong_one(self, form: str, at: int, noise: bytes) -> None:
        raw = FORMS[form]
        at %= len(raw)
        damaged = raw[:at] + noise + raw[at + len(noise) :]
        report = judged(damaged)
        soundness(report)
        if report.verdict is Verdict.VALID and "svg" not in form:
            assert _meaning(damaged) == _meaning(raw)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.sampled_from(sorted(badge())) | st.text(max_size=8), inner, max_size=6)
            ),
            max_leaves=25,
        )
    )
    def test_gives_a_verdict_for_any_json(self, value: object) -> None:
        soundness(judged(json.dumps(value).encode()))

    @given(
        st.sampled_from(sorted(badge())), st.sampled_from([None, 7, "x", [], {}, [None], [{}], {"id": 3}, [["a"]]])
    )
    def test_gives_a_verdict_when_any_member_is_something_else(self, name: str, value: object) -> None:
        document = json.loads(SIGNED.json_bytes)
        document[name] = value
        report = judged(json.dumps(document).encode())
        soundness(report)
        assert report.verdict is not Verdict.VALID


def _meaning(raw: bytes) -> object:
    try:
        opened = open_bytes(raw)
        return opened.secured if opened.form == "jwt" else json.loads(opened.secured)
    except (VcError, ValueError):
        return raw


class TestSuppliedLists:
    def test_answers_with_the_list_that_has_this_id(self) -> None:
        lists = SuppliedLists([b'{"id":"https://a.example/1"}', b'{"id":"https://a.example/2","x":1}'])
        assert lists.fetch("https://a.example/2") == b'{"id":"https://a.example/2","x":1}'

    def test_says_which_one_was_not_supplied(self) -> None:
        with pytest.raises(Unreachable, match=r"a\.example/3"):
            SuppliedLists([b'{"id":"https://a.example/1"}']).fetch("https://a.example/3")

    def test_asks_elsewhere_for_what_was_not_supplied(self) -> None:
        asked: list[tuple[str, str]] = []

        def fetch(url: str, accept: str) -> bytes:
            asked.append((url, accept))
            return b"{}"

        lists = SuppliedLists([b'{"id":"https://a.example/1"}'], otherwise=FetchedLists(fetch))
        lists.fetch("https://a.example/1")
        assert lists.fetch("https://a.example/3") == b"{}"
        assert [url for url, _accept in asked] == ["https://a.example/3"]

    def test_takes_the_only_list_without_id_for_the_one_that_is_meant(self) -> None:
        nameless = {**WORLD.publish(INDEX)}
        WORLD.publish()
        nameless.pop("id")
        signed = WORLD.sign_list(nameless)
        assert SuppliedLists([signed]).fetch(LIST_URL) == signed
        with pytest.raises(Unreachable):
            SuppliedLists([signed, signed]).fetch(LIST_URL)

    def test_refuses_two_lists_with_one_id(self) -> None:
        with pytest.raises(StatusListMalformed):
            SuppliedLists([b'{"id":"https://a.example/1"}', b'{"id":"https://a.example/1","x":1}'])

    def test_refuses_what_is_not_json(self) -> None:
        with pytest.raises(MalformedJson):
            SuppliedLists([b"list"])
