"""The main job through the domain services, on whatever database the suite runs: evidence to checked badge."""

from __future__ import annotations

import io
import json
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from insignia.accounts.models import Person
from insignia.audit.actor import Actor
from insignia.audit.models import AuditEntry
from insignia.audit.services import audit_sequence, audit_verify
from insignia.awards.models import Award
from insignia.awards.selectors import award_json, award_jwt, award_png, award_public, award_svg, share_open
from insignia.awards.services import (
    award_claim,
    award_converge,
    award_revoke,
    evidence_visibility_set,
    share_create,
    visibility_set,
)
from insignia.awards.story import award_story
from insignia.demo.badges import sheets
from insignia.demo.main_job import FLAGSHIP, SCHOOL
from insignia.demo.scenes import hand_in, judge
from insignia.demo.stage import Stage, badge_publish, framework_bring, stage_found
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.issuing.models import Purpose
from insignia.issuing.selectors import did_document, lists_of, status_document
from insignia.issuing.services import lists_republish
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from insignia.vc.bake import bake_png
from insignia.vc.contexts import ContextLoader
from insignia.vc.did import SuppliedResolver
from insignia.vc.open import SuppliedLists
from insignia.vc.open import judge as judge_bytes
from insignia.vc.verify import Outcome, Report, Sources, Verdict
from tests.platform.awards import doctor

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
AFTER = START + timedelta(hours=3)
CLAIM = re.compile(r"/claim/(\S+)")


@pytest.fixture
def stage() -> Stage:
    """Found the schools, import the framework, publish the flagship badge."""
    stage = stage_found(START)
    lists_republish(START)
    framework_bring(stage, SCHOOL, at=START)
    badge_publish(stage, sheets()[FLAGSHIP], at=START)
    return stage


def earned(stage: Stage, learner: str) -> Award:
    """Let a learner hand in files and links, be judged, and let the sweep make what is due."""
    submission = hand_in(stage, learner, FLAGSHIP, at=START, files=True)
    decision = judge(stage, submission, "met", at=START + timedelta(hours=1))
    award_converge(START + timedelta(hours=2))
    return Award.objects.get(origin_id=decision.public_id)


def claim_token(learner: Person) -> str:
    """Read the claim link in the learner's newest mail."""
    letters = Message.objects.filter(kind="award-issued", recipient=learner.email).select_related("data_key")
    found = CLAIM.search(letter_of(letters.latest("id")).text)
    assert found
    return found[1]


def offline(stage: Stage) -> Sources:
    """Give a verifier what anyone can fetch: the issuer's DID document and the revocation list, as bytes."""
    issuer = stage.issuers[SCHOOL]
    lists = [status_document(row.public_id) for row in lists_of(issuer) if row.purpose == Purpose.REVOCATION]
    document = json.loads(json.dumps(did_document(issuer)))
    return Sources(SuppliedResolver([document]), SuppliedLists(lists), ContextLoader())


def genuine_art(baked: bytes) -> bytes:
    """Draw the picture again without the credential in it."""
    drawn = io.BytesIO()
    Image.open(io.BytesIO(baked)).save(drawn, "PNG")
    return drawn.getvalue()


def outcome(report: Report, check_id: str) -> Outcome:
    return report.check(check_id).outcome


class TestMainJob:
    def test_leads_from_evidence_to_a_badge_that_anyone_can_check(self, stage: Stage) -> None:
        itzel = stage.people["itzel"]
        award = earned(stage, "itzel")
        assert award.visibility == Award.Visibility.PRIVATE
        award_claim(token=claim_token(itzel), actor=Actor.system("claim"), at=AFTER)
        visibility_set(
            award_id=award.public_id, visibility=Award.Visibility.LINK, actor=Actor.person(itzel), at=AFTER
        )
        evidence_visibility_set(
            award_id=award.public_id, number=1, shared=True, actor=Actor.person(itzel), at=AFTER
        )
        new = share_create(award_id=award.public_id, actor=Actor.person(itzel), at=AFTER, label="Employer")

        with pytest.raises(NotFound):
            award_public(award_id=award.public_id, viewer=None, on=AFTER)
        token = new.path.removeprefix("/s/")
        share = share_open(token=token, on=AFTER)
        view = award_public(award_id=share.award.public_id, viewer=None, on=AFTER, share_token=token)
        story = award_story(view)
        assert [piece.is_shared for piece in story.shown] == [True, False, False]

        copies = (award_json(view), award_jwt(view).encode(), award_png(view), award_svg(view))
        for copy in copies:
            report = judge_bytes(copy, at=AFTER, sources=offline(stage))
            assert report.verdict is Verdict.VALID
            assert report.credential.recipient == "Itzel Marroquín"
        assert doctor.findings(deep=True) == []

    def test_tells_a_changed_picture_from_the_genuine_one(self, stage: Stage) -> None:
        award = earned(stage, "itzel")
        view = award_public(award_id=award.public_id, viewer=stage.people["itzel"], on=AFTER)
        genuine, sources = award_png(view), offline(stage)
        forged = award_json(view).replace(b"Community Data Inquiry", b"Community Data Inquirx", 1)
        report = judge_bytes(bake_png(genuine_art(genuine), forged), at=AFTER, sources=sources)
        assert (report.verdict, outcome(report, "signature")) == (Verdict.INVALID, Outcome.FAILED)
        start = genuine.index(b"openbadgecredential")
        for place in random.Random(20260514).sample(range(start, start + len(forged)), 24):  # noqa: S311  - repeatable, not secret
            flipped = genuine[:place] + bytes([genuine[place] ^ 1]) + genuine[place + 1 :]
            assert judge_bytes(flipped, at=AFTER, sources=sources).verdict is Verdict.INVALID, place

    def test_says_revoked_while_the_signature_stays_sound(self, stage: Stage) -> None:
        award = earned(stage, "itzel")
        view = award_public(award_id=award.public_id, viewer=stage.people["itzel"], on=AFTER)
        copy = award_png(view)
        registrar = Actor.person(stage.people["marguerite"])
        award_revoke(award_id=award.public_id, reason="Issued in error.", actor=registrar, at=AFTER)
        lists_republish(AFTER)
        report = judge_bytes(copy, at=AFTER + timedelta(minutes=1), sources=offline(stage))
        assert report.verdict is Verdict.INVALID
        assert outcome(report, "status.revocation") is Outcome.FAILED
        assert outcome(report, "signature") is Outcome.PASSED

    def test_makes_one_award_however_often_the_sweep_comes(self, stage: Stage) -> None:
        award = earned(stage, "itzel")
        for minute in range(3):
            award_converge(AFTER + timedelta(minutes=minute))
        assert list(Award.objects.all()) == [award]
        assert Message.objects.filter(kind="award-issued").count() == 1

    def test_keeps_a_minors_badge_closed_whatever_she_chooses(self, stage: Stage) -> None:
        award = earned(stage, "mai")
        mai = stage.people["mai"]
        award_claim(token=claim_token(mai), actor=Actor.person(mai), at=AFTER)
        with pytest.raises(NotAllowed):
            visibility_set(
                award_id=award.public_id, visibility=Award.Visibility.PUBLIC, actor=Actor.person(mai), at=AFTER
            )
        with pytest.raises(NotFound):
            award_public(award_id=award.public_id, viewer=None, on=AFTER)

    def test_leaves_a_record_that_proves_itself(self, stage: Stage) -> None:
        award = earned(stage, "itzel")
        award_claim(token=claim_token(stage.people["itzel"]), actor=Actor.system("claim"), at=AFTER)
        audit_sequence(AFTER)
        report = audit_verify()
        assert (report.broken, report.unnumbered) == ("", 0)
        acts = (
            AuditEntry.objects.filter(subject_id=award.public_id).order_by("id").values_list("action", flat=True)
        )
        assert list(acts) == ["award.issued", "award.claimed"]
