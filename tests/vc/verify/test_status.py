"""Status: what the bit says, and every way in which a list says nothing. Nothing of the latter is ever PASSED."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from datetime import timedelta

import pytest

from insignia.vc.codec import serialize
from insignia.vc.errors import FetchTooLarge
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.limits import DEFAULT_LIMITS, Limits, parse_object
from insignia.vc.model.json import Json, JsonObject
from insignia.vc.status import StatusList, encode, parse_list, status_entry
from insignia.vc.verify import Outcome, Policy, Report, Verdict, verify
from insignia.vc.verify.checks import status
from tests.vc.credentials import AT, INDEX, ISSUER, LIST_URL, World, badge
from tests.vc.verify.test_verifier import sign_anything


@pytest.fixture
def world() -> World:
    found = World()
    found.publish()
    return found


def judged(world: World, document: JsonObject | None = None) -> Report:
    return world.verify(serialize(sign_anything(document or badge(), world.ed25519)))


def bomb() -> str:
    compressed = gzip.compress(bytes(DEFAULT_LIMITS.status_list_bytes + 1))
    return "u" + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode()


@pytest.mark.parametrize("size", [[1], {"id": "https://x.example/"}, 2, "2"])
def test_an_odd_size_of_an_entry_is_no_error_of_ours(world: World, size: Json) -> None:
    document = badge()
    document["credentialStatus"] = status_entry(list_url=LIST_URL, index=INDEX, purpose="revocation") | {
        "statusSize": size
    }
    assert judged(world, document).verdict is not Verdict.VALID


class TestManyEntries:
    def entries(self, count: int, *, lists: int = 1) -> Json:
        return [
            status_entry(list_url=LIST_URL + "x" * (number % lists), index=number, purpose="revocation")
            for number in range(count)
        ]

    def test_of_one_list_have_it_verified_once(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        parsed: list[JsonObject] = []

        def counted(document: JsonObject, limits: Limits) -> StatusList:
            parsed.append(document)
            return parse_list(document, limits)

        monkeypatch.setattr(status, "parse_list", counted)
        report = judged(world, badge() | {"credentialStatus": self.entries(20)})
        assert (report.verdict, len(parsed)) == (Verdict.VALID, 1)

    def test_are_judged_up_to_a_bound_and_beyond_it_say_nothing(self, world: World) -> None:
        report = judged(world, badge() | {"credentialStatus": self.entries(status.MOST_ENTRIES + 1)})
        assert report.check("status.revocation").data["code"] == "too-many-parts"
        assert report.verdict is Verdict.UNDETERMINED

    def test_of_many_lists_have_only_some_of_them_fetched(self, world: World) -> None:
        lists = status.MOST_LISTS + 1
        for number in range(lists):
            world.publish(url=LIST_URL + "x" * number)
        found = judged(world, badge() | {"credentialStatus": self.entries(lists, lists=lists)})
        assert found.check("status.revocation").data["code"] == "too-many-parts"
        found = judged(world, badge() | {"credentialStatus": self.entries(lists - 1, lists=lists - 1)})
        assert found.verdict is Verdict.VALID

    @pytest.mark.parametrize("name", [[], {}, ["x"], 5, True, None])
    def test_a_list_of_an_odd_name_is_no_error_of_ours(self, world: World, name: Json) -> None:
        world.lists.known[LIST_URL] = serialize(parse_object(world.lists.known[LIST_URL]) | {"id": name})
        assert judged(world).verdict is Verdict.UNDETERMINED


class TestBit:
    def test_a_clear_bit_passes(self, world: World) -> None:
        assert judged(world).check("status.revocation").outcome is Outcome.PASSED

    def test_a_set_bit_is_revoked_and_the_signature_still_holds(self, world: World) -> None:
        world.publish(INDEX)
        report = judged(world)
        assert report.check("status.revocation").data["code"] == "revoked"
        assert report.check("signature").outcome is Outcome.PASSED
        assert report.verdict is Verdict.INVALID

    def test_the_neighbours_bits_are_not_ours(self, world: World) -> None:
        neighbours = [index for index in range(INDEX - 16, INDEX + 17) if index != INDEX]
        world.publish(*neighbours)
        assert judged(world).verdict is Verdict.VALID

    @pytest.mark.parametrize("index", [0, 7, 8, 131_071])
    def test_every_place_of_the_list_counts(self, world: World, index: int) -> None:
        entry = status_entry(list_url=LIST_URL, index=index, purpose="revocation")
        assert judged(world, badge() | {"credentialStatus": entry}).verdict is Verdict.VALID
        world.publish(index)
        assert judged(world, badge() | {"credentialStatus": entry}).verdict is Verdict.INVALID

    @pytest.mark.parametrize(
        ("purpose", "code", "verdict"),
        [
            ("revocation", "revoked", Verdict.INVALID),
            ("suspension", "suspended", Verdict.INVALID),
            ("refresh", "superseded", Verdict.VALID),
        ],
    )
    def test_each_purpose_has_its_own_check(self, world: World, purpose: str, code: str, verdict: Verdict) -> None:
        url = f"https://badges.example/status/{purpose}"
        world.publish(INDEX, url=url, purpose=purpose)
        entry = status_entry(list_url=url, index=INDEX, purpose=purpose)
        report = judged(world, badge() | {"credentialStatus": entry})
        assert report.check(f"status.{purpose}").data["code"] == code
        assert report.verdict is verdict

    def test_several_entries_are_all_read_and_the_worst_counts(self, world: World) -> None:
        second = "https://badges.example/status/2"
        world.publish(INDEX, url=second)
        entries: list[Json] = [
            status_entry(list_url=url, index=INDEX, purpose="revocation") for url in (LIST_URL, second)
        ]
        assert judged(world, badge() | {"credentialStatus": entries}).verdict is Verdict.INVALID


class TestEntry:
    @pytest.mark.parametrize("index", ["abc", "-1", "", "1.5", "0x10", 7, None, "9" * 40])
    def test_an_index_that_is_none_is_never_passed(self, world: World, index: Json) -> None:
        entry = status_entry(list_url=LIST_URL, index=INDEX, purpose="revocation")
        if index is None:
            del entry["statusListIndex"]
        else:
            entry["statusListIndex"] = index
        report = judged(world, badge() | {"credentialStatus": entry})
        assert report.check("status.revocation").outcome is Outcome.FAILED
        assert world.lists.asked == []

    def test_an_index_past_the_end_is_never_passed(self, world: World) -> None:
        entry = status_entry(list_url=LIST_URL, index=131_072, purpose="revocation")
        report = judged(world, badge() | {"credentialStatus": entry})
        assert report.check("status.revocation").outcome is Outcome.UNDETERMINED
        assert report.verdict is Verdict.UNDETERMINED

    @pytest.mark.parametrize(
        ("entry", "check_id"),
        [
            (
                status_entry(list_url=LIST_URL, index=INDEX, purpose="revocation")
                | {"type": "StatusList2021Entry"},
                "status.revocation",
            ),
            ({"id": LIST_URL, "type": "1EdTechRevocationList"}, "status.revocation"),
            ({"id": LIST_URL, "type": "https://example.org/terms#Other"}, "status.other"),
        ],
    )
    def test_older_kinds_are_undetermined_by_name(self, world: World, entry: JsonObject, check_id: str) -> None:
        contexts = badge()["@context"]
        assert isinstance(contexts, list)
        more = ["https://w3id.org/vc/status-list/2021/v1"] if "statusPurpose" in entry else []
        report = judged(world, badge() | {"credentialStatus": entry, "@context": [*contexts, *more]})
        assert report.check(check_id).outcome is Outcome.UNDETERMINED
        assert str(entry["type"]) in report.check(check_id).message
        assert report.verdict is Verdict.UNDETERMINED

    def test_a_purpose_we_do_not_know_leaves_it_undetermined(self, world: World) -> None:
        entry = status_entry(list_url=LIST_URL, index=INDEX, purpose="popularity")
        report = judged(world, badge() | {"credentialStatus": entry})
        assert report.check("status.other").outcome is Outcome.UNDETERMINED
        assert report.verdict is Verdict.UNDETERMINED

    def test_messages_inform(self, world: World) -> None:
        entry = status_entry(list_url=LIST_URL, index=INDEX, purpose="message")
        report = judged(world, badge() | {"credentialStatus": entry})
        assert report.check("status.message").outcome is Outcome.UNDETERMINED
        assert report.verdict is Verdict.VALID


def unsigned(world: World) -> bytes:
    return serialize(world.publish())


def changed_after_signing(world: World) -> bytes:
    document = parse_object(world.lists.known[LIST_URL])
    subject = document["credentialSubject"]
    assert isinstance(subject, dict)
    subject["encodedList"] = encode(bytes(16_383) + b"\x01")
    return serialize(document)


def signed_by_a_stranger(world: World) -> bytes:
    return world.sign_list(world.publish(), LocalSigner.generate(Algorithm.ED25519))


def signed_by_a_strangers_did(world: World) -> bytes:
    stranger = LocalSigner.generate(Algorithm.ED25519)
    did = f"did:key:{stranger.public.multibase}"
    document = world.publish(issuer=did)
    return world.sign_list(document, stranger, f"{did}#{stranger.public.multibase}")


def published(**changes: object) -> Callable[[World], bytes]:
    def make(world: World) -> bytes:
        return world.sign_list(world.publish(**changes))  # type: ignore[arg-type]  # tests change any argument

    return make


BAD_LISTS: dict[str, Callable[[World], bytes]] = {
    "unsigned": unsigned,
    "changed": changed_after_signing,
    "stranger's key": signed_by_a_stranger,
    "stranger's own": signed_by_a_strangers_did,
    "other issuer": published(issuer="did:web:other.example"),
    "other purpose": published(purpose="suspension"),
    "other list": published(id="https://badges.example/status/9"),
    "expired": published(valid_until=AT - timedelta(seconds=1)),
    "not yet valid": published(valid_from=AT + timedelta(seconds=1)),
    "too short": published(encoded_list=encode(bytes(1000))),
    "no list": published(encoded_list="u"),
    "not multibase": published(encoded_list=encode(bytes(16_384))[1:]),
    "bomb": published(encoded_list=bomb()),
    "another credential": lambda world: serialize(sign_anything(badge(), world.ed25519)),
    "not json": lambda _world: b"<html>503</html>",
    "empty": lambda _world: b"",
    "null": lambda _world: b"null",
}


class TestList:
    @pytest.mark.parametrize("name", BAD_LISTS)
    def test_a_list_that_does_not_hold_says_nothing(self, world: World, name: str) -> None:
        raw = BAD_LISTS[name](world)
        world.lists.known = {LIST_URL: raw}
        report = judged(world)
        assert report.check("status.revocation").outcome is Outcome.UNDETERMINED, report
        assert report.check("status.revocation").data["code"]
        assert report.verdict is Verdict.UNDETERMINED

    def test_a_list_that_was_not_supplied_says_nothing(self, world: World) -> None:
        world.lists.known.clear()
        assert judged(world).check("status.revocation").data["code"] == "unreachable"

    def test_an_answer_that_was_too_much_says_nothing(self, world: World) -> None:
        class Flood:
            def fetch(self, url: str) -> bytes:
                raise FetchTooLarge(f"{url} answers without end.")

        raw = serialize(sign_anything(badge(), world.ed25519))
        sources = world.sources()
        flooded = type(sources)(sources.resolver, Flood(), sources.loader)
        report = verify(raw, at=AT, sources=flooded)
        assert report.check("status.revocation").data["code"] == "fetch-too-large"
        assert report.verdict is Verdict.UNDETERMINED

    def test_a_trusted_signer_may_keep_the_list(self, world: World) -> None:
        other = World()
        did = f"did:key:{other.ed25519.public.multibase}"
        document = world.publish(INDEX, issuer=did)
        world.lists.known[LIST_URL] = world.sign_list(
            document, other.ed25519, f"{did}#{other.ed25519.public.multibase}"
        )
        raw = serialize(sign_anything(badge(), world.ed25519))
        assert world.verify(raw).verdict is Verdict.UNDETERMINED
        policy = Policy(trusted_list_signers=frozenset({did}))
        assert world.verify(raw, policy=policy).check("status.revocation").data["code"] == "revoked"

    def test_the_list_is_fetched_once_for_an_entry(self, world: World) -> None:
        judged(world)
        assert world.lists.asked == [LIST_URL]
        assert ISSUER
