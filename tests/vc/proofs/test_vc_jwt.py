"""VC-JWT by the 1EdTech profile: claims, header rules, algorithm confusion, one vector per attack."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from insignia.vc.codec import serialize
from insignia.vc.errors import (
    JwtMalformed,
    JwtTooLarge,
    KeyUnsupported,
    ProofUnsupported,
    SignatureMismatch,
    VcError,
)
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.model.json import Json, JsonObject
from insignia.vc.proofs import vc_jwt
from insignia.vc.verify import Policy
from tests.vc.credentials import KID, badge, without

ACCEPTED = Policy.default().jwt_algorithms


def b64(value: bytes | JsonObject) -> str:
    raw = value if isinstance(value, bytes) else serialize(value)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(signer: LocalSigner, algorithm: str = "ES256") -> str:
    data = vc_jwt.signing_input(vc_jwt.payload(badge()), kid=KID, algorithm=algorithm)
    return vc_jwt.assemble(data, signer.sign(data))


def key_for_joserfc(signer: LocalSigner) -> ECKey:
    raw = signer.public.raw
    assert isinstance(raw, EllipticCurvePublicKey)
    return ECKey.import_key(raw)


@pytest.fixture(scope="module")
def p256() -> LocalSigner:
    return LocalSigner.generate(Algorithm.P256)


class TestPayload:
    def test_is_the_credential_with_the_claims_of_the_profile(self) -> None:
        payload = vc_jwt.payload(badge())
        assert {name: payload[name] for name in vc_jwt.CLAIMS} == {
            "iss": "did:web:badges.example:issuers:1",
            "jti": "https://badges.example/awards/1",
            "nbf": 1_778_749_200,
            "sub": "urn:uuid:0b0f9a52-0d2b-4f0a-9a54-0d0a5cf8bb10",
            "exp": 1_841_907_600,
        }
        assert {name: value for name, value in payload.items() if name not in vc_jwt.CLAIMS} == badge()

    def test_has_no_exp_when_the_credential_does_not_expire(self) -> None:
        assert "exp" not in vc_jwt.payload(without(badge(), "validUntil"))

    @pytest.mark.parametrize("path", [["id"], ["validFrom"], ["credentialSubject", "id"], ["issuer", "id"]])
    def test_refuses_a_credential_that_cannot_say_a_claim(self, path: list[str]) -> None:
        with pytest.raises(JwtMalformed):
            vc_jwt.payload(without(badge(), *path))


class TestSigningInput:
    def test_another_library_reads_and_verifies_it(self, p256: LocalSigner) -> None:
        found = jws.deserialize_compact(token(p256), key_for_joserfc(p256), algorithms=["ES256"])
        assert json.loads(found.payload) == vc_jwt.payload(badge())
        assert found.headers() == {"alg": "ES256", "kid": KID, "typ": "JWT"}

    @pytest.mark.parametrize("algorithm", ["EdDSA", "none", "HS256", "ES384", ""])
    def test_issues_with_no_other_algorithm(self, algorithm: str) -> None:
        with pytest.raises(KeyUnsupported):
            vc_jwt.signing_input(vc_jwt.payload(badge()), kid=KID, algorithm=algorithm)


class TestParse:
    def test_gives_the_parts_back(self, p256: LocalSigner) -> None:
        found = vc_jwt.parse(token(p256))
        assert found.document == badge()
        assert found.header["alg"] == "ES256"
        vc_jwt.check(found, p256.public, algorithm=Algorithm.P256)

    @pytest.mark.parametrize(
        "text", ["", ".", "..", "a.b", "a.b.c.d", "e30.e30.", "e30=.e30.AA", "e30.e30.A", "é.e30.AA", "e31.e30.AA"]
    )
    def test_refuses_what_is_no_compact_token(self, text: str) -> None:
        with pytest.raises(VcError):
            vc_jwt.parse(text)

    def test_refuses_a_second_way_to_write_the_same_bytes(self, p256: LocalSigner) -> None:
        whole = token(p256)
        head, _, signature = whole.rpartition(".")
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for replacement in alphabet[alphabet.index(signature[-1]) + 1 :][:1]:
            with pytest.raises(JwtMalformed):
                vc_jwt.parse(f"{head}.{signature[:-1]}{replacement}")

    def test_refuses_a_header_that_names_a_member_twice(self) -> None:
        header = b64(b'{"alg":"ES256","alg":"none","kid":"x"}')
        with pytest.raises(VcError) as caught:
            vc_jwt.parse(f"{header}.{b64(b'{}')}.AA")
        assert caught.value.code == "json-duplicate-key"

    def test_refuses_too_large_tokens_and_headers(self) -> None:
        with pytest.raises(JwtTooLarge):
            vc_jwt.parse("a" * (1024 * 1024 + 1))
        with pytest.raises(JwtTooLarge):
            vc_jwt.parse(f"{b64({'kid': 'k' * 5000})}.{b64({})}.AA")

    @given(st.text() | st.lists(st.binary(max_size=40).map(b64), min_size=2, max_size=4).map(".".join))
    def test_nothing_but_our_own_error_escapes(self, text: str) -> None:
        try:
            parsed = vc_jwt.parse(text)
            vc_jwt.header_check(parsed.header, algorithms=ACCEPTED)
        except VcError as error:
            assert error.code  # noqa: PT017  - either outcome is fine, another exception is not


class TestHeader:
    @pytest.mark.parametrize("name", ["none", "None", "HS256", "HS512", "ES384", "PS256", "RS512", "", None, 7])
    def test_refuses_algorithms_outside_the_policy(self, name: Json) -> None:
        with pytest.raises(JwtMalformed):
            vc_jwt.header_check({"alg": name, "kid": "x"}, algorithms=ACCEPTED | {"none", "HS256", "HS512"})

    def test_takes_only_what_the_policy_names(self) -> None:
        with pytest.raises(JwtMalformed):
            vc_jwt.header_check({"alg": "RS256", "kid": "x"}, algorithms=frozenset({"ES256"}))

    @pytest.mark.parametrize(
        "extra",
        [
            {"jku": "https://evil.example/keys"},
            {"x5u": "https://evil.example/cert"},
            {"x5c": ["MII"]},
            {"crit": ["exp"]},
            {"b64": False},
            {"zip": "DEF"},
            {"cty": "vc"},
        ],
    )
    def test_refuses_members_that_the_profile_forbids(self, extra: JsonObject) -> None:
        with pytest.raises(JwtMalformed):
            vc_jwt.header_check({"alg": "ES256", "kid": "x"} | extra, algorithms=ACCEPTED)

    @pytest.mark.parametrize("header", [{}, {"kid": ""}, {"kid": 7}, {"kid": ["x"]}, {"jwk": "x"}])
    def test_refuses_a_header_that_names_no_key(self, header: JsonObject) -> None:
        with pytest.raises(JwtMalformed):
            vc_jwt.header_check({"alg": "ES256"} | header, algorithms=ACCEPTED)

    @pytest.mark.parametrize("private", sorted(vc_jwt.PRIVATE_MEMBERS))
    def test_refuses_a_jwk_with_private_parts(self, p256: LocalSigner, private: str) -> None:
        with pytest.raises(JwtMalformed):
            vc_jwt.header_check({"alg": "ES256", "jwk": {**p256.public.jwk, private: "AQAB"}}, algorithms=ACCEPTED)

    @pytest.mark.parametrize("typ", ["vc+jwt", "jwt", "at+jwt", None, 7])
    def test_names_a_token_profile_it_does_not_know(self, typ: Json) -> None:
        with pytest.raises(ProofUnsupported):
            vc_jwt.header_check({"alg": "ES256", "kid": "x", "typ": typ}, algorithms=ACCEPTED)


class TestCheck:
    def test_refuses_a_public_key_used_as_shared_secret(self) -> None:
        rsa = LocalSigner.generate(Algorithm.RSA)
        head = f"{b64({'alg': 'HS256', 'kid': KID})}.{b64(vc_jwt.payload(badge()))}"
        mac = hmac.new(rsa.public.encoded, head.encode(), hashlib.sha256).digest()
        parsed = vc_jwt.parse(f"{head}.{b64(mac)}")
        with pytest.raises(JwtMalformed):
            vc_jwt.header_check(parsed.header, algorithms=ACCEPTED)

    @pytest.mark.parametrize(("named", "algorithm"), [("EdDSA", Algorithm.ED25519), ("RS256", Algorithm.RSA)])
    def test_refuses_a_key_of_another_kind_than_the_header_says(
        self, p256: LocalSigner, named: str, algorithm: Algorithm
    ) -> None:
        data = f"{b64({'alg': named, 'kid': KID})}.{b64(vc_jwt.payload(badge()))}".encode()
        parsed = vc_jwt.parse(vc_jwt.assemble(data, p256.sign(data)))
        assert vc_jwt.header_check(parsed.header, algorithms=ACCEPTED) is algorithm
        with pytest.raises(KeyUnsupported):
            vc_jwt.check(parsed, p256.public, algorithm=algorithm)

    def test_refuses_a_signature_in_the_other_ecdsa_form(self, p256: LocalSigner) -> None:
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        parsed = vc_jwt.parse(token(p256))
        r, s = (int.from_bytes(half) for half in (parsed.signature[:32], parsed.signature[32:]))
        der = vc_jwt.parse(vc_jwt.assemble(parsed.signing_input, encode_dss_signature(r, s)))
        with pytest.raises(SignatureMismatch):
            vc_jwt.check(der, p256.public, algorithm=Algorithm.P256)


class TestClaims:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("iss", "did:web:other.example"),
            ("jti", "https://badges.example/awards/2"),
            ("sub", "urn:uuid:other"),
            ("nbf", 1_778_749_201),
            ("nbf", "1778749200"),
            ("nbf", True),
            ("exp", 1_841_907_601),
            ("exp", None),
            ("iss", None),
        ],
    )
    def test_names_a_claim_that_differs_or_is_missing(self, name: str, value: Any) -> None:  # noqa: ANN401  - any JSON
        payload = vc_jwt.payload(badge()) | {name: value}
        if value is None:
            del payload[name]
        parsed = vc_jwt.parse(f"{b64({'alg': 'ES256'})}.{b64(payload)}.AA")
        assert vc_jwt.claim_mismatches(parsed) == (name,)

    def test_names_an_exp_that_the_credential_does_not_say(self) -> None:
        payload = vc_jwt.payload(without(badge(), "validUntil")) | {"exp": 4_000_000_000}
        parsed = vc_jwt.parse(f"{b64({'alg': 'ES256'})}.{b64(payload)}.AA")
        assert vc_jwt.claim_mismatches(parsed) == ("exp",)

    def test_takes_a_numeric_date_with_a_fraction(self) -> None:
        payload = vc_jwt.payload(badge()) | {"nbf": 1_778_749_200.0}
        assert vc_jwt.claim_mismatches(vc_jwt.parse(f"{b64({})}.{b64(payload)}.AA")) == ()
