"""VC-JWT through the verifier: keys by kid and jwk, algorithm confusion, claims, tampering."""

from __future__ import annotations

import base64

import pytest

from insignia.vc.codec import serialize
from insignia.vc.did import ChainResolver, ControllerDocument, KeyResolver, SuppliedResolver, VerificationMethod
from insignia.vc.keys import Algorithm, LocalSigner, PublicKey
from insignia.vc.model.json import Json, JsonObject
from insignia.vc.proofs import vc_jwt
from insignia.vc.verify import CHECK_IDS, NoStatusLists, Outcome, Report, Sources, Verdict, verify_jwt
from tests.vc.credentials import AT, ISSUER, KID, LOADER, TOKEN_METHOD, World, badge, without


@pytest.fixture
def world() -> World:
    found = World()
    found.publish()
    return found


def b64(document: JsonObject) -> str:
    return base64.urlsafe_b64encode(serialize(document)).rstrip(b"=").decode()


def token(signer: LocalSigner, payload: JsonObject | None = None, **header: Json) -> str:
    """Sign any header and payload."""
    usual: JsonObject = {"alg": "ES256", "kid": KID, "typ": "JWT"}
    whole: JsonObject = usual | header
    whole = {name: value for name, value in whole.items() if value is not None}
    data = f"{b64(whole)}.{b64(payload or vc_jwt.payload(badge()))}".encode()
    return vc_jwt.assemble(data, signer.sign(data))


def code(report: Report, check_id: str) -> Json:
    return report.check(check_id).data["code"]


class TestGoodToken:
    def test_is_valid_and_says_what_the_document_says(self, world: World) -> None:
        report = world.verify_jwt(world.sign(badge()).jwt)
        assert report.verdict is Verdict.VALID
        assert report.document == badge()
        assert report.credential == world.verify(world.sign(badge()).json_bytes).credential
        assert tuple(result.check_id for result in report.checks) == CHECK_IDS

    @pytest.mark.parametrize(
        ("algorithm", "name"),
        [(Algorithm.ED25519, "EdDSA"), (Algorithm.P256, "ES256"), (Algorithm.RSA, "RS256")],
    )
    def test_every_accepted_algorithm_verifies(self, algorithm: Algorithm, name: str) -> None:
        signer = LocalSigner.generate(algorithm)
        document = badge() | {"issuer": "https://school.example/issuer"}
        profile: JsonObject = {
            "id": "https://school.example/issuer",
            "verificationMethod": [
                {
                    "id": "https://school.example/issuer#k",
                    "type": "JsonWebKey",
                    "controller": "https://school.example/issuer",
                    "publicKeyJwk": signer.public.jwk,
                }
            ],
            "assertionMethod": ["https://school.example/issuer#k"],
        }
        payload = vc_jwt.payload(without(document, "credentialStatus"))
        sources = Sources(SuppliedResolver([profile]), NoStatusLists(), LOADER)
        found = verify_jwt(
            token(signer, payload, alg=name, kid="https://school.example/issuer#k"), at=AT, sources=sources
        )
        assert found.verdict is Verdict.VALID, found


class TestFindingTheKey:
    @pytest.mark.parametrize("kid", [KID, TOKEN_METHOD])
    def test_by_the_methods_id_or_its_jwks_kid(self, world: World, kid: str) -> None:
        assert world.verify_jwt(token(world.p256, kid=kid)).verdict is Verdict.VALID

    def test_by_a_jwk_that_the_issuer_publishes(self, world: World) -> None:
        assert world.verify_jwt(token(world.p256, kid=None, jwk=world.p256.public.jwk)).verdict is Verdict.VALID

    def test_a_jwk_never_vouches_for_itself(self, world: World) -> None:
        stranger = LocalSigner.generate(Algorithm.P256)
        report = world.verify_jwt(token(stranger, kid=None, jwk=stranger.public.jwk))
        assert code(report, "key") == "key-not-published"
        assert report.verdict is Verdict.INVALID

    def test_a_jwk_beside_the_kid_must_be_the_same_key(self, world: World) -> None:
        stranger = LocalSigner.generate(Algorithm.P256)
        report = world.verify_jwt(token(stranger, jwk=stranger.public.jwk))
        assert code(report, "key") == "key-not-published"

    def test_a_strangers_did_is_not_the_issuers(self, world: World) -> None:
        stranger = LocalSigner.generate(Algorithm.P256)
        did = f"did:key:{stranger.public.multibase}"
        report = world.verify_jwt(token(stranger, kid=f"{did}#{stranger.public.multibase}"))
        assert report.verdict is Verdict.INVALID
        assert report.check("signature").outcome is Outcome.SKIPPED

    @pytest.mark.parametrize(
        "kid", ["https://evil.example/key", "https://badges.example/issuers/2/keys/1", "1", "urn:x:y"]
    )
    def test_an_address_elsewhere_is_not_asked(self, world: World, kid: str) -> None:
        stranger = LocalSigner.generate(Algorithm.P256)
        report = world.verify_jwt(token(stranger, kid=kid))
        assert code(report, "key") == "key-not-published"
        assert report.verdict is Verdict.INVALID

    def test_a_key_without_assertion_method_fails_at_controller(self, world: World) -> None:
        jwt = world.sign(badge()).jwt
        world.purposes = (f"{ISSUER}#ed25519",)
        report = world.verify_jwt(jwt)
        assert code(report, "controller") == "key-not-issuers"
        assert report.verdict is Verdict.INVALID

    def test_a_dead_network_is_undetermined(self, world: World) -> None:
        sources = Sources(ChainResolver(KeyResolver(), SuppliedResolver([])), world.lists, LOADER)
        report = verify_jwt(world.sign(badge()).jwt, at=AT, sources=sources)
        assert code(report, "key") == "unreachable"
        assert report.verdict is Verdict.UNDETERMINED


class KeyAtAddress:
    """Answers the issuer's https address with a Profile, usually without keys, and one address with one JWK."""

    def __init__(
        self, issuer: str, kid: str, signer: LocalSigner, *, listed: PublicKey | None = None, **extra: Json
    ) -> None:
        purposes = frozenset({"assertionMethod"})
        method = VerificationMethod(kid, kid, signer.public, purposes)
        own = () if listed is None else (VerificationMethod(f"{issuer}#own", issuer, listed, purposes),)
        self.documents = {
            issuer: ControllerDocument(issuer, own, {"id": issuer}),
            kid: ControllerDocument(kid, (method,), {**signer.public.jwk, **extra}),
        }

    def resolve(self, identifier: str) -> ControllerDocument:
        return self.documents[identifier]


class TestKeyOnTheIssuersHost:
    issuer = "https://school.example/issuers/1"
    below = "https://school.example/issuers/1/keys/1"

    def judged(
        self, signer: LocalSigner, *, kid: str = below, listed: PublicKey | None = None, **extra: Json
    ) -> Report:
        document = without(badge(), "credentialStatus") | {"issuer": self.issuer}
        found = token(signer, vc_jwt.payload(document), kid=kid)
        resolver = KeyAtAddress(self.issuer, kid, signer, listed=listed, **extra)
        return verify_jwt(found, at=AT, sources=Sources(resolver, NoStatusLists(), LOADER))

    def test_counts_when_it_lies_below_the_issuers_address_and_names_the_issuer(self) -> None:
        assert self.judged(LocalSigner.generate(Algorithm.P256), iss=self.issuer).verdict is Verdict.VALID

    @pytest.mark.parametrize("iss", [None, "https://school.example/issuers/2"])
    def test_is_undetermined_when_nothing_says_whose_it_is(self, iss: str | None) -> None:
        report = self.judged(LocalSigner.generate(Algorithm.P256), iss=iss)
        assert code(report, "controller") == "key-not-vouched"
        assert report.check("signature").outcome is Outcome.PASSED
        assert report.verdict is Verdict.UNDETERMINED

    @pytest.mark.parametrize(
        "kid",
        [
            "https://school.example/uploads/learner-77/notes.txt",
            "https://school.example/issuers/1?to=https://evil.example/key",
            "https://school.example/issuers/1/?to=https://evil.example/key",
            "https://school.example/issuers/1/../../uploads/key",
            "https://school.example/issuers/1/%2e%2e/key",
            "https://school.example/issuers/10/key",
        ],
    )
    def test_is_undetermined_where_others_may_have_a_place_on_that_host(self, kid: str) -> None:
        report = self.judged(LocalSigner.generate(Algorithm.P256), kid=kid, iss=self.issuer)
        assert report.verdict is Verdict.UNDETERMINED

    def test_is_undetermined_when_the_issuer_lists_other_keys(self) -> None:
        own = LocalSigner.generate(Algorithm.P256).public
        report = self.judged(LocalSigner.generate(Algorithm.P256), listed=own, iss=self.issuer)
        assert (code(report, "controller"), report.verdict) == ("key-not-vouched", Verdict.UNDETERMINED)


class TestTampering:
    def test_a_changed_payload_fails_at_signature(self, world: World) -> None:
        head, _, signature = world.sign(badge()).jwt.split(".")
        changed = vc_jwt.payload(badge() | {"name": "Another"})
        report = world.verify_jwt(f"{head}.{b64(changed)}.{signature}")
        assert {result.check_id for result in report.checks if result.outcome is Outcome.FAILED} == {"signature"}

    def test_no_signature_is_no_token(self, world: World) -> None:
        head, body, _ = world.sign(badge()).jwt.split(".")
        assert code(world.verify_jwt(f"{head}.{body}."), "readable") == "jwt-malformed"

    @pytest.mark.parametrize("alg", ["none", "HS256", "ES384", "EdDSA", "RS256"])
    def test_another_algorithm_is_never_valid(self, world: World, alg: str) -> None:
        assert world.verify_jwt(token(world.p256, alg=alg)).verdict is not Verdict.VALID

    @pytest.mark.parametrize(
        "extra", [{"crit": ["x"]}, {"jku": "https://evil.example"}, {"x5u": "https://e.example"}]
    )
    def test_forbidden_headers_fail_at_proof(self, world: World, extra: JsonObject) -> None:
        report = world.verify_jwt(token(world.p256, None, **extra))
        assert report.check("proof").outcome is Outcome.FAILED
        assert report.verdict is Verdict.INVALID

    @pytest.mark.parametrize(
        "change", [{"iss": "did:web:other.example"}, {"sub": "urn:x:1"}, {"exp": 4_000_000_000}, {"nbf": 0}]
    )
    def test_claims_that_contradict_the_document_fail_at_proof(self, world: World, change: JsonObject) -> None:
        report = world.verify_jwt(token(world.p256, vc_jwt.payload(badge()) | change))
        assert code(report, "proof") == "jwt-claims"
        assert report.verdict is Verdict.INVALID

    def test_a_term_without_meaning_fails_although_the_signature_covers_it(self, world: World) -> None:
        report = world.verify_jwt(token(world.p256, vc_jwt.payload(badge()) | {"grade": "A+"}))
        assert report.check("terms").outcome is Outcome.FAILED
        assert report.check("signature").outcome is Outcome.PASSED
        assert report.verdict is Verdict.INVALID

    def test_an_older_token_is_undetermined_by_name(self, world: World) -> None:
        payload: JsonObject = {"iss": ISSUER, "vc": badge()}
        report = world.verify_jwt(token(world.p256, payload | badge()))
        assert code(report, "proof") == "vcdm-1.1"

    def test_expiry_and_revocation_count_for_tokens_too(self, world: World) -> None:
        world.publish(4711)
        assert code(world.verify_jwt(world.sign(badge()).jwt), "status.revocation") == "revoked"
