"""Whose turn it is: nobody waits for ever for a run that is paused, undone, broken, or simply long."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread, current_thread

import pytest
from django.conf import LazySettings
from django.db import connection

from insignia.awards import steps
from insignia.awards.models import Award
from insignia.issuing.errors import DatabaseBehindMark
from insignia.outbox.mailer import messages_send
from insignia.outbox.models import Message
from insignia.runs.errors import NothingToUndo
from insignia.runs.models import Run, RunChunk, RunRow
from insignia.runs.services import (
    checking,
    control,
    converge,
    run_check,
    run_converge,
    run_override,
    run_pause,
    run_resume,
    run_start,
    run_undo,
)
from tests.platform.factories import AT
from tests.platform.runs.world import RunWorld, carry_on, fresh, make_run_world, outcomes, people

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INSIGNIA_WAKE = "worker"
    monkeypatch.setattr(control, "CHUNK_ROWS", {"postgresql": 3, "sqlite": 3})
    monkeypatch.setattr(converge, "BREATH", 0)


@pytest.fixture
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converge, "TURN", timedelta(0))


@pytest.fixture
def world() -> RunWorld:
    return make_run_world()


def at_first(step: steps.Moment, then: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something when a worker first comes to this step."""

    def stop(reached: steps.Moment) -> None:
        if reached == step:
            monkeypatch.setattr(steps, "between", steps.nothing)
            then()  # type: ignore[operator]  # a function without arguments

    monkeypatch.setattr(steps, "between", stop)


class TestPaused:
    def test_in_its_last_chunk_and_resumed_it_ends_and_lets_the_next_run_go(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = world.started(people(3))
        at_first(
            steps.Step.SIGNED,
            lambda: run_pause(run_id=run.public_id, actor=world.actor, at=AT),
            monkeypatch,
        )
        carry_on(AT)
        assert (fresh(run).state, fresh(run).issued) == ("paused", 3)

        run_resume(run_id=run.public_id, actor=world.actor, at=LATER)
        later = world.started(people(2, first=50))
        carry_on(LATER)

        assert fresh(run).state == "finished"
        assert fresh(later).state == "finished"

    def test_before_anybody_got_a_badge_it_has_its_time_to_undo_anew(self, world: RunWorld) -> None:
        run = world.started(people(3))
        run_pause(run_id=run.public_id, actor=world.actor, at=AT)
        run_resume(run_id=run.public_id, actor=world.actor, at=LATER)
        carry_on(LATER)
        assert fresh(run).undo_until == LATER + timedelta(minutes=run.undo_minutes)
        run_undo(run_id=run.public_id, actor=world.actor, at=LATER + timedelta(minutes=1))
        assert not Message.objects.filter(kind="award-issued", sent_at__isnull=False).exists()

    def test_after_somebody_got_one_its_time_to_undo_stays(self, world: RunWorld) -> None:
        run = world.started(people(4))
        run_converge(AT)
        Run.objects.filter(pk=run.pk).update(state="paused", ended_at=None)
        before = fresh(run).undo_until
        run_resume(run_id=run.public_id, actor=world.actor, at=LATER)
        assert fresh(run).undo_until == before

    def test_too_late_to_undo_says_what_is_left_when_nobody_got_a_badge(self, world: RunWorld) -> None:
        run = world.started(people(3))
        run_pause(run_id=run.public_id, actor=world.actor, at=AT)
        with pytest.raises(NothingToUndo):
            run_undo(run_id=run.public_id, actor=world.actor, at=LATER)


@pytest.mark.usefixtures("short_turns")
class TestUndone:
    def test_while_a_chunk_is_signed_nobody_is_told_however_busy_the_workers_are(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run, other = world.checked(people(3)), world.checked(people(60, first=100))
        run_start(run_id=run.public_id, actor=world.actor, at=AT)
        at_first(steps.Step.SIGNED, lambda: run_undo(run_id=run.public_id, actor=world.actor, at=AT), monkeypatch)
        run_converge(AT)
        run_start(run_id=other.public_id, actor=world.actor, at=AT)
        for second in range(5):
            run_converge(AT + timedelta(seconds=second))
        messages_send(AT + timedelta(minutes=11))

        assert outcomes(run) == [("cancelled", "undone")] * 3
        ids = RunRow.objects.filter(run=run).values("award_id")
        assert set(Award.objects.filter(public_id__in=ids).values_list("state", flat=True)) == {"revoked"}
        keys = [f"award:{award_id}:issued:1" for award_id in ids.values_list("award_id", flat=True)]
        assert not Message.objects.filter(key__in=keys, sent_at__isnull=False).exists()

    def test_when_a_worker_died_before_it_told_the_rows_nobody_is_told(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Died(BaseException):
            pass

        def die() -> None:
            raise Died

        run = world.started(people(3))
        at_first(steps.Step.FINISHED, die, monkeypatch)
        with pytest.raises(Died):
            run_converge(AT)
        assert Award.objects.count() == 3
        undone = AT + timedelta(minutes=9)
        Run.objects.filter(pk=run.pk).update(undo_until=AT + timedelta(minutes=10))
        RunChunk.objects.update(leased_until=AT + timedelta(minutes=12))

        run_undo(run_id=run.public_id, actor=world.actor, at=undone)
        messages_send(AT + timedelta(minutes=11))
        assert not Message.objects.filter(sent_at__isnull=False).exists()
        carry_on(AT + timedelta(minutes=20))
        assert outcomes(run) == [("cancelled", "undone")] * 3


@pytest.mark.usefixtures("short_turns")
class TestLong:
    def test_a_dry_run_holds_up_no_signing(self, world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        run = world.started(people(3))
        monkeypatch.setattr(checking, "PAGE", 2)
        dry = world.run(people(40, first=100))
        run_check(run_id=dry.public_id, actor=world.actor, at=AT)
        doing = converge._steps(lambda: AT)
        for _step in range(4):
            next(doing)
        assert fresh(run).state == "finished"
        assert fresh(dry).state == "checking"

    def test_a_short_run_of_another_badge_does_not_wait_for_a_long_one(self, world: RunWorld) -> None:
        short = world.checked(people(2, first=100), version=world.school.version)
        run_override(run_id=short.public_id, reason="Seen by all", actor=world.actor, at=AT)
        carry_on(AT)
        long = world.started(people(60))
        run_converge(AT)
        run_start(run_id=short.public_id, actor=world.actor, at=AT)
        for _turn in range(3):
            run_converge(AT)
        assert fresh(short).state == "finished"
        assert fresh(long).state == "running"


class TestBroken:
    def test_an_undo_that_cannot_be_done_stops_no_other(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        undone = world.finished(people(3))
        run_undo(run_id=undone.public_id, actor=world.actor, at=AT)
        tried: list[int] = []

        def falls_over(**_named: object) -> None:
            tried.append(1)
            raise DatabaseBehindMark("The database is an older copy.")

        monkeypatch.setattr(converge, "awards_undo", falls_over)
        other = world.started(people(9, first=50))
        carry_on(AT)
        assert fresh(other).state == "finished"
        assert fresh(undone).trouble == "database-behind-mark"
        tried.clear()
        run_converge(AT)
        assert tried == [1]

    def test_a_signer_that_is_away_for_days_costs_no_tries(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from insignia.issuing.errors import SignerUnavailable

        def away(*_arguments: object, **_named: object) -> None:
            raise SignerUnavailable("The signer does not answer.")

        run = world.started(people(3))
        monkeypatch.setattr(converge, "chunk_issued", away)
        for tries in range(10):
            run_converge(AT + timedelta(minutes=tries))
        assert RunChunk.objects.get(run=run).tries == 0

    def test_more_tries_than_the_column_holds_stop_nobody(self, world: RunWorld) -> None:
        run = world.started(people(3))
        RunChunk.objects.filter(run=run).update(tries=32_767)
        carry_on(AT)
        assert fresh(run).state == "finished"

    def test_a_dry_run_that_falls_over_stops_no_other(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good, bad = world.checked(people(3)), world.run(people(2, first=50))
        run_check(run_id=bad.public_id, actor=world.actor, at=AT)
        run_start(run_id=good.public_id, actor=world.actor, at=AT)
        real = checking.check_page

        def falls_over(run_pk: int, **named: object) -> bool:
            if run_pk == bad.pk:
                raise ValueError("this page cannot be judged")
            return real(run_pk, **named)  # type: ignore[arg-type]  # handed on

        monkeypatch.setattr(converge, "check_page", falls_over)
        carry_on(AT)
        assert fresh(good).state == "finished"
        assert (fresh(bad).state, fresh(bad).trouble) == ("checking", "unexpected")
        monkeypatch.setattr(converge, "check_page", real)
        carry_on(LATER)
        assert (fresh(bad).state, fresh(bad).trouble) == ("checked", "")


@pytest.mark.postgresql
def test_a_run_that_starts_while_a_worker_takes_a_chunk_of_the_same_badge_gives_nothing_twice(
    world: RunWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one began first, the other is taken from first; SQLite has one writer, and no such moment."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    first, second = world.checked(people(3)), world.checked(people(3))
    run_start(run_id=second.public_id, actor=world.actor, at=AT)
    chosen, taken = Event(), Event()
    save = RunChunk.save

    def slow(self: RunChunk, *arguments: object, **named: object) -> None:
        if current_thread() is of_second:
            chosen.set()
            taken.wait(2)
        save(self, *arguments, **named)  # type: ignore[arg-type]  # handed on

    def between(step: steps.Moment) -> None:
        if current_thread() is of_first and step == steps.ChunkStep.LEASED:
            taken.set()
        if current_thread() is of_first and step == steps.Step.RESERVED:
            of_second.join(10)

    def work() -> None:
        run_converge(AT)
        connection.close()

    monkeypatch.setattr(RunChunk, "save", slow)
    monkeypatch.setattr(steps, "between", between)
    of_second, of_first = Thread(target=work), Thread(target=work)
    of_second.start()
    assert chosen.wait(5)
    run_start(run_id=first.public_id, actor=world.actor, at=AT)
    of_first.start()
    for thread in (of_second, of_first):
        thread.join(20)
    carry_on(AT)
    assert Award.objects.count() == 3
    assert {fresh(first).state, fresh(second).state} == {"finished"}
