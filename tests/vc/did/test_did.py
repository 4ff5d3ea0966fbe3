from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.did import (
    ChainResolver,
    KeyResolver,
    SuppliedResolver,
    WebResolver,
    did_web_url,
    parse_controller_document,
)
from insignia.vc.errors import (
    DidMalformed,
    DidTooLarge,
    DidUnresolvable,
    DidUnsupported,
    KeyMalformed,
    MalformedJson,
    Unreachable,
    VcError,
)
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.keys.encoding import base64url_encode
from insignia.vc.model.json import Json, JsonObject
from tests.examples import examples
from tests.vc.strategies import json_values

SIGNER = LocalSigner.generate(Algorithm.ED25519)
DID = "did:web:badges.example.org:issuers:1"
METHOD: JsonObject = {
    "id": f"{DID}#k1",
    "type": "Multikey",
    "controller": DID,
    "publicKeyMultibase": SIGNER.public.multibase,
}
DOCUMENT: JsonObject = {"id": DID, "verificationMethod": [METHOD], "assertionMethod": [f"{DID}#k1"]}


class TestDidWebUrl:
    @pytest.mark.parametrize(
        ("did", "url"),
        [
            ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
            ("did:web:example.com:user:alice", "https://example.com/user/alice/did.json"),
            ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
            ("did:web:example.com:a%20b:~c", "https://example.com/a%20b/~c/did.json"),
            ("did:web:localhost%3A8443", "https://localhost:8443/.well-known/did.json"),
        ],
    )
    def test_follows_the_method_specification(self, did: str, url: str) -> None:
        assert did_web_url(did) == url

    @pytest.mark.parametrize(
        "did",
        [
            "did:web:127.0.0.1",
            "did:web:127.1",
            "did:web:0x7f000001",
            "did:web:2130706433",
            "did:web:%5B::1%5D",
            "did:web:example.com%3A99999",
            "did:web:example.com%3Ax",
            "did:web:example.com%2Fevil",
            "did:web:user%40example.com",
            "did:web:example.com:..:x",
            "did:web:example.com:%2e%2E:x",
            "did:web:example.com:a%2Fb",
            "did:web:example.com:a%5cb",
            "did:web:example.com:a%00",
            "did:web:example.com:a%zz",
            "did:web:example.com:a%2",
            "did:web:example.com?x",
            "did:web:example.com#x",
            "did:web:example.com%253A80",
            "did:web:example.com%3A0",
            "did:web:example.com%3A",
            "did:web:example.com.",
            "did:web:::1",
            "did:web:exämple.com",
            "did:web:example.com:" + "a" * 2048,
            "did:web:example.com:a/b",
            "did:web:example.com:",
            "did:web:",
            "did:web:-x.com",
            "did:web:exa mple.com",
        ],
    )
    def test_refuses_what_is_no_host_and_path(self, did: str) -> None:
        with pytest.raises(DidMalformed):
            did_web_url(did)

    def test_refuses_other_methods(self) -> None:
        with pytest.raises(DidUnsupported):
            did_web_url("did:ion:x")


class TestKeyResolver:
    def test_reads_the_key_out_of_did_key(self) -> None:
        did = f"did:key:{SIGNER.public.multibase}"
        document = KeyResolver().resolve(did)
        method = document.method(f"{did}#{SIGNER.public.multibase}")
        assert method is not None
        assert method.key.encoded == SIGNER.public.encoded
        assert "assertionMethod" in method.purposes

    @pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.P256])
    def test_reads_the_key_out_of_did_jwk(self, algorithm: Algorithm) -> None:
        key = LocalSigner.generate(algorithm).public
        did = "did:jwk:" + base64url_encode(json.dumps(key.jwk).encode())
        method = KeyResolver().resolve(did).method(f"{did}#0")
        assert method is not None
        assert method.key.encoded == key.encoded

    def test_reads_did_jwk_for_encryption_as_no_signing_key(self) -> None:
        jwk = {**SIGNER.public.jwk, "use": "enc"}
        document = KeyResolver().resolve("did:jwk:" + base64url_encode(json.dumps(jwk).encode()))
        assert document.methods[0].purposes == {"keyAgreement"}

    def test_reads_the_version_in_did_key(self) -> None:
        did = f"did:key:1.1:{SIGNER.public.multibase}"
        assert KeyResolver().resolve(did).methods[0].key.encoded == SIGNER.public.encoded

    @pytest.mark.parametrize(
        "did", ["did:key:", "did:key:zzz", "did:jwk:e30", "did:jwk:!", "did:key:z" + "1" * 9_000]
    )
    def test_refuses_what_holds_no_key(self, did: str) -> None:
        with pytest.raises(DidMalformed):
            KeyResolver().resolve(did)

    @given(st.text(max_size=60))
    @examples(100)
    def test_raises_nothing_but_the_kernels_error(self, tail: str) -> None:
        for prefix in ("did:key:", "did:jwk:", ""):
            try:
                KeyResolver().resolve(prefix + tail)
            except VcError:
                continue


class TestControllerDocument:
    def test_lists_keys_with_what_they_may_do(self) -> None:
        document = parse_controller_document(DOCUMENT)
        method = document.method(f"{DID}#k1")
        assert method is not None
        assert method.purposes == {"assertionMethod"}

    def test_reads_relative_and_embedded_keys(self) -> None:
        embedded = {**METHOD, "id": "#k2"}
        document = parse_controller_document({"id": DID, "assertionMethod": [embedded], "authentication": ["#k2"]})
        method = document.method(f"{DID}#k2")
        assert method is not None
        assert method.purposes == {"assertionMethod", "authentication"}

    def test_never_lets_a_second_entry_replace_a_key(self) -> None:
        other = LocalSigner.generate(Algorithm.ED25519).public.multibase
        second: JsonObject = {**METHOD, "publicKeyMultibase": other}
        document = parse_controller_document({"id": DID, "verificationMethod": [METHOD, second]})
        assert [method.key.multibase for method in document.methods] == [SIGNER.public.multibase]

    def test_leaves_out_a_key_written_in_two_ways(self) -> None:
        both: JsonObject = {**METHOD, "publicKeyJwk": SIGNER.public.jwk}
        assert parse_controller_document({"id": DID, "verificationMethod": [both]}).methods == ()

    def test_gives_no_power_that_the_document_does_not_list(self) -> None:
        document = parse_controller_document({"id": DID, "verificationMethod": [METHOD]})
        assert document.methods[0].purposes == frozenset()

    def test_leaves_out_keys_it_cannot_use(self) -> None:
        other: JsonObject = {"id": f"{DID}#k9", "type": "X", "controller": DID, "publicKeyMultibase": "zQm"}
        assert len(parse_controller_document({"id": DID, "verificationMethod": [METHOD, other]}).methods) == 1

    def test_refuses_a_crowd_of_keys(self) -> None:
        crowd: list[Json] = [{**METHOD, "id": f"#k{number}"} for number in range(101)]
        with pytest.raises(DidTooLarge):
            parse_controller_document({"id": DID, "verificationMethod": crowd})

    @given(
        st.dictionaries(
            st.sampled_from(["id", "verificationMethod", "assertionMethod", "alsoKnownAs"]), json_values
        )
    )
    @examples(150)
    def test_raises_nothing_but_the_kernels_error(self, raw: JsonObject) -> None:
        try:
            parse_controller_document(raw)
        except VcError:
            return


class TestResolvers:
    def test_web_asks_the_right_address_and_accepts_only_its_own_document(self) -> None:
        asked: list[str] = []

        def fetch(url: str, _accept: str) -> bytes:
            asked.append(url)
            return json.dumps(DOCUMENT).encode()

        resolver = WebResolver(fetch)
        assert resolver.resolve(DID).id == DID
        assert asked == ["https://badges.example.org/issuers/1/did.json"]
        with pytest.raises(DidUnresolvable):
            resolver.resolve("did:web:badges.example.org:issuers:2")
        with pytest.raises(DidUnsupported):
            resolver.resolve("http://badges.example.org/issuers/1")

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (b"", MalformedJson),
            (b"[]", MalformedJson),
            (b'{"id": 1}', DidMalformed),
            (b'{"id": "did:web:badges.example.org:issuers:2"}', DidUnresolvable),
            (b'{"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}', KeyMalformed),
            (b" " * 262_145, DidTooLarge),
        ],
    )
    def test_web_names_what_is_wrong_with_an_answer(self, answer: bytes, error: type[VcError]) -> None:
        with pytest.raises(error):
            WebResolver(lambda _url, _accept: answer).resolve(DID)

    def test_web_asks_nobody_for_an_endless_address(self) -> None:
        def fetch(_url: str, _accept: str) -> bytes:
            raise AssertionError("asked")

        with pytest.raises(DidUnsupported):
            WebResolver(fetch).resolve("https://x.example/" + "a" * 5_000)

    def test_web_reads_a_bare_key(self) -> None:
        resolver = WebResolver(lambda _url, _accept: json.dumps(SIGNER.public.jwk).encode())
        assert resolver.resolve("https://x.example/keys/1").methods[0].key.encoded == SIGNER.public.encoded

    def test_chain_says_unreachable_only_when_nobody_reached_it(self) -> None:
        supplied = SuppliedResolver([DOCUMENT])
        chain = ChainResolver(KeyResolver(), supplied)
        assert chain.resolve(DID).id == DID
        with pytest.raises(Unreachable):
            chain.resolve("did:web:elsewhere.example")
        with pytest.raises(DidUnsupported):
            ChainResolver(KeyResolver()).resolve("did:ion:x")
