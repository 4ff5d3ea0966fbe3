"""The link in the mail: no account, no change by looking, good for a while, replaced by a newer one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from insignia.audit.actor import Actor
from insignia.audit.models import AuditEntry
from insignia.awards.errors import ClaimedByAnother, ClaimEnded, ClaimUnusable
from insignia.awards.models import Award
from insignia.awards.selectors import claim_open
from insignia.awards.services import award_claim, claim_path, claim_renew
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.organizations.models import Organization
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from tests.platform.awards.world import Awarded, World, make_awarded
from tests.platform.factories import AT, make_person, owner_of

pytestmark = pytest.mark.django_db
ANYONE = Actor.system("claim")


@pytest.fixture
def awarded() -> Awarded:
    return make_awarded("Itzel Marroquín Ñ")


@pytest.fixture
def world(awarded: Awarded) -> World:
    return awarded.world


@pytest.fixture
def award(awarded: Awarded) -> Award:
    return awarded.awards[0]


def token_of(award: Award) -> str:
    return claim_path(str(award.public_id)).removeprefix("/claim/")


class TestClaimLink:
    def test_stands_in_the_mail_and_nowhere_in_the_database(self, award: Award) -> None:
        message = Message.objects.select_related("data_key").get(kind="award-issued")
        token = token_of(award)
        letter = letter_of(message)
        assert f"https://badges.example.org/claim/{token}" in letter.text
        assert "Scientific Communication" in letter.subject
        assert len(token) == 43
        award.refresh_from_db()
        assert token not in str(award.__dict__)
        assert token.encode() not in bytes(message.sealed_context)

    def test_opened_ten_times_changes_nothing(self, award: Award) -> None:
        for _ in range(10):
            assert claim_open(token=token_of(award), on=AT) == award
        award.refresh_from_db()
        assert award.claimed_at is None

    def test_needs_no_account_to_keep(self, award: Award) -> None:
        first = award_claim(token=token_of(award), actor=ANYONE, at=AT)
        again = award_claim(token=token_of(award), actor=ANYONE, at=AT + timedelta(days=1))
        assert first.claimed_at == again.claimed_at == AT

    def test_is_not_for_somebody_else_who_is_signed_in(self, award: Award) -> None:
        with pytest.raises(ClaimedByAnother):
            award_claim(token=token_of(award), actor=Actor.person(make_person()), at=AT)
        assert award_claim(token=token_of(award), actor=Actor.person(owner_of(award)), at=AT).claimed_at == AT

    def test_never_takes_over_whom_somebody_else_is_already(self, award: Award) -> None:
        """As a badge without its owner would be: signed while they claimed another."""
        owner = award.learner
        Award.objects.update(learner=None)
        with pytest.raises(ClaimedByAnother):
            award_claim(token=token_of(award), actor=Actor.person(make_person()), at=AT)
        award.refresh_from_db()
        assert (award.learner, award.recipient.person, award.claimed_at) == (None, owner, None)

    def test_gives_a_badge_the_owner_it_lacks(self, award: Award) -> None:
        owner = award.learner
        assert owner is not None
        Award.objects.update(learner=None)
        claimed = award_claim(token=token_of(award), actor=Actor.person(owner), at=AT)
        assert (claimed.learner, claimed.claimed_at) == (owner, AT)
        assert Award.objects.get().learner == owner
        assert not AuditEntry.objects.filter(action="recipient.claimed").exists()

    def test_ends_after_half_a_year(self, award: Award) -> None:
        with pytest.raises(ClaimEnded):
            claim_open(token=token_of(award), on=AT + timedelta(days=180))

    def test_says_its_last_day_as_the_school_counts_it(self, award: Award) -> None:
        Organization.objects.update(time_zone="America/Denver")
        last = datetime(2026, 8, 2, 3, 0, tzinfo=UTC)  # still the first of August in Denver
        Award.objects.update(claim_expires_at=last)
        with pytest.raises(ClaimEnded) as refused:
            claim_open(token=token_of(award), on=last)
        assert refused.value.data == {"ended": "2026-08-01"}

    def test_of_another_kind_opens_nothing(self, award: Award) -> None:
        for token in ("", "a" * 43, str(award.public_id)):
            with pytest.raises(ClaimUnusable):
                claim_open(token=token, on=AT)


class TestNewClaimLink:
    def test_replaces_the_old_one(self, award: Award) -> None:
        old = token_of(award)
        claim_renew(award_id=award.public_id, actor=Actor.person(owner_of(award)), at=AT)
        with pytest.raises(ClaimUnusable):
            claim_open(token=old, on=AT)
        assert claim_open(token=token_of(award), on=AT) == award
        mail = Message.objects.select_related("data_key").get(kind="award-claim")
        assert token_of(award) in letter_of(mail).text

    def test_is_made_by_the_learner_or_a_registrar(self, world: World, award: Award) -> None:
        claim_renew(award_id=award.public_id, actor=world.registrar_acts, at=AT)
        with pytest.raises(NotAllowed):
            claim_renew(award_id=award.public_id, actor=Actor.person(world.assessor), at=AT)
        with pytest.raises(NotFound):
            claim_renew(award_id=award.public_id, actor=Actor.person(make_person()), at=AT)
