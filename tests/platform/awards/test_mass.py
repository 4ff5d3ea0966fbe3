"""Changing many awards at once: exactly those that are meant, once each, across any crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from insignia.accounts.models import Person
from insignia.audit.actor import Actor
from insignia.audit.selectors import entries_of
from insignia.awards.errors import AwardNotFound, NothingMeant, ReasonMissing
from insignia.awards.models import Award, AwardChange, AwardDocument, MassChange
from insignia.awards.selection import Selection, awards_meant
from insignia.awards.services import (
    award_from_decision,
    award_revoke,
    award_suspend,
    awards_change_many,
    mass_change_stop,
    mass_changes_converge,
)
from insignia.awards.services import mass as module
from insignia.awards.services.changes import changes_apply
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.issuing.errors import DatabaseBehindMark
from insignia.issuing.mark import mark_advance
from insignia.issuing.models import Approval, Reservation, StatusEvent, StatusSet
from insignia.issuing.rules import Mark
from insignia.issuing.services import key_rotate, lists_republish
from insignia.organizations.models import MembershipRole
from insignia.outbox.errors import RecipientUnusable
from insignia.outbox.models import Message
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import Awarded, World, make_awarded, make_decision, make_world
from tests.platform.factories import AT, SETUP, make_member, make_person

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=3)


@pytest.fixture
def awarded() -> Awarded:
    return make_awarded("Learner 0", "Learner 1", "Learner 2")


@pytest.fixture
def world(awarded: Awarded) -> World:
    return awarded.world


@pytest.fixture
def awards(awarded: Awarded) -> list[Award]:
    return awarded.awards


def begin(world: World, change: str = "revoked", *, actor: Actor | None = None, **chosen: Any) -> MassChange:  # noqa: ANN401  - fields of Selection
    return awards_change_many(
        organization=world.organization,
        selection=Selection(**chosen),
        change=change,
        reason="Issued in error",
        actor=actor or world.registrar_acts,
        at=LATER,
    )


def states() -> list[str]:
    return list(Award.objects.order_by("id").values_list("state", flat=True))


class TestSelection:
    @given(
        ids=st.lists(st.uuids(), max_size=3),
        run=st.none() | st.uuids(),
        badge=st.none() | st.uuids(),
        days=st.tuples(st.none() | st.dates(), st.none() | st.dates()),
        state=st.sampled_from(["", "valid", "expired"]),
    )
    def test_survives_being_frozen(
        self, ids: list[UUID], run: UUID | None, badge: UUID | None, days: tuple[date | None, ...], state: str
    ) -> None:
        chosen = Selection(tuple(ids), run, badge, days[0], days[1], state)
        assert Selection.from_json(chosen.to_json()) == chosen
        assert chosen.is_everything == (chosen == Selection())

    def test_means_by_badge_day_state_run_and_name(self, world: World, awards: list[Award]) -> None:
        run = Approval.objects.create(
            organization=world.organization, kind="run", subject_id=world.version.public_id, granted_at=AT
        )
        Reservation.objects.filter(award_public_id=awards[2].public_id).update(approval=run)
        Award.objects.filter(pk=awards[0].pk).update(valid_from=AT - timedelta(days=30))
        Award.objects.filter(pk=awards[1].pk).update(valid_until=AT + timedelta(days=1))
        Award.objects.filter(pk=awards[2].pk).update(state="suspended")
        day = date(2026, 5, 14)
        for chosen, meant in (
            ({}, [0, 1, 2]),
            ({"badge": world.version.achievement.public_id}, [0, 1, 2]),
            ({"badge": world.version.public_id}, []),
            ({"given_from": day}, [1, 2]),
            ({"given_to": day - timedelta(days=1)}, [0]),
            ({"given_from": day, "given_to": day}, [1, 2]),
            ({"state": "expired"}, [1]),
            ({"state": "suspended"}, [2]),
            ({"state": "revoked"}, []),
            ({"run": world.version.public_id}, [2]),
            ({"ids": (awards[2].public_id, awards[0].public_id)}, [0, 2]),
        ):
            rows = awards_meant(Selection(**chosen), organization=world.organization, change="revoked", on=LATER)
            assert list(rows) == [awards[place] for place in meant], chosen

    def test_never_means_awards_of_others_or_of_later(self, world: World, awards: list[Award]) -> None:
        elsewhere = make_world(name="Elsewhere")
        every = {"selection": Selection(), "change": "revoked"}
        assert not awards_meant(organization=elsewhere.organization, on=LATER, **every).exists()  # type: ignore[arg-type]
        assert not awards_meant(organization=world.organization, on=AT - timedelta(days=1), **every).exists()  # type: ignore[arg-type]


class TestTurns:
    """Changes of several schools at once: each has its turn, and none holds up another."""

    @pytest.fixture
    def elsewhere(self) -> World:
        world = make_world(name="Zeta School")
        award_from_decision(decision_id=make_decision(world, learner=make_person("Next")).public_id, at=AT)
        return world

    def test_go_round_however_short_a_call_is(
        self, world: World, elsewhere: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "TURN_SECONDS", -1)
        monkeypatch.setattr(module, "CHUNK", 1)
        long, short = begin(world), begin(elsewhere)
        for done in ((1, 0), (1, 1), (2, 1)):
            mass_changes_converge(LATER)
            assert tuple(MassChange.objects.order_by("id").values_list("done", flat=True)) == done
        mass_changes_converge(LATER)
        short.refresh_from_db()
        assert short.finished_at is not None
        assert long.pk < short.pk

    def test_go_round_within_one_call(
        self, world: World, elsewhere: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "CHUNK", 1)
        steps: list[int] = []
        step = module._step

        def seen(mass_id: int, *, at: datetime) -> int:
            steps.append(mass_id)
            return step(mass_id, at=at)

        monkeypatch.setattr(module, "_step", seen)
        long, short = begin(world), begin(elsewhere)
        assert mass_changes_converge(LATER) == 4
        assert steps[:4] == [long.pk, short.pk, long.pk, short.pk]

    def test_pass_over_one_that_fails_and_try_it_once_a_call(
        self,
        world: World,
        elsewhere: World,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        broken, good = begin(world), begin(elsewhere)
        learner = Award.objects.filter(organization=world.organization)[0].recipient.person
        assert learner is not None
        Person.objects.filter(pk=learner.pk).update(email="a\tb@x.org")
        woken: list[str] = []
        monkeypatch.setattr(module, "wake", woken.append)
        with pytest.raises(RecipientUnusable):
            mass_changes_converge(LATER)
        good.refresh_from_db()
        assert good.finished_at == LATER
        assert caplog.text.count(f"change {broken.pk} waits") == 1
        assert woken == []
        Person.objects.filter(pk=learner.pk).update(email=learner.email)
        assert mass_changes_converge(LATER) == 3

    def test_leave_one_that_fails_behind_those_that_go_on(
        self, world: World, elsewhere: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It may fail late: were it first in each call, nobody else would come to anything."""
        monkeypatch.setattr(module, "TURN_SECONDS", -1)
        broken, good = begin(world), begin(elsewhere)
        tried: list[int] = []
        step = module._step

        def fails(mass_id: int, *, at: datetime) -> int:
            tried.append(mass_id)
            if mass_id == broken.pk:
                raise RuntimeError("broken")
            return step(mass_id, at=at)

        monkeypatch.setattr(module, "_step", fails)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                mass_changes_converge(LATER)
        assert tried == [broken.pk, good.pk, good.pk, broken.pk]
        good.refresh_from_db()
        assert good.finished_at == LATER


class TestManyAtOnce:
    def test_are_revoked_recorded_and_told_once_each(self, world: World, awards: list[Award]) -> None:
        mass = begin(world)
        assert (mass.total, states()) == (3, ["issued"] * 3)
        assert (mass_changes_converge(LATER), mass_changes_converge(LATER)) == (3, 0)
        assert states() == ["revoked"] * 3
        mass.refresh_from_db()
        assert (mass.done, mass.refused, mass.finished_at) == (3, 0, LATER)
        assert AwardChange.objects.filter(kind="revoked", reason="Issued in error").count() == 3
        assert Message.objects.filter(kind="award-revoked").count() == 3
        entry = entries_of(subject_kind="award", subject_id=awards[0].public_id)[-1]
        assert (entry.action, entry.actor_id) == ("award.revoked", world.registrar.public_id)
        lists_republish(LATER)
        assert findings() == []

    def test_cost_as_many_queries_as_one(self, world: World, awards: list[Award]) -> None:
        one = begin(world, ids=(awards[0].public_id,))
        with CaptureQueriesContext(connection) as few:
            assert module._change_chunk(one.pk, at=LATER) == 1
        rest = begin(world)
        with CaptureQueriesContext(connection) as many:
            assert module._change_chunk(rest.pk, at=LATER) == 2
        assert len(many) <= len(few) < 32

    def test_can_be_paused_and_put_back_in_force(self, world: World, awards: list[Award]) -> None:
        for change, expected in (("suspended", "suspended"), ("reinstated", "issued"), ("suspended", "suspended")):
            begin(world, change)
            mass_changes_converge(LATER)
            assert states() == [expected] * 3
        assert Message.objects.filter(kind="award-suspended").count() == 6
        lists_republish(LATER)
        assert findings() == []

    def test_are_only_those_that_can_take_it(self, world: World, awards: list[Award]) -> None:
        award_revoke(award_id=awards[0].public_id, reason="Alone", actor=world.registrar_acts, at=AT)
        award_suspend(award_id=awards[1].public_id, reason="Alone", actor=world.registrar_acts, at=AT)
        assert begin(world, "suspended").total == 1
        mass_changes_converge(LATER)
        assert states() == ["revoked", "suspended", "suspended"]

    @pytest.mark.parametrize("place", range(3))
    def test_goes_on_past_one_that_changed_meanwhile(
        self, world: World, awards: list[Award], place: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mass = begin(world)
        page = module._page

        def changed_meanwhile(*arguments: Any, **named: Any) -> list[int]:  # noqa: ANN401  - handed on
            found = page(*arguments, **named)
            Award.objects.filter(pk=awards[place].pk).update(state="reserved", issued_at=None)
            return found

        monkeypatch.setattr(module, "_page", changed_meanwhile)
        mass_changes_converge(LATER)
        mass.refresh_from_db()
        assert (mass.done, mass.refused) == (2, 1)
        assert [state == "revoked" for state in states()] == [number != place for number in range(3)]

    @pytest.mark.parametrize("survived", [0, 2])
    def test_repeats_nothing_after_a_crash(
        self, world: World, awards: list[Award], survived: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "CHUNK", 1)
        begin(world)
        calls: list[int] = []

        def dying(*arguments: Any, **named: Any) -> None:  # noqa: ANN401  - handed on
            changes_apply(*arguments, **named)
            calls.append(1)
            if len(calls) > survived:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(module, "changes_apply", dying)
            with pytest.raises(KeyboardInterrupt):
                mass_changes_converge(LATER)
        assert states().count("revoked") == survived
        mass_changes_converge(LATER)
        assert states() == ["revoked"] * 3
        assert StatusEvent.objects.count() == AwardChange.objects.count() == 3
        assert Message.objects.filter(kind="award-revoked").count() == 3

    def test_lets_other_jobs_have_their_turn(
        self, world: World, awards: list[Award], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "CHUNK", 1)
        monkeypatch.setattr(module, "TURN_SECONDS", 0)
        woken: list[str] = []
        monkeypatch.setattr(module, "wake", woken.append)
        begin(world)
        woken.clear()
        assert mass_changes_converge(LATER) == 1
        assert (woken, states().count("revoked")) == (["awards.changes"], 1)
        while mass_changes_converge(LATER):
            pass
        assert states() == ["revoked"] * 3

    @pytest.mark.parametrize("place", range(3))
    def test_goes_on_behind_a_change_that_cannot_be_done(self, place: int) -> None:
        worlds = [make_world(name=f"School {number}") for number in range(3)]
        for world in worlds:
            award_from_decision(decision_id=make_decision(world).public_id, at=AT)
        changes = [begin(world) for world in worlds]
        behind = StatusSet.objects.get(issuer=worlds[place].issuer)
        mark_advance(Mark({str(behind.public_id): 5}))
        with pytest.raises(DatabaseBehindMark):
            mass_changes_converge(LATER)
        for mass in changes:
            mass.refresh_from_db()
        assert [mass.done for mass in changes] == [0 if number == place else 1 for number in range(3)]
        assert [mass.finished_at is None for mass in changes] == [number == place for number in range(3)]

    def test_stops_where_it_is(self, world: World, awards: list[Award], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "CHUNK", 1)
        mass = begin(world)
        assert module._step(mass.pk, at=LATER) == 1
        for _ in range(2):
            stopped = mass_change_stop(
                organization=world.organization, change_id=mass.public_id, actor=world.registrar_acts, at=LATER
            )
        assert stopped.stopped_at == LATER
        assert mass_changes_converge(LATER) == 0
        assert states() == ["revoked", "issued", "issued"]


class TestReissue:
    def test_signs_again_what_the_old_keys_signed(self, world: World, awards: list[Award]) -> None:
        with pytest.raises(NothingMeant):
            begin(world, "reissued")
        key_rotate(issuer=world.issuer, actor=SETUP, at=LATER)
        award_revoke(award_id=awards[0].public_id, reason="Alone", actor=world.registrar_acts, at=LATER)
        mass = begin(world, "reissued")
        assert mass.total == 2
        assert (mass_changes_converge(LATER), mass_changes_converge(LATER)) == (2, 0)
        assert AwardDocument.objects.filter(number=2).count() == 2
        with pytest.raises(NothingMeant):
            begin(world, "reissued")
        lists_republish(LATER)
        assert findings() == []


class TestRight:
    @pytest.mark.parametrize("change", ["revoked", "suspended", "reissued"])
    def test_is_the_issuers_registrars_and_owners(self, world: World, awards: list[Award], change: str) -> None:
        elsewhere = make_member(make_world(name="Elsewhere").organization, "owner", "registrar")
        mass = begin(world)
        stop: Callable[[Actor], MassChange] = lambda actor: mass_change_stop(  # noqa: E731  - as short as its twin
            organization=world.organization, change_id=mass.public_id, actor=actor, at=LATER
        )
        for person, refusal in (
            (elsewhere, NotFound),
            (make_person(), NotFound),
            (awards[0].learner, NotFound),
            (world.assessor, NotAllowed),
        ):
            assert person is not None
            with pytest.raises(refusal):
                begin(world, change, actor=Actor.person(person))
            with pytest.raises(refusal):
                stop(Actor.person(person))
        with pytest.raises(AwardNotFound):
            mass_change_stop(
                organization=make_world(name="Third").organization, change_id=mass.public_id, actor=SETUP, at=LATER
            )
        assert MassChange.objects.count() == 1

    def test_lost_meanwhile_stops_the_change(self, world: World, awards: list[Award]) -> None:
        mass = begin(world)
        MembershipRole.objects.filter(membership__person=world.registrar).delete()
        assert mass_changes_converge(LATER) == 0
        mass.refresh_from_db()
        assert (mass.stopped_at, states()) == (LATER, ["issued"] * 3)

    def test_needs_a_reason_and_somebody_meant(self, world: World, awards: list[Award]) -> None:
        with pytest.raises(NothingMeant):
            begin(world, "reinstated")
        with pytest.raises(ReasonMissing):
            awards_change_many(
                organization=world.organization,
                selection=Selection(),
                change="revoked",
                reason=" ",
                actor=world.registrar_acts,
                at=LATER,
            )
