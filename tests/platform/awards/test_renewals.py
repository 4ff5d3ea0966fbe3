"""Badges that end: told in time and once, renewed on the organization's word where the badge allows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.accounts.models import Person
from insignia.achievements.rules import Renewal
from insignia.audit.actor import Actor
from insignia.awards.credential import said_by
from insignia.awards.errors import (
    AwardAlreadySuspended,
    ExpiryDaysUnusable,
    NothingMeant,
    RenewalNeedsAssessment,
    RenewalNotDue,
)
from insignia.awards.models import Award, AwardDocument, ExpiryNotice
from insignia.awards.rules import expiry_days_checked, is_renewable, renewed_until
from insignia.awards.selection import Selection
from insignia.awards.selectors import award_by_id, document_json, expiry_days_of
from insignia.awards.services import (
    award_from_decision,
    award_renew,
    award_suspend,
    awards_change_many,
    expiry_days_set,
    mass_changes_converge,
    renewals_converge,
    renewals_tell,
)
from insignia.awards.services import renewals as module
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.foundation.sealing import datakey_destroy
from insignia.issuing.selectors import status_bit
from insignia.issuing.services import lists_republish
from insignia.organizations.models import Organization
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import AT, make_member, make_person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return make_world(months=12)


@pytest.fixture
def attested() -> World:
    """Make a world whose badge is renewed on the organization's word."""
    return make_world(months=12, renewal=Renewal.ATTESTATION)


def give(world: World, *, name: str = "Itzel") -> Award:
    decision = make_decision(world, learner=make_person(name))
    return award_from_decision(decision_id=decision.public_id, at=AT)


def end_of(award: Award) -> datetime:
    assert award.valid_until is not None
    return award.valid_until


def told() -> list[int]:
    return list(ExpiryNotice.objects.order_by("id").values_list("days", flat=True))


class TestRules:
    @given(st.sets(st.integers(1, 365), min_size=1, max_size=8))
    def test_days_are_put_in_order(self, days: set[int]) -> None:
        assert expiry_days_checked(list(days)) == tuple(sorted(days, reverse=True))

    @pytest.mark.parametrize("days", [[], [0], [366], list(range(1, 10)), [-7]])
    def test_other_days_are_refused(self, days: list[int]) -> None:
        with pytest.raises(ValueError, match="days"):
            expiry_days_checked(days)

    def test_renewal_has_its_time(self) -> None:
        for days, expected in ((-91, False), (-90, True), (0, True), (365, True), (366, False)):
            assert is_renewable(AT, months=12, on=AT + days * DAY) is expected
        assert not is_renewable(None, months=12, on=AT)
        assert not is_renewable(AT, months=None, on=AT)

    @pytest.mark.parametrize(("months", "days"), [(1, 10), (2, 20), (3, 30), (8, 80), (9, 90), (10, 90), (60, 90)])
    def test_renewal_of_what_holds_briefly_waits_for_its_last_third(self, months: int, days: int) -> None:
        assert is_renewable(AT, months=months, on=AT - days * DAY)
        assert not is_renewable(AT, months=months, on=AT - days * DAY - timedelta(seconds=1))

    @given(st.integers(-90, 365), st.integers(1, 60))
    def test_a_renewed_badge_never_ends_earlier_than_renewed_on_its_last_day(self, days: int, months: int) -> None:
        on = AT + days * DAY
        until = renewed_until(AT, months=months, on=on, time_zone="America/Denver")
        assert until > max(AT, on)
        if days <= 0:
            assert until == renewed_until(AT, months=months, on=AT, time_zone="America/Denver")


class TestTelling:
    def test_happens_once_for_each_number_of_days(self, world: World) -> None:
        end = end_of(give(world))
        for before, expected in (
            (91, []),
            (90, [90]),
            (89, [90]),
            (60, [90, 60]),
            (30, [90, 60, 30]),
            (7, [90, 60, 30, 7]),
            (1, [90, 60, 30, 7]),
            (-1, [90, 60, 30, 7]),
        ):
            for _ in range(2):
                renewals_tell(end - before * DAY)
            assert told() == expected, before
        assert Message.objects.filter(kind="award-ends").count() == 4

    def test_tells_only_the_nearest_after_a_silence(self, world: World) -> None:
        end = end_of(give(world))
        assert renewals_tell(end - 20 * DAY) == 1
        assert told() == [30]

    def test_leaves_out_what_is_shorter_than_the_notice(self, world: World) -> None:
        award = give(world)
        Award.objects.update(valid_until=AT + 20 * DAY)
        assert renewals_tell(AT + DAY) == 0
        assert renewals_tell(AT + 14 * DAY) == 1
        assert told() == [7]
        assert award.valid_until is not None

    @pytest.mark.parametrize("place", range(3))
    def test_leaves_out_what_is_not_in_force(self, world: World, place: int) -> None:
        awards = [give(world, name=f"Learner {number}") for number in range(3)]
        reason = {"reason": "Review", "actor": world.registrar_acts, "at": AT}
        award_suspend(award_id=awards[place].public_id, **reason)  # type: ignore[arg-type]
        assert renewals_tell(end_of(awards[0]) - 7 * DAY) == 2
        assert not ExpiryNotice.objects.filter(award=awards[place]).exists()

    def test_follows_the_days_an_organization_chose(self, world: World) -> None:
        assert expiry_days_of(world.organization) == (90, 60, 30, 7)
        chosen = {"organization": world.organization, "actor": world.registrar_acts, "at": AT}
        assert expiry_days_set(days=[14, 45, 14], **chosen) == (45, 14)  # type: ignore[arg-type]
        end = end_of(give(world))
        for before in (90, 45, 30, 14, 7):
            renewals_tell(end - before * DAY)
        assert told() == [45, 14]
        with pytest.raises(ExpiryDaysUnusable):
            expiry_days_set(days=[], **chosen)  # type: ignore[arg-type]

    def test_days_are_chosen_by_registrars_and_owners(self, world: World) -> None:
        outsider = make_member(make_world(name="Elsewhere").organization, "registrar")
        for person, refusal in ((outsider, NotFound), (world.author, NotAllowed)):
            with pytest.raises(refusal):
                expiry_days_set(organization=world.organization, days=[7], actor=Actor.person(person), at=AT)

    def test_leaves_out_who_was_erased_and_nobody_else(self, world: World) -> None:
        awards = [give(world, name=f"Learner {number}") for number in range(3)]
        datakey_destroy(awards[0].recipient.data_key, at=AT)
        for before, mails in ((90, 2), (60, 2), (7, 2)):
            assert renewals_tell(end_of(awards[0]) - before * DAY) == mails
        assert not ExpiryNotice.objects.filter(award=awards[0]).exists()

    def test_goes_on_behind_an_address_that_cannot_be_used(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        awards = [give(world, name=f"Learner {number}") for number in range(3)]
        learner = awards[1].recipient.person
        assert learner is not None
        Person.objects.filter(pk=learner.pk).update(email="a\tb@x.org")
        for _ in range(2):
            renewals_tell(end_of(awards[0]) - 30 * DAY)
        assert set(ExpiryNotice.objects.values_list("award", flat=True)) == {awards[0].pk, awards[2].pk}
        assert Message.objects.filter(kind="award-ends").count() == 2
        assert str(awards[1].public_id) in caplog.text
        Person.objects.filter(pk=learner.pk).update(email=learner.email)
        assert renewals_tell(end_of(awards[0]) - 29 * DAY) == 1, "it is told once its address can be used"

    def test_goes_on_behind_a_school_that_cannot_be_told(
        self, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        end = end_of(give(world))
        give(make_world(months=12, name="Zeta School"))

        def breaks_for_the_first(organization: Organization) -> tuple[int, ...]:
            if organization == world.organization:
                raise RuntimeError("broken")
            return expiry_days_of(organization)

        monkeypatch.setattr(module, "expiry_days_of", breaks_for_the_first)
        assert renewals_tell(end - 30 * DAY) == 1
        assert world.organization.slug in caplog.text

    def test_rounds_are_minutes_apart(self, world: World) -> None:
        end = end_of(give(world))
        assert renewals_converge(end - 90 * DAY) == 1
        ExpiryNotice.objects.all().delete()
        Message.objects.all().delete()
        assert renewals_converge(end - 90 * DAY + timedelta(minutes=9)) == 0
        assert renewals_converge(end - 90 * DAY + timedelta(minutes=11)) == 1

    def test_goes_on_after_a_clock_that_was_ahead(self, world: World) -> None:
        end = end_of(give(world))
        assert renewals_converge(end + 90 * DAY) == 0
        assert renewals_converge(end - 90 * DAY) == 1

    @pytest.mark.parametrize(("language", "words"), [("en", "May 2027"), ("es", "mayo de 2027")])
    def test_says_the_day_and_what_to_do(self, world: World, language: str, words: str) -> None:
        give(world)
        renewals_tell(AT + 330 * DAY)
        message = Message.objects.get(kind="award-ends")
        message.language = language
        letter = letter_of(message)
        assert words in letter.subject
        assert f"/badges/{world.organization.slug}/scientific-communication" in letter.text


class TestRenewal:
    def test_ends_later_at_the_same_address_and_leaves_the_earlier_document_true(self, attested: World) -> None:
        award = give(attested)
        end = end_of(award)
        renewed = award_renew(
            award_id=award.public_id, reason="Still teaches", actor=attested.registrar_acts, at=end - 30 * DAY
        )
        assert renewed.valid_until == datetime(2028, 5, 15, 5, 59, 59, tzinfo=UTC)
        fresh = award_by_id(award.public_id)
        documents = [document_json(fresh, row) for row in AwardDocument.objects.order_by("number")]
        assert [said_by(document).valid_until for document in documents] == [end, renewed.valid_until]
        assert documents[0]["id"] == documents[1]["id"]
        assert said_by(documents[0]).valid_from == said_by(documents[1]).valid_from
        old = AwardDocument.objects.get(number=1).reservation.slot
        assert (status_bit(old, "refresh"), status_bit(old, "revocation")) == (True, False)
        letter = letter_of(Message.objects.get(kind="award-renewed"))
        assert "14 May 2028" in letter.text
        lists_republish(end)
        assert findings() == []

    def test_after_the_end_counts_from_the_day_it_happens(self, attested: World) -> None:
        award = give(attested)
        on = end_of(award) + 40 * DAY
        renewed = award_renew(award_id=award.public_id, reason="Late", actor=attested.registrar_acts, at=on)
        assert renewed.valid_until is not None
        assert timedelta(days=364) < renewed.valid_until - on < timedelta(days=367)

    def test_is_told_anew_before_its_new_end(self, attested: World) -> None:
        award = give(attested)
        renewals_tell(end_of(award) - 7 * DAY)
        renewed = award_renew(
            award_id=award.public_id, reason="On time", actor=attested.registrar_acts, at=end_of(award) - 6 * DAY
        )
        assert renewals_tell(end_of(renewed) - 7 * DAY) == 1
        assert told() == [7, 7]

    @pytest.mark.parametrize("months", [1, 2, 3, 8, 9, 12])
    def test_is_possible_once_in_its_time(self, months: int) -> None:
        world = make_world(months=months, renewal=Renewal.ATTESTATION)
        award = give(world)
        due = end_of(award) - min(10 * months, 90) * DAY
        for early in (AT, due - DAY):
            with pytest.raises(RenewalNotDue):
                award_renew(award_id=award.public_id, reason="Now", actor=world.registrar_acts, at=early)
            with pytest.raises(NothingMeant):
                renew_all(world, at=early)
        award_renew(award_id=award.public_id, reason="Now", actor=world.registrar_acts, at=due)
        with pytest.raises(RenewalNotDue):
            award_renew(award_id=award.public_id, reason="Twice", actor=world.registrar_acts, at=due + DAY)
        with pytest.raises(NothingMeant):
            renew_all(world, at=due + DAY)
        award.refresh_from_db()
        renew_all(world, at=end_of(award) - min(10 * months, 90) * DAY)

    def test_is_refused_too_early_too_late_or_while_paused(self, attested: World) -> None:
        award = give(attested)
        end = end_of(award)
        for at in (end - 91 * DAY, end + 366 * DAY):
            with pytest.raises(RenewalNotDue):
                award_renew(award_id=award.public_id, reason="Now", actor=attested.registrar_acts, at=at)
        award_suspend(award_id=award.public_id, reason="Review", actor=attested.registrar_acts, at=end - DAY)
        with pytest.raises(AwardAlreadySuspended):
            award_renew(award_id=award.public_id, reason="Now", actor=attested.registrar_acts, at=end - DAY)

    def test_is_refused_where_the_badge_wants_new_work(self, world: World) -> None:
        award = give(world)
        at = end_of(award) - DAY
        with pytest.raises(RenewalNeedsAssessment):
            award_renew(award_id=award.public_id, reason="Now", actor=world.registrar_acts, at=at)
        with pytest.raises(NothingMeant):
            renew_all(world, at=at)

    def test_of_many_is_one_change(self, attested: World) -> None:
        awards = [give(attested, name=f"Learner {number}") for number in range(3)]
        at = end_of(awards[0]) - 5 * DAY
        Award.objects.filter(pk=awards[1].pk).update(valid_until=at + 200 * DAY)
        renew_all(attested, at=at)
        assert mass_changes_converge(at) == 2
        assert AwardDocument.objects.filter(number=2).count() == 2


def renew_all(world: World, *, at: datetime) -> None:
    awards_change_many(
        organization=world.organization,
        selection=Selection(),
        change="renewed",
        reason="Still teaches",
        actor=world.registrar_acts,
        at=at,
    )
