"""The verifier's verdicts: good badges, tampered ones, foreign keys, dead networks, older standards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from insignia.vc.canon import rdfc_canonicalize
from insignia.vc.codec import serialize
from insignia.vc.contexts import CREDENTIALS_V2, OB3_CONTEXT, OB3_EXTENSIONS
from insignia.vc.did import ChainResolver, KeyResolver, SuppliedResolver, WebResolver
from insignia.vc.errors import Unreachable
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.limits import DEFAULT_LIMITS, parse_object
from insignia.vc.model.json import Json, JsonObject
from insignia.vc.proofs import data_integrity
from insignia.vc.verify import CHECK_IDS, NoStatusLists, Outcome, Policy, Report, Sources, Verdict, verify
from tests.vc.credentials import AT, ISSUER, LOADER, METHOD, TOKEN_METHOD, World, badge, without

OTHER = "did:web:other.example"


@pytest.fixture
def world() -> World:
    found = World()
    found.publish()
    return found


def sign_anything(
    document: JsonObject, signer: LocalSigner, *, method: str = METHOD, **options: str
) -> JsonObject:
    """Sign a document as a careless or hostile issuer would: without lint or rehearsal."""
    found = data_integrity.proof_options(verification_method=method, created=AT) | options
    data = data_integrity.signing_input(document, found, loader=LOADER, algorithm=signer.public.algorithm)
    return data_integrity.attach(document, found, signer.sign(data))


def outcomes(report: Report) -> dict[str, str]:
    return {result.check_id: str(result.outcome) for result in report.checks}


def failed(report: Report) -> set[str]:
    return {result.check_id for result in report.checks if result.outcome is Outcome.FAILED}


def code(report: Report, check_id: str) -> Json:
    return report.check(check_id).data["code"]


class TestGoodBadge:
    def test_is_valid_and_says_what_it_is(self, world: World) -> None:
        report = world.verify(world.sign(badge()).json_bytes)
        assert report.verdict is Verdict.VALID
        assert not failed(report)
        assert report.credential.id == "https://badges.example/awards/1"
        assert report.credential.name == "Scientific communication"
        assert report.credential.issuer == "Colegio Río Claro"
        assert report.credential.recipient == "Itzel 木村"
        assert report.document == parse_object(world.sign(badge()).json_bytes)

    def test_lists_every_check_in_order(self, world: World) -> None:
        report = world.verify(world.sign(badge()).json_bytes)
        assert tuple(result.check_id for result in report.checks) == CHECK_IDS
        assert all(result.message and result.spec for result in report.checks)

    def test_the_same_question_has_the_same_answer(self, world: World) -> None:
        raw = world.sign(badge()).json_bytes
        assert world.verify(raw) == world.verify(raw)

    def test_prints_what_the_command_line_promises(self, world: World) -> None:
        printed = world.verify(world.sign(badge()).json_bytes).to_json()
        assert set(printed) == {"verdict", "checks", "credential"}
        assert printed["verdict"] == "VALID"
        checks = printed["checks"]
        assert isinstance(checks, list)
        assert all(
            isinstance(check, dict) and set(check) == {"check_id", "outcome", "message", "spec"}
            for check in checks
        )
        assert json.loads(json.dumps(printed)) == printed

    def test_white_space_and_order_of_members_do_not_matter(self, world: World) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        spread = json.dumps(dict(reversed(document.items())), indent=3).encode()
        assert world.verify(spread).verdict is Verdict.VALID

    @pytest.mark.parametrize("compact", ["type", "evidence", "credentialSchema"])
    def test_one_value_and_an_array_of_one_mean_the_same(self, world: World, compact: str) -> None:
        document = badge()
        value = document[compact]
        assert isinstance(value, list)
        document[compact] = value if compact == "type" else value[0]
        subject = document["credentialSubject"]
        assert isinstance(subject, dict)
        document["credentialSubject"] = [subject | {"type": "AchievementSubject"}]
        report = world.verify(serialize(sign_anything(document, world.ed25519)))
        assert report.verdict is Verdict.VALID, report

    def test_a_did_key_without_its_fragment_is_understood(self) -> None:
        signer = LocalSigner.generate(Algorithm.ED25519)
        did = f"did:key:{signer.public.multibase}"
        document = without(badge(), "credentialStatus") | {"issuer": did}
        for method in (did, f"{did}#{signer.public.multibase}"):
            raw = serialize(sign_anything(document, signer, method=method))
            sources = Sources(KeyResolver(), NoStatusLists(), LOADER)
            assert verify(raw, at=AT, sources=sources).verdict is Verdict.VALID

    def test_an_https_profile_with_keys_is_an_issuer(self) -> None:
        signer, issuer = LocalSigner.generate(Algorithm.ED25519), "https://school.example/issuer"
        profile: JsonObject = {
            "id": issuer,
            "type": ["Profile"],
            "verificationMethod": {
                "id": f"{issuer}#k",
                "type": "Multikey",
                "controller": issuer,
                "publicKeyMultibase": signer.public.multibase,
            },
            "assertionMethod": f"{issuer}#k",
        }
        document = without(badge(), "credentialStatus") | {"issuer": {"id": issuer, "type": "Profile"}}
        raw = serialize(sign_anything(document, signer, method=f"{issuer}#k"))
        sources = Sources(SuppliedResolver([profile]), NoStatusLists(), LOADER)
        assert verify(raw, at=AT, sources=sources).verdict is Verdict.VALID


class TestTampering:
    @pytest.mark.parametrize(
        "change",
        [
            {"name": "Scientific Communication"},
            {"validUntil": "2098-05-14T09:00:00Z"},
            {"id": "https://badges.example/awards/2"},
            {"awardedDate": "2026-05-13T15:30:01+02:00"},
            {"type": ["VerifiableCredential", "AchievementCredential", "Profile"]},
        ],
    )
    def test_a_changed_member_fails_at_signature(self, world: World, change: JsonObject) -> None:
        document = parse_object(world.sign(badge()).json_bytes) | change
        report = world.verify(serialize(document))
        assert report.verdict is Verdict.INVALID
        assert failed(report) == {"signature"}
        assert code(report, "signature") == "signature-mismatch"

    def test_a_removed_member_fails_at_signature(self, world: World) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        for path in (["evidence"], ["credentialStatus"], ["credentialSubject", "result"], ["validUntil"]):
            report = world.verify(serialize(without(document, *path)))
            assert failed(report) == {"signature"}

    @pytest.mark.parametrize(
        "path", [[], ["issuer"], ["credentialSubject"], ["credentialSubject", "achievement"], ["proof"]]
    )
    @pytest.mark.parametrize("extra", [{"grade": "A+"}, {"@vocab": "urn:x:"}, {"note": None}, {"name2": {"x": 1}}])
    def test_a_term_that_no_context_defines_fails_at_any_depth(
        self, world: World, path: list[str], extra: JsonObject
    ) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        holder = document
        for name in path:
            inner = holder[name]
            assert isinstance(inner, dict)
            holder = inner
        holder |= extra
        report = world.verify(serialize(document))
        assert report.verdict is Verdict.INVALID
        assert report.check("terms").outcome is Outcome.FAILED

    @pytest.mark.parametrize(
        "context",
        [
            {"@vocab": "https://evil.example/"},
            {"name": "https://evil.example/name"},
            "https://evil.example/context.json",
            None,
        ],
    )
    def test_a_foreign_or_inline_context_is_never_valid(self, world: World, context: Json) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        contexts = document["@context"]
        assert isinstance(contexts, list)
        report = world.verify(serialize(document | {"@context": [*contexts, context]}))
        assert report.check("context").outcome is not Outcome.PASSED
        assert report.verdict is not Verdict.VALID

    @pytest.mark.parametrize(
        ("member", "twin"),
        [
            ("credentialStatus", "https://www.w3.org/2018/credentials#credentialStatus"),
            ("evidence", "https://www.w3.org/2018/credentials#evidence"),
            ("id", "@id"),
            ("type", "@type"),
        ],
    )
    def test_a_member_under_another_name_is_never_valid(self, world: World, member: str, twin: str) -> None:
        """The graph is the same, so the signature holds; but who reads the member finds nothing."""
        world.publish(4711)
        document = parse_object(world.sign(badge()).json_bytes)
        document[twin] = document.pop(member)
        assert rdfc_canonicalize(document, loader=LOADER) == rdfc_canonicalize(
            parse_object(world.sign(badge()).json_bytes), loader=LOADER
        )
        report = world.verify(serialize(document))
        assert code(report, "terms") == "terms-not-plain"
        assert report.verdict is not Verdict.VALID

    @pytest.mark.parametrize(
        "path", [["issuer"], ["credentialSubject"], ["credentialSubject", "achievement"], ["proof"]]
    )
    @pytest.mark.parametrize("idle", ["@context", "@type", "@set"])
    def test_a_keyword_that_says_nothing_is_never_valid(self, world: World, path: list[str], idle: str) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        holder = document
        for name in path:
            inner = holder[name]
            assert isinstance(inner, dict)
            holder = inner
        holder[idle] = []
        assert world.verify(serialize(document)).verdict is not Verdict.VALID

    @pytest.mark.parametrize("wrapper", ["@included", "@graph", "@set", "@nest"])
    def test_members_inside_keywords_are_never_valid(self, world: World, wrapper: str) -> None:
        world.publish(4711)
        document = parse_object(world.sign(badge()).json_bytes)
        hidden = {"id": document["id"], "credentialStatus": document.pop("credentialStatus")}
        document[wrapper] = [hidden] if wrapper != "@nest" else hidden
        assert world.verify(serialize(document)).verdict is not Verdict.VALID

    def test_a_second_description_of_the_badge_inside_it_is_never_valid(self, world: World) -> None:
        world.publish(4711)
        own = badge() | {"credentialSchema": [{"id": badge()["id"], "type": "JsonSchema"}]}
        document = sign_anything(own, world.ed25519)
        status = document.pop("credentialStatus")
        document["credentialSchema"] = [{"id": document["id"], "type": "JsonSchema", "credentialStatus": status}]
        assert world.verify(serialize(document)).verdict is not Verdict.VALID

    def test_the_order_of_contexts_is_the_data_models(self, world: World) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        report = world.verify(serialize(document | {"@context": [OB3_CONTEXT, CREDENTIALS_V2, OB3_EXTENSIONS]}))
        assert code(report, "context") == "context-first"
        assert report.verdict is Verdict.INVALID

    def test_the_unversioned_open_badges_context_is_unknown(self, world: World) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        unversioned = "https://purl.imsglobal.org/spec/ob/v3p0/context.json"
        report = world.verify(serialize(document | {"@context": [CREDENTIALS_V2, unversioned]}))
        assert code(report, "context") == "context-unknown"

    @pytest.mark.parametrize("path", [[], ["issuer"], ["credentialSubject", "achievement"]])
    def test_endorsement_tokens_unsigned_by_an_older_context_are_never_valid(
        self, world: World, path: list[str]
    ) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        holder = document
        for name in path:
            inner = holder[name]
            assert isinstance(inner, dict)
            holder = inner
        holder["endorsementJwt"] = ["a.b.c"]
        report = world.verify(serialize(document))
        assert code(report, "signature") == "context-older"
        assert report.verdict is Verdict.UNDETERMINED
        assert code(world.verify(serialize(document | {"name": "x"})), "signature") == "signature-mismatch"

    def test_a_second_proof_by_somebody_else_breaks_the_first(self, world: World) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        stranger = LocalSigner.generate(Algorithm.ED25519)
        did = f"did:key:{stranger.public.multibase}"
        foreign = sign_anything(badge(), stranger, method=f"{did}#{stranger.public.multibase}")
        report = world.verify(serialize(document | {"proof": [document["proof"], foreign["proof"]]}))
        assert failed(report) == {"controller"}

    def test_a_signed_document_without_its_proof_is_no_credential(self, world: World) -> None:
        report = world.verify(serialize(badge()))
        assert code(report, "proof") == "proof-missing"
        assert report.verdict is Verdict.INVALID


class TestKeys:
    def test_a_key_that_the_issuer_does_not_publish_fails(self, world: World) -> None:
        report = world.verify(serialize(sign_anything(badge(), world.ed25519, method=f"{ISSUER}#other")))
        assert code(report, "key") == "key-not-published"
        assert report.verdict is Verdict.INVALID

    def test_a_key_without_assertion_method_fails_at_controller(self, world: World) -> None:
        raw = world.sign(badge()).json_bytes
        world.purposes = (TOKEN_METHOD,)
        report = world.verify(raw)
        assert failed(report) == {"controller"}
        assert report.check("signature").outcome is Outcome.PASSED

    def test_a_foreign_key_that_signs_in_the_issuers_name_fails_at_controller(self, world: World) -> None:
        stranger = LocalSigner.generate(Algorithm.ED25519)
        did = f"did:key:{stranger.public.multibase}"
        raw = serialize(sign_anything(badge(), stranger, method=f"{did}#{stranger.public.multibase}"))
        report = world.verify(raw)
        assert failed(report) == {"controller"}
        assert report.verdict is Verdict.INVALID

    def test_a_document_that_claims_the_issuers_key_does_not_get_it(self, world: World) -> None:
        """A stranger's document lists a key with `controller` set to the issuer: the issuer does not list it."""
        stranger = LocalSigner.generate(Algorithm.ED25519)
        hostile: JsonObject = {
            "id": OTHER,
            "verificationMethod": [
                {
                    "id": f"{OTHER}#1",
                    "type": "Multikey",
                    "controller": ISSUER,
                    "publicKeyMultibase": stranger.public.multibase,
                }
            ],
            "assertionMethod": [f"{OTHER}#1"],
        }
        raw = serialize(sign_anything(badge(), stranger, method=f"{OTHER}#1"))
        report = verify(raw, at=AT, sources=world.sources(hostile))
        assert failed(report) == {"controller"}

    def test_a_document_that_uses_the_issuers_key_id_does_not_get_it(self, world: World) -> None:
        """A stranger's document lists its own key under the id of the issuer's key."""
        stranger = LocalSigner.generate(Algorithm.ED25519)
        hostile: JsonObject = {
            "id": OTHER,
            "verificationMethod": [
                {
                    "id": METHOD,
                    "type": "Multikey",
                    "controller": ISSUER,
                    "publicKeyMultibase": stranger.public.multibase,
                }
            ],
            "assertionMethod": [METHOD],
        }
        raw = serialize(sign_anything(badge(), stranger, method=METHOD))
        report = verify(raw, at=AT, sources=world.sources(hostile))
        assert failed(report) == {"signature"}

    def test_a_revoked_key_vouches_for_nothing_any_more(self, world: World) -> None:
        raw = world.sign(badge()).json_bytes
        world.method_extra = {"revoked": "2026-06-01T00:00:00Z"}
        assert world.verify(raw).verdict is Verdict.VALID
        report = world.verify(raw, at=datetime.fromisoformat("2026-06-01T00:00:00Z"))
        assert code(report, "key") == "key-revoked"

    def test_a_key_that_is_written_out_elsewhere_is_revoked_there(self, world: World) -> None:
        raw = world.sign(badge()).json_bytes
        written = world.did_document()
        methods = written.pop("verificationMethod")
        assert isinstance(methods, list)
        written["authentication"] = [
            {**method, "revoked": "2020-01-01T00:00:00Z"} for method in methods if isinstance(method, dict)
        ]
        sources = Sources(ChainResolver(KeyResolver(), SuppliedResolver([written])), world.lists, LOADER)
        assert code(verify(raw, at=AT, sources=sources), "key") == "key-revoked"

    def test_a_bare_key_with_odd_members_is_no_error_of_ours(self, world: World) -> None:
        url = "https://evil.example/key"
        answer = serialize({**world.ed25519.public.jwk, "verificationMethod": [{"id": []}]})
        document = without(badge(), "credentialStatus") | {"issuer": url}
        resolver = ChainResolver(KeyResolver(), WebResolver(lambda _url, _accept: answer))
        raw = serialize(sign_anything(document, world.ed25519, method=url))
        assert verify(raw, at=AT, sources=Sources(resolver, world.lists, LOADER)).check("signature")

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
    def test_a_moment_out_of_the_calendar_is_none(self, world: World, moment: str) -> None:
        raw = serialize(sign_anything(badge() | {"validFrom": moment}, world.ed25519))
        assert world.verify(raw).check("dates").outcome is Outcome.FAILED

    def test_a_moment_that_is_none_fails_at_key(self, world: World) -> None:
        raw = world.sign(badge()).json_bytes
        world.method_extra = {"revoked": "soon"}
        assert world.verify(raw).check("key").outcome is Outcome.FAILED

    def test_a_dead_network_is_undetermined_never_failed(self, world: World) -> None:
        raw = world.sign(badge()).json_bytes
        sources = Sources(ChainResolver(KeyResolver(), SuppliedResolver([])), world.lists, LOADER)
        report = verify(raw, at=AT, sources=sources)
        assert not failed(report)
        assert code(report, "key") == "unreachable"
        assert report.verdict is Verdict.UNDETERMINED

    def test_an_unknown_did_method_is_undetermined_by_name(self, world: World) -> None:
        document = badge() | {"issuer": "did:example:1"}
        report = verify(
            serialize(sign_anything(document, world.ed25519, method="did:example:1#k")),
            at=AT,
            sources=Sources(KeyResolver(), NoStatusLists(), LOADER),
        )
        assert code(report, "key") == "did-unsupported"
        assert report.verdict is Verdict.UNDETERMINED

    def test_a_kind_of_key_outside_the_policy_fails(self, world: World) -> None:
        policy = Policy(key_algorithms=frozenset({Algorithm.P256}))
        report = world.verify(world.sign(badge()).json_bytes, policy=policy)
        assert code(report, "key") == "key-refused"

    def test_a_suite_with_a_key_of_another_kind_is_not_valid(self, world: World) -> None:
        document = sign_anything(badge(), world.p256, method=TOKEN_METHOD, cryptosuite="ecdsa-rdfc-2019")
        assert world.verify(serialize(document)).verdict is Verdict.VALID
        proof = document["proof"]
        assert isinstance(proof, dict)
        wrong = document | {"proof": proof | {"cryptosuite": "eddsa-rdfc-2022"}}
        assert world.verify(serialize(wrong)).verdict is not Verdict.VALID


class TestProof:
    def test_another_purpose_fails(self, world: World) -> None:
        document = sign_anything(badge(), world.ed25519, proofPurpose="authentication")
        report = world.verify(serialize(document))
        assert code(report, "proof") == "proof-purpose"
        assert report.verdict is Verdict.INVALID

    def test_too_many_proofs_are_not_judged(self, world: World) -> None:
        document = parse_object(world.sign(badge()).json_bytes)
        report = world.verify(serialize(document | {"proof": [document["proof"]] * 9}))
        assert code(report, "proof") == "too-many-proofs"
        assert report.verdict is not Verdict.VALID

    def test_an_expired_proof_fails_at_expiry(self, world: World) -> None:
        document = sign_anything(badge(), world.ed25519, expires="2026-05-14T11:00:00Z")
        assert world.verify(serialize(document)).verdict is Verdict.VALID
        report = world.verify(serialize(document), at=AT + timedelta(hours=2))
        assert code(report, "expiry") == "proof-expired"


class TestDates:
    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("2026-05-14T08:59:59Z", "not-yet-valid"),
            ("2026-05-14T09:00:00Z", None),
            ("2028-05-14T09:00:00Z", None),
            ("2028-05-14T09:00:01Z", "expired"),
        ],
    )
    def test_the_moment_lies_within_the_validity(self, world: World, at: str, expected: str | None) -> None:
        document = without(badge(), "credentialStatus")
        report = world.verify(serialize(sign_anything(document, world.ed25519)), at=datetime.fromisoformat(at))
        assert report.check("expiry").data.get("code") == expected
        assert report.verdict is (Verdict.INVALID if expected else Verdict.VALID)
        assert report.check("signature").outcome is Outcome.PASSED

    @pytest.mark.parametrize(
        "change",
        [
            {"validFrom": "2026-05-14"},
            {"validFrom": "2026-05-14T09:00:00"},
            {"validUntil": "tomorrow"},
            {"awardedDate": "2026-13-01T00:00:00Z"},
            {"validUntil": "2026-05-14T08:59:59Z"},
        ],
    )
    def test_a_date_that_is_no_moment_fails(self, world: World, change: JsonObject) -> None:
        report = world.verify(serialize(sign_anything(badge() | change, world.ed25519)))
        assert report.check("dates").outcome is Outcome.FAILED
        assert report.verdict is Verdict.INVALID


class TestTypes:
    @pytest.mark.parametrize(
        "path",
        [["issuer"], ["credentialSubject", "achievement"], ["credentialSubject", "achievement", "criteria"]],
    )
    def test_a_badge_lacks_nothing_that_a_badge_needs(self, world: World, path: list[str]) -> None:
        report = world.verify(serialize(sign_anything(without(badge(), *path), world.ed25519)))
        assert report.check("types").outcome is Outcome.FAILED
        assert report.verdict is Verdict.INVALID

    def test_a_schema_departure_is_told_but_does_not_decide(self, world: World) -> None:
        document = badge()
        subject = document["credentialSubject"]
        assert isinstance(subject, dict)
        document["credentialSubject"] = subject | {"result": [{"type": ["Result"], "status": "Superb"}]}
        report = world.verify(serialize(sign_anything(document, world.ed25519)))
        assert report.check("schema").outcome is Outcome.FAILED
        assert report.check("schema").data["pointers"] == ["/credentialSubject/result/0/status"]
        assert report.verdict is Verdict.VALID


class TestOtherStandards:
    @pytest.mark.parametrize(
        ("context", "name"),
        [
            ("https://www.w3.org/2018/credentials/v1", "vcdm-1.1"),
            ("https://w3id.org/openbadges/v2", "open-badges-2"),
        ],
    )
    def test_older_ones_are_undetermined_by_name(self, world: World, context: str, name: str) -> None:
        report = world.verify(serialize(badge() | {"@context": [context]}))
        assert code(report, "context") == name
        assert report.verdict is Verdict.UNDETERMINED
        assert world.lists.asked == []


class TestUnreadable:
    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (b"", "json-malformed"),
            (b"not json", "json-malformed"),
            (b"[]", "json-malformed"),
            (b'{"a":NaN}', "json-malformed"),
            (b'{"a":1,"a":2}', "json-duplicate-key"),
            (b"\xff\xfe{}", "json-malformed"),
        ],
    )
    def test_what_is_no_json_object_is_invalid(self, world: World, raw: bytes, expected: str) -> None:
        report = world.verify(raw)
        assert code(report, "readable") == expected
        assert report.verdict is Verdict.INVALID
        assert report.document is None
        assert tuple(result.check_id for result in report.checks) == CHECK_IDS

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [(b"[" * 100, "json-too-deep"), (b'{"a":' + b"9" * 99 + b"}", "json-number-too-long")],
    )
    def test_what_is_too_costly_is_undetermined_by_name(self, world: World, raw: bytes, expected: str) -> None:
        report = world.verify(raw)
        assert code(report, "readable") == expected
        assert report.verdict is Verdict.UNDETERMINED

    def test_a_poison_graph_is_undetermined_by_name(self, world: World) -> None:
        document = badge()
        star: list[Json] = [
            {"type": ["Alignment"], "targetName": "x", "targetUrl": "https://x.example/"} for _ in range(30)
        ]
        subject = document["credentialSubject"]
        assert isinstance(subject, dict)
        achievement = subject["achievement"]
        assert isinstance(achievement, dict)
        document["credentialSubject"] = subject | {"achievement": achievement | {"alignment": star}}
        limits = replace(DEFAULT_LIMITS, blank_nodes=10)
        raw = serialize(data_integrity.attach(document, data_integrity.proof_options(
            verification_method=METHOD, created=AT), bytes(64)))  # fmt: skip
        report = world.verify(raw, policy=Policy(limits=limits))
        assert code(report, "signature") == "graph-too-large"
        assert report.verdict is Verdict.UNDETERMINED


class TestPolicy:
    def test_trust_informs_unless_it_is_required(self, world: World) -> None:
        raw = world.sign(badge()).json_bytes
        known, unknown = Policy(trusted_issuers=frozenset({ISSUER})), Policy(trusted_issuers=frozenset())
        assert world.verify(raw, policy=known).check("issuer-trust").outcome is Outcome.PASSED
        assert world.verify(raw, policy=unknown).verdict is Verdict.VALID
        strict = replace(unknown, required=unknown.required | {"issuer-trust"})
        assert world.verify(raw, policy=strict).verdict is Verdict.UNDETERMINED

    def test_failed_outweighs_undetermined(self, world: World) -> None:
        world.lists.known.clear()
        report = world.verify(world.sign(badge()).json_bytes, at=AT + timedelta(days=2000))
        assert outcomes(report)["expiry"] == "FAILED"
        assert outcomes(report)["status.revocation"] == "UNDETERMINED"
        assert report.verdict is Verdict.INVALID


class TestUnreachableResolver:
    def test_asks_nobody_about_status_when_the_signature_did_not_hold(self, world: World) -> None:
        document = parse_object(world.sign(badge()).json_bytes) | {"name": "changed"}
        report = world.verify(serialize(document))
        assert report.check("status.revocation").outcome is Outcome.SKIPPED
        assert world.lists.asked == []

    def test_no_lists_know_nothing(self) -> None:
        with pytest.raises(Unreachable):
            NoStatusLists().fetch("https://a.example/1")
