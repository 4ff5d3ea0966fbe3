"""Rehearsal, signature, and the second look at it."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.codec import serialize
from insignia.vc.errors import KeyUnsupported, LintRefused, SignedBytesMismatch, TermsDropped, VcError
from insignia.vc.issue import PreparedCredential, SignedCredential, check_signed, prepare, sign, sign_status_list
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.limits import parse_object
from insignia.vc.model.json import JsonObject
from insignia.vc.proofs import data_integrity
from insignia.vc.verify import Verdict
from tests.examples import examples
from tests.vc.credentials import AT, KID, LOADER, METHOD, World, badge, without


def prepared(document: JsonObject | None = None, **changes: str) -> PreparedCredential:
    return prepare(
        document or badge(),
        verification_method=changes.get("verification_method", METHOD),
        jwt_kid=changes.get("jwt_kid", KID),
        created=AT,
        loader=LOADER,
        jwt_algorithm=changes.get("jwt_algorithm", "ES256"),
    )


@pytest.fixture(scope="module")
def world() -> World:
    found = World()
    found.publish()
    return found


@pytest.fixture(scope="module")
def ready() -> PreparedCredential:
    return prepared()


@pytest.fixture(scope="module")
def signed(world: World, ready: PreparedCredential) -> SignedCredential:
    return sign(ready, data_integrity=world.ed25519, jwt=world.p256)


class TestPreparedCredential:
    def test_nobody_else_makes_one(self, ready: PreparedCredential) -> None:
        with pytest.raises(TypeError):
            PreparedCredential(b"{}", bytes(64), b"{", ready.around, object())
        with pytest.raises(TypeError):
            dataclasses.replace(ready, document_bytes=b"{}")

    def test_cannot_be_changed(self, ready: PreparedCredential) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            ready.document_bytes = b"{}"  # type: ignore[misc]  # frozen on purpose

    def test_comes_back_from_storage_as_it_was(self, ready: PreparedCredential) -> None:
        assert PreparedCredential.from_stored(ready.stored()) == ready

    @pytest.mark.parametrize(
        "change",
        [
            {"document": None},
            {"document": "{}"},
            {"data_integrity_input": "00"},
            {"data_integrity_input": "Z" * 128},
            {"jwt_signing_input": "a.b"},
            {"proof_options": []},
        ],
    )
    def test_storage_that_was_changed_is_refused(self, ready: PreparedCredential, change: JsonObject) -> None:
        with pytest.raises(VcError):
            PreparedCredential.from_stored(serialize(parse_object(ready.stored()) | change))

    def test_a_document_that_breaks_a_rule_by_now_is_refused(self, ready: PreparedCredential) -> None:
        parts = parse_object(ready.stored())
        parts["document"] = serialize(without(badge(), "name") | {"evidence": []}).decode()
        with pytest.raises(LintRefused):
            PreparedCredential.from_stored(serialize(parts))

    @given(st.binary(max_size=200))
    def test_nothing_but_our_own_error_escapes(self, raw: bytes) -> None:
        with pytest.raises(VcError):
            PreparedCredential.from_stored(raw)


class TestPrepare:
    def test_holds_the_exact_bytes(self, ready: PreparedCredential) -> None:
        assert ready.document_bytes == serialize(badge())
        assert len(ready.data_integrity_input) == 64
        options = data_integrity.proof_options(verification_method=METHOD, created=AT)
        assert ready.proof_options == options
        assert ready.data_integrity_input == data_integrity.signing_input(badge(), options, loader=LOADER)

    def test_refuses_what_lint_finds_and_says_where(self) -> None:
        with pytest.raises(LintRefused) as caught:
            prepared(without(badge(), "issuer"))
        assert caught.value.data["findings"][0].pointer == "/issuer"

    def test_refuses_a_term_that_no_context_defines(self) -> None:
        with pytest.raises(TermsDropped):
            prepared(badge() | {"grade": "A+"})

    @pytest.mark.parametrize("method", ["did:web:other.example#1", "https://badges.example/key"])
    def test_refuses_a_key_that_is_not_the_issuers(self, method: str) -> None:
        with pytest.raises(LintRefused) as caught:
            prepared(verification_method=method)
        assert caught.value.data["findings"][0].code == "key"

    def test_refuses_an_algorithm_we_do_not_issue_with(self) -> None:
        with pytest.raises(KeyUnsupported):
            prepared(jwt_algorithm="EdDSA")

    def test_leaves_the_document_it_was_given(self) -> None:
        document = badge()
        prepared(document)
        assert document == badge()


class TestSign:
    def test_both_forms_are_valid(self, world: World, signed: SignedCredential) -> None:
        assert world.verify(signed.json_bytes).verdict is Verdict.VALID
        assert world.verify_jwt(signed.jwt).verdict is Verdict.VALID

    def test_the_same_keys_give_the_same_bytes(self, world: World, ready: PreparedCredential) -> None:
        again = PreparedCredential.from_stored(ready.stored())
        first = sign(ready, data_integrity=world.ed25519, jwt=world.p256)
        assert first == sign(again, data_integrity=world.ed25519, jwt=world.p256)

    def test_signs_tokens_with_rsa_when_rehearsed_so(self, world: World) -> None:
        rsa = LocalSigner.generate(Algorithm.RSA)
        ready = prepared(jwt_algorithm="RS256")
        check = sign(ready, data_integrity=world.ed25519, jwt=rsa)
        check_signed(check, ready, data_integrity_key=world.ed25519.public, jwt_key=rsa.public)

    def test_refuses_keys_of_another_kind(self, world: World, ready: PreparedCredential) -> None:
        with pytest.raises(KeyUnsupported):
            sign(ready, data_integrity=world.p256, jwt=world.p256)
        with pytest.raises(KeyUnsupported):
            sign(ready, data_integrity=world.ed25519, jwt=world.ed25519)


class TestCheckSigned:
    def check(self, world: World, signed: SignedCredential, ready: PreparedCredential) -> None:
        check_signed(signed, ready, data_integrity_key=world.ed25519.public, jwt_key=world.p256.public)

    def test_accepts_what_was_signed(
        self, world: World, signed: SignedCredential, ready: PreparedCredential
    ) -> None:
        self.check(world, signed, ready)

    @examples(150)
    @given(data=st.data())
    def test_refuses_any_other_byte(
        self, world: World, signed: SignedCredential, ready: PreparedCredential, data: st.DataObject
    ) -> None:
        place = data.draw(st.integers(0, len(signed.json_bytes) - 1))
        byte = data.draw(st.integers(0, 255).filter(lambda value: value != signed.json_bytes[place]))
        changed = signed.json_bytes[:place] + bytes([byte]) + signed.json_bytes[place + 1 :]
        with pytest.raises(VcError):
            self.check(world, SignedCredential(changed, signed.jwt), ready)

    @examples(150)
    @given(data=st.data())
    def test_refuses_any_other_letter_of_the_token(
        self, world: World, signed: SignedCredential, ready: PreparedCredential, data: st.DataObject
    ) -> None:
        place = data.draw(st.integers(0, len(signed.jwt) - 2))
        letter = data.draw(st.sampled_from("Aa0-_.=é").filter(lambda value: value != signed.jwt[place]))
        changed = signed.jwt[:place] + letter + signed.jwt[place + 1 :]
        with pytest.raises(SignedBytesMismatch):
            self.check(world, SignedCredential(signed.json_bytes, changed), ready)

    def test_refuses_more_than_was_reserved(
        self, world: World, signed: SignedCredential, ready: PreparedCredential
    ) -> None:
        document = parse_object(signed.json_bytes)
        proof = document["proof"]
        assert isinstance(proof, dict)
        for changed in (
            document | {"note": "x"},
            document | {"proof": [proof]},
            document | {"proof": proof | {"domain": "x"}},
            without(document, "proof"),
            without(document, "evidence"),
        ):
            with pytest.raises(SignedBytesMismatch):
                self.check(world, SignedCredential(serialize(changed), signed.jwt), ready)

    def test_refuses_signatures_by_other_keys(self, world: World, ready: PreparedCredential) -> None:
        other = World()
        for first, second in ((other.ed25519, world.p256), (world.ed25519, other.p256)):
            with pytest.raises(SignedBytesMismatch):
                self.check(world, sign(ready, data_integrity=first, jwt=second), ready)


class TestSignStatusList:
    def test_the_list_is_a_valid_credential_itself(self, world: World) -> None:
        report = world.verify(world.sign_list(world.publish()))
        assert report.verdict is Verdict.VALID, report

    def test_the_same_list_gives_the_same_bytes(self, world: World) -> None:
        document = world.publish()
        assert world.sign_list(document) == world.sign_list(document)

    def test_refuses_a_key_of_another_kind(self, world: World) -> None:
        with pytest.raises(KeyUnsupported):
            sign_status_list(
                world.publish(), verification_method=METHOD, created=AT, signer=world.p256, loader=LOADER
            )

    def test_writes_the_one_form_of_json(self, world: World) -> None:
        raw = world.sign_list(world.publish())
        assert raw == serialize(json.loads(raw))
