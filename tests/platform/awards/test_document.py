"""What we sign, judged by others: the official schema, another library, and our own general path."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier

from insignia.assessment.selectors import decision_get, evidence_items, evidence_shared
from insignia.audit.actor import Actor
from insignia.awards.models import Award
from insignia.awards.selectors import award_json, award_jwt, award_png, award_public, award_svg, credential_state
from insignia.awards.services import award_from_decision, award_reinstate, award_revoke, award_suspend
from insignia.issuing.models import Issuer, Reservation, SigningKey
from insignia.issuing.selectors import status_document
from insignia.issuing.services import key_rotate, lists_republish
from insignia.issuing.sources import OwnIssuers, OwnStatusLists
from insignia.vc.bake import extract_png, extract_svg
from insignia.vc.contexts import ContextLoader
from insignia.vc.keys import PublicKey
from insignia.vc.verify import Outcome, Report, Sources, Verdict, verify, verify_jwt
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import World, make_content, make_decision, make_world
from tests.platform.factories import AT, SETUP, owner_of
from tests.shared_data import SHARED

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=2)
SCHEMA = SHARED / "standards" / "schemas" / "ob_v3p0" / "ob_v3p0_achievementcredential_schema.json"
STATUS = ("status.revocation", "status.suspension", "status.refresh")


@pytest.fixture
def world() -> World:
    return make_world()


def give(world: World, *, answered: tuple[int, ...] = (1, 2)) -> Award:
    decision = make_decision(world, answered=answered, born_on=date(2000, 12, 24))
    return award_from_decision(decision_id=decision.public_id, at=AT)


def forms(award: Award) -> tuple[bytes, str]:
    view = award_public(award_id=award.public_id, viewer=award.learner, on=AT)
    return award_json(view), award_jwt(view)


def document_of(award: Award) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(forms(award)[0])
    return document


def sources() -> Sources:
    return Sources(resolver=OwnIssuers(), status_lists=OwnStatusLists(), loader=ContextLoader())


def judged(award: Award) -> Report:
    return verify(forms(award)[0], at=LATER, sources=sources())


def pem(issuer: Issuer, algorithm: str) -> bytes:
    key = PublicKey.from_multibase(SigningKey.objects.get(issuer=issuer, algorithm=algorithm).public_multibase)
    return key.raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class TestSignedDocument:
    def test_says_what_is_permanent_and_nothing_else(self, world: World) -> None:
        award = give(world)
        document = document_of(award)
        assert set(document) == {
            "@context", "id", "type", "name", "issuer", "validFrom", "validUntil", "awardedDate",
            "credentialSubject", "evidence", "credentialStatus", "credentialSchema", "relatedResource", "proof",
        }  # fmt: skip
        assert document["id"] == f"https://badges.example.org/awards/{award.public_id}"
        assert document["issuer"]["id"] == f"did:web:badges.example.org:issuers:{world.issuer.public_id}"
        assert document["name"] == "Scientific Communication"
        lineage = world.version.achievement.public_id
        achievement = document["credentialSubject"]["achievement"]
        assert achievement["id"] == f"https://badges.example.org/achievements/{lineage}/v1"

    def test_names_the_recipient_as_they_want_and_nothing_more(self, world: World) -> None:
        award = give(world)
        text = forms(award)[0].decode()
        subject = document_of(award)["credentialSubject"]
        assert subject["id"].startswith("urn:uuid:")
        assert subject["identifier"] == [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": "Itzel Marroquín Ñ",
                "identityType": "name",
            }
        ]
        learner = owner_of(award)
        for secret in (learner.email, str(learner.public_id), "2000-12-24", "secret words", world.assessor.email):
            assert secret not in text

    def test_gives_the_level_reached_of_every_criterion(self, world: World) -> None:
        subject = document_of(give(world))["credentialSubject"]
        described = {row["id"]: row for row in subject["achievement"]["resultDescription"]}
        assert len(subject["result"]) == len(described) == 2
        for result, criterion in zip(subject["result"], make_content().rubric.criteria, strict=True):
            levels = [level["id"] for level in described[result["resultDescription"]]["rubricCriterionLevel"]]
            place = levels.index(result["achievedLevel"])
            assert levels[place].endswith(criterion.levels[place].id)
            assert place >= criterion.required_position

    def test_counts_evidence_by_requirement(self, world: World) -> None:
        award = give(world, answered=(1, 3, 2))
        base = f"https://badges.example.org/awards/{award.public_id}/evidence"
        evidence = [(row["id"], row["name"], row["genre"]) for row in document_of(award)["evidence"]]
        assert evidence == [
            (f"{base}/1", "Recording of the talk", "Video"),
            (f"{base}/2", "Slides", "Slides"),
            (f"{base}/3", "Reflection", "Text"),
        ]

    def test_fixes_the_evidence_by_the_hash_of_what_will_be_shared(self, world: World) -> None:
        award = give(world)
        decision = decision_get(award.origin_id)
        resources = {row["id"].rpartition("/evidence/")[2]: row for row in document_of(award)["relatedResource"]}
        assert sorted(resources) == ["1/1", "2/1"]
        for piece, row in zip(evidence_items(decision), resources.values(), strict=True):
            opened = evidence_shared(decision=decision, item_id=piece.public_id, language="en")
            digest = hashlib.sha256(b"".join(opened.chunks())).digest()
            assert row["digestSRI"] == "sha256-" + base64.b64encode(digest).decode()

    def test_names_one_status_entry_as_the_schema_allows(self, world: World) -> None:
        entry = document_of(give(world))["credentialStatus"]
        slot = Reservation.objects.get().slot
        assert (entry["type"], entry["statusPurpose"]) == ("BitstringStatusListEntry", "revocation")
        assert entry["statusListIndex"] == str(slot.index)
        assert entry["id"] != entry["statusListCredential"]

    def test_token_says_the_same(self, world: World) -> None:
        award = give(world)
        raw, token = forms(award)
        header, payload = (json.loads(_unpadded(part)) for part in token.split(".")[:2])
        key = SigningKey.objects.get(issuer=world.issuer, algorithm="P-256")
        assert header["alg"] == "ES256"
        assert header["kid"] == f"https://badges.example.org/issuers/{world.issuer.public_id}/keys/{key.public_id}"
        document = json.loads(raw)
        del document["proof"]
        assert {name: payload[name] for name in document} == document
        assert payload["sub"] == document["credentialSubject"]["id"]


def _unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class TestOthers:
    @pytest.mark.skipif(not SCHEMA.exists(), reason="the official Open Badges schemas are not on this machine")
    @pytest.mark.parametrize("months", [None, 12])
    @pytest.mark.parametrize("answered", [(1, 2), (1, 2, 3)])
    def test_the_official_schema_accepts_every_credential(
        self, months: int | None, answered: tuple[int, ...]
    ) -> None:
        validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_bytes()))
        document = document_of(give(make_world(months=months), answered=answered))
        assert [str(error) for error in validator.iter_errors(document)] == []

    def test_openbadgeslib_accepts_the_document_and_the_token(self, world: World) -> None:
        raw, token = forms(give(world))
        read = OB3LdpVerifier(pubkey_pem=pem(world.issuer, "Ed25519")).verify(raw)
        assert read.issuer.id == f"did:web:badges.example.org:issuers:{world.issuer.public_id}"
        assert OB3Verifier(pubkey_pem=pem(world.issuer, "P-256")).verify(token).id == read.id

    def test_openbadgeslib_refuses_it_with_one_letter_changed(self, world: World) -> None:
        raw, _ = forms(give(world))
        changed = raw.replace(b"Scientific Communication", b"Scientific Communicatiom")
        with pytest.raises(Exception, match=r"(?i)signature|proof"):
            OB3LdpVerifier(pubkey_pem=pem(world.issuer, "Ed25519")).verify(changed)


class TestOurVerifier:
    def test_says_valid_of_both_forms(self, world: World) -> None:
        award = give(world)
        for report in (judged(award), verify_jwt(forms(award)[1], at=LATER, sources=sources())):
            failed = [check for check in report.checks if check.outcome is Outcome.FAILED]
            assert (report.verdict, failed) == (Verdict.VALID, [])
            assert {check.check_id for check in report.checks} >= set(STATUS)

    def test_names_the_signature_when_one_byte_is_flipped(self, world: World) -> None:
        raw = forms(give(world))[0].replace(b"Scientific Communication", b"Scientific Communicatiom")
        report = verify(raw, at=LATER, sources=sources())
        assert report.verdict is Verdict.INVALID
        assert report.check("signature").outcome is Outcome.FAILED

    def test_names_revocation_while_the_signature_still_passes(self, world: World) -> None:
        award, other = give(world), give(world)
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER)
        lists_republish(LATER)
        report = judged(award)
        outcomes = {check.check_id: check.outcome for check in report.checks}
        assert report.verdict is Verdict.INVALID
        assert [outcomes[name] for name in STATUS] == [Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED]
        assert outcomes["signature"] is Outcome.PASSED
        assert judged(other).verdict is Verdict.VALID

    def test_is_told_of_a_pause_by_the_issuer_itself(self, world: World) -> None:
        award = give(world)
        credential_id = document_of(award)["id"]
        registrar = Actor.person(world.registrar)
        award_suspend(award_id=award.public_id, reason="Under review", actor=registrar, at=LATER)
        paused = credential_state(credential_id)
        assert paused is not None
        assert (paused.state, paused.since, paused.reason) == ("suspended", LATER, "Under review")
        award_reinstate(award_id=award.public_id, reason="Cleared", actor=registrar, at=LATER)
        lifted = credential_state(credential_id)
        assert lifted is not None
        assert lifted.state == "issued"
        for foreign in ("", "urn:uuid:1", credential_id.replace("badges", "other"), credential_id + "x"):
            assert credential_state(foreign) is None

    def test_says_expired_after_the_last_day(self, world: World) -> None:
        raw = forms(give(world))[0]
        report = verify(raw, at=AT + timedelta(days=3 * 366), sources=sources())
        assert report.check("expiry").outcome is Outcome.FAILED
        assert report.check("signature").outcome is Outcome.PASSED

    def test_still_says_valid_after_the_key_was_rotated(self, world: World) -> None:
        award = give(world)
        key_rotate(issuer=world.issuer, actor=SETUP, at=LATER)
        lists_republish(LATER)
        assert judged(award).verdict is Verdict.VALID
        assert verify_jwt(forms(award)[1], at=LATER, sources=sources()).verdict is Verdict.VALID

    def test_finds_nothing_in_a_deep_look_at_the_whole_database(self, world: World) -> None:
        give(world)
        assert findings(deep=True) == []


class TestBakedPictures:
    def test_carry_the_very_bytes_that_were_signed(self, world: World) -> None:
        award = give(world)
        view = award_public(award_id=award.public_id, viewer=award.learner, on=AT)
        assert extract_png(award_png(view)) == award_json(view)
        assert extract_svg(award_svg(view)) == award_json(view)

    def test_lists_are_public_bytes(self, world: World) -> None:
        entry = document_of(give(world))["credentialStatus"]
        list_id = entry["statusListCredential"].rpartition("/")[2]
        assert json.loads(status_document(UUID(list_id)))["credentialSubject"]["statusPurpose"] == "revocation"
