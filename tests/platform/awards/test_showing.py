"""Who sees an award: the learner decides, within what protects minors; everybody else sees nothing at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from insignia.accounts.models import Person
from insignia.accounts.services import consent_record, consent_withdraw
from insignia.audit.actor import Actor
from insignia.awards.errors import (
    AwardErased,
    AwardNotFound,
    ConsentMissing,
    EvidenceUnknown,
    LinksNotAllowed,
    ShareEnded,
    ShareExpiryUnusable,
)
from insignia.awards.models import Award, ShareLink
from insignia.awards.rules import Sight
from insignia.awards.selectors import (
    award_public,
    awards_in,
    awards_of,
    awards_public_recent,
    openness_of,
    share_open,
)
from insignia.awards.services import (
    award_from_decision,
    evidence_visibility_set,
    share_create,
    share_end,
    visibility_set,
)
from insignia.awards.story import award_story
from insignia.foundation.errors import NotFound
from insignia.foundation.sealing import datakey_destroy
from insignia.organizations.models import Organization
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import AT, SETUP, make_member, make_organization, make_person, owner_of

pytestmark = pytest.mark.django_db
ADULT, MINOR = date(2000, 1, 1), date(2011, 1, 1)
LATER = AT + timedelta(days=1)


@pytest.fixture
def world() -> World:
    return make_world()


def give(world: World, *, born_on: date | None = ADULT) -> Award:
    return award_from_decision(decision_id=make_decision(world, born_on=born_on).public_id, at=AT)


def sight_of(award: Award, viewer: Person | None, *, token: str = "") -> Sight | None:
    try:
        return award_public(award_id=award.public_id, viewer=viewer, on=AT, share_token=token).sight
    except AwardNotFound:
        return None


def acts(award: Award) -> Actor:
    return Actor.person(owner_of(award))


def open_to(award: Award, visibility: str) -> Award:
    return visibility_set(award_id=award.public_id, visibility=visibility, actor=acts(award), at=AT)


class TestNewAward:
    def test_is_seen_by_its_learner_and_its_registrar_alone(self, world: World) -> None:
        award = give(world)
        elsewhere = make_member(make_world(name="Elsewhere").organization, "owner", "registrar")
        assert sight_of(award, award.learner) == Sight.LEARNER
        assert sight_of(award, world.registrar) == Sight.ISSUER
        for viewer in (None, make_person(), world.assessor, world.author, elsewhere):
            assert sight_of(award, viewer) is None

    def test_shows_no_evidence(self, world: World) -> None:
        award = open_to(give(world), "public")
        story = award_story(award_public(award_id=award.public_id, viewer=None, on=AT))
        assert [(piece.number, piece.is_shared, piece.pieces) for piece in story.shown] == [
            (1, False, ()),
            (2, False, ()),
        ]

    def test_cannot_be_told_from_one_that_never_was(self, world: World) -> None:
        messages = set()
        for award_id in (give(world).public_id, uuid4()):
            with pytest.raises(AwardNotFound) as refusal:
                award_public(award_id=award_id, viewer=None, on=AT)
            messages.add(refusal.value.message)
        assert len(messages) == 1


class TestVisibility:
    def test_public_opens_to_everyone_and_private_closes_again(self, world: World) -> None:
        award = open_to(give(world), "public")
        assert sight_of(award, None) == Sight.PUBLIC
        open_to(award, "private")
        assert sight_of(award, None) is None

    def test_link_opens_by_its_token_only(self, world: World) -> None:
        award, other = give(world), give(world)
        share = share_create(award_id=award.public_id, actor=acts(award), at=AT)
        assert sight_of(award, None) is None
        assert sight_of(award, None, token=share.token) == Sight.LINK
        assert sight_of(open_to(other, "link"), None, token=share.token) is None

    def test_is_the_learners_to_choose(self, world: World) -> None:
        award = give(world)
        for actor in (Actor.person(make_person()), world.registrar_acts, SETUP):
            with pytest.raises(AwardNotFound):
                visibility_set(award_id=award.public_id, visibility="public", actor=actor, at=AT)


def agree(award: Award, guardian: str, *, organization: Organization | None = None) -> None:
    consent_record(
        person=owner_of(award),
        purpose="public-award",
        organization_id=(organization or award.organization).public_id,
        given_by=guardian,
        actor=SETUP,
        at=AT,
    )


class TestMinor:
    def test_comes_of_age_with_the_day_where_the_school_is(self, world: World) -> None:
        award = give(world, born_on=date(2008, 8, 2))
        Organization.objects.update(time_zone="America/Denver")
        award = awards_of(owner_of(award))[0]
        evening = datetime(2026, 8, 1, 23, 0, tzinfo=ZoneInfo("America/Denver"))  # the second by Greenwich
        assert openness_of(award, on=evening).is_minor
        assert not openness_of(award, on=evening + timedelta(hours=1)).is_minor

    def test_is_not_opened_by_a_consent_about_another_organization(self, world: World) -> None:
        award = give(world, born_on=MINOR)
        agree(award, "Hòa Nguyen", organization=make_organization())
        with pytest.raises(ConsentMissing):
            open_to(award, "public")

    @pytest.mark.parametrize("born_on", [MINOR, None])
    def test_becomes_public_with_recorded_consent_only(self, world: World, born_on: date | None) -> None:
        award = give(world, born_on=born_on)
        with pytest.raises(ConsentMissing):
            open_to(award, "public")
        agree(award, "Hòa Nguyen, guardian")
        assert sight_of(open_to(award, "public"), None) == Sight.PUBLIC

    def test_closes_at_once_when_consent_is_withdrawn(self, world: World) -> None:
        award = give(world, born_on=MINOR)
        agree(award, "Guardian")
        open_to(award, "public")
        consent_withdraw(
            person=owner_of(award),
            purpose="public-award",
            organization_id=award.organization.public_id,
            actor=SETUP,
            at=LATER,
        )
        assert sight_of(award, None) is None
        assert awards_public_recent(on=LATER) == []

    def test_shares_by_link_only_where_the_organization_allows_it(self, world: World) -> None:
        award = give(world, born_on=MINOR)
        with pytest.raises(LinksNotAllowed):
            share_create(award_id=award.public_id, actor=acts(award), at=AT)
        world.organization.minors_may_share_links = True
        world.organization.save()
        share = share_create(award_id=award.public_id, actor=acts(award), at=AT)
        assert sight_of(award, None, token=share.token) == Sight.LINK
        world.organization.minors_may_share_links = False
        world.organization.save()
        assert sight_of(award, None, token=share.token) is None
        with pytest.raises(AwardNotFound):
            share_open(token=share.token, on=AT)

    def test_turns_eighteen_on_the_birthday(self, world: World) -> None:
        award = give(world, born_on=date(2008, 5, 15))
        with pytest.raises(ConsentMissing):
            open_to(award, "public")
        visibility_set(award_id=award.public_id, visibility="public", actor=acts(award), at=LATER)


class TestEvidence:
    def test_is_shared_piece_by_piece(self, world: World) -> None:
        award = open_to(give(world), "public")
        evidence_visibility_set(award_id=award.public_id, number=2, shared=True, actor=acts(award), at=AT)
        story = award_story(award_public(award_id=award.public_id, viewer=None, on=AT))
        assert [len(piece.pieces) for piece in story.shown] == [0, 1]
        evidence_visibility_set(award_id=award.public_id, number=2, shared=False, actor=acts(award), at=AT)
        story = award_story(award_public(award_id=award.public_id, viewer=None, on=AT))
        assert [len(piece.pieces) for piece in story.shown] == [0, 0]

    def test_knows_only_pieces_that_were_handed_in(self, world: World) -> None:
        award = give(world)
        with pytest.raises(EvidenceUnknown):
            evidence_visibility_set(award_id=award.public_id, number=3, shared=True, actor=acts(award), at=AT)


class TestShare:
    def test_keeps_only_the_hash_of_a_long_secret(self, world: World) -> None:
        award = give(world)
        share = share_create(award_id=award.public_id, actor=acts(award), at=AT, label="Jonah Feld")
        assert len(share.token) >= 43
        assert share.path == f"/s/{share.token}"
        row = ShareLink.objects.get()
        assert share.token not in str(row.__dict__)
        assert share_open(token=share.token, on=AT) == row

    def test_ends_by_itself_and_by_hand(self, world: World) -> None:
        award = give(world)
        timed = share_create(award_id=award.public_id, actor=acts(award), at=AT, expires_at=LATER)
        ended = share_create(award_id=award.public_id, actor=acts(award), at=AT)
        share_end(share_id=ended.share.public_id, actor=acts(award), at=AT)
        share_end(share_id=ended.share.public_id, actor=acts(award), at=LATER)
        for token, on in ((timed.token, LATER), (ended.token, AT)):
            with pytest.raises(ShareEnded):
                share_open(token=token, on=on)
        assert sight_of(award, None, token=ended.token) is None

    def test_says_its_last_day_as_the_school_counts_it(self, world: World) -> None:
        """One that ends with the first of August in Denver ends on the second by Greenwich."""
        award = give(world)
        Organization.objects.update(time_zone="America/Denver")
        last = datetime(2026, 8, 1, 23, 59, 59, tzinfo=ZoneInfo("America/Denver"))
        share = share_create(award_id=award.public_id, actor=acts(award), at=AT, expires_at=last)
        with pytest.raises(ShareEnded) as refused:
            share_open(token=share.token, on=last)
        assert refused.value.data == {"ended": "2026-08-01"}

    def test_is_ended_by_its_owner_alone(self, world: World) -> None:
        award = give(world)
        share = share_create(award_id=award.public_id, actor=acts(award), at=AT)
        with pytest.raises(AwardNotFound):
            share_end(share_id=share.share.public_id, actor=world.registrar_acts, at=AT)

    @pytest.mark.parametrize("days", [-1, 0, 800])
    def test_ends_within_two_years(self, world: World, days: int) -> None:
        award = give(world)
        with pytest.raises(ShareExpiryUnusable):
            share_create(award_id=award.public_id, actor=acts(award), at=AT, expires_at=AT + timedelta(days=days))

    def test_unknown_tokens_open_nothing(self, world: World) -> None:
        give(world)
        for token in ("", "x", "a" * 43):
            with pytest.raises(AwardNotFound):
                share_open(token=token, on=AT)


class TestErased:
    def test_person_leaves_a_tombstone(self, world: World) -> None:
        award = open_to(give(world), "public")
        datakey_destroy(owner_of(award).data_key, at=LATER)
        with pytest.raises(AwardErased):
            award_public(award_id=award.public_id, viewer=None, on=LATER)


class TestLists:
    def test_of_a_person_are_their_own(self, world: World) -> None:
        one, other = give(world), give(world)
        assert awards_of(owner_of(one)) == [one]
        assert awards_of(owner_of(other)) == [other]

    def test_of_an_organization_are_for_its_registrars(self, world: World) -> None:
        award = give(world)
        assert awards_in(organization=world.organization, viewer=world.registrar) == [award]
        with pytest.raises(NotFound):
            awards_in(organization=world.organization, viewer=make_person())

    def test_of_recent_ones_shows_what_everyone_may_see(self, world: World) -> None:
        shown, hidden = give(world), give(world)
        open_to(shown, "public")
        open_to(hidden, "link")
        assert awards_public_recent(on=AT) == [shown]
        assert shown.valid_until is not None
        assert awards_public_recent(on=shown.valid_until) == [], "an expired badge is no news"


class TestStory:
    def test_tells_what_was_asked_judged_and_signed(self, world: World) -> None:
        award = give(world)
        story = award_story(award_public(award_id=award.public_id, viewer=award.learner, on=AT))
        assert story.asked.name["en"] == "Scientific Communication"
        assert [len(piece.pieces) for piece in story.shown] == [1, 1]
        judged = [(row.title["en"], row.level_place, row.required_place, row.is_met) for row in story.judged]
        assert judged == [("Criterion 1", 2, 2, True), ("Criterion 2", 3, 2, True)]
        assert (story.judged_by, story.judged_role, story.judged_at) == ("Samuel Okafor", "assessor", AT)
        assert (story.document_number, story.signed_at, story.changes) == (1, AT, ())
