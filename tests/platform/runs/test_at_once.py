"""Two at the same instant: workers at one run, clicks on one form."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from django.conf import LazySettings
from django.db import close_old_connections, connection

from insignia.awards.models import Award, Recipient
from insignia.issuing.models import StatusSlot
from insignia.runs.models import Run, RunRow
from insignia.runs.services import (
    checking,
    control,
    converge,
    run_check,
    run_converge,
    run_pause,
    run_resume,
)
from tests.platform.awards.doctor import findings
from tests.platform.factories import AT
from tests.platform.runs.world import RunWorld, carry_on, fresh, make_run_world, outcomes, people

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 3
T = TypeVar("T")


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INSIGNIA_WAKE = "worker"
    monkeypatch.setattr(control, "CHUNK_ROWS", {"postgresql": 5, "sqlite": 5})
    monkeypatch.setattr(converge, "BREATH", 0)


@pytest.fixture
def world() -> RunWorld:
    return make_run_world()


def together(action: Callable[[], T]) -> list[T]:
    """Do the same in several threads that begin at the same moment."""
    barrier = Barrier(WORKERS)

    def one(_number: int) -> T:
        barrier.wait()
        try:
            return action()
        finally:
            close_old_connections()
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


class TestWorkers:
    def test_share_a_run_and_give_nobody_two(self, world: RunWorld) -> None:
        """Each takes other chunks; every row has one badge, one index, one mail."""
        run = world.started(people(40))
        done = together(lambda: run_converge(AT))
        carry_on(AT + timedelta(minutes=5))
        assert sum(done) >= 8
        assert outcomes(run) == [("issued", "")] * 40
        assert fresh(run).state == Run.State.FINISHED
        assert Award.objects.count() == Recipient.objects.count() == 40
        assert StatusSlot.objects.filter(state="issued").count() == 40
        assert findings() == []

    def test_give_nobody_two_who_is_in_two_runs(self, world: RunWorld) -> None:
        runs = [world.started(people(10)), world.started(people(10, first=6))]
        together(lambda: run_converge(AT))
        carry_on(AT + timedelta(minutes=5))
        assert {fresh(run).state for run in runs} == {Run.State.FINISHED}
        assert Award.objects.count() == 15
        assert outcomes(runs[1]) == [("refused", "has-it")] * 5 + [("issued", "")] * 5
        assert findings() == []

    def test_give_nobody_two_while_a_paused_run_ends_its_chunk(self, world: RunWorld) -> None:
        """A worker still holds a chunk of the run that was paused: another run of the badge waits for it."""
        first = world.started(people(5))
        held = converge._take(AT)
        assert held is not None
        run_pause(run_id=first.public_id, actor=world.actor, at=AT)
        second = world.started(people(5))
        run_converge(AT)
        assert Award.objects.count() == 0
        converge._work(held, at=AT)
        run_converge(AT)
        assert outcomes(first) == [("issued", "")] * 5
        assert outcomes(second) == [("refused", "has-it")] * 5

    def test_go_on_with_a_run_once_nobody_holds_a_chunk_of_a_later_one(self, world: RunWorld) -> None:
        first = world.started(people(5))
        run_pause(run_id=first.public_id, actor=world.actor, at=AT)
        second = world.started(people(5))
        held = converge._take(AT)
        assert held is not None
        assert held.run == second
        run_resume(run_id=first.public_id, actor=world.actor, at=AT)
        run_converge(AT)
        converge._work(held, at=AT)
        run_converge(AT)
        assert outcomes(first) == [("refused", "has-it")] * 5
        assert outcomes(second) == [("issued", "")] * 5

    def test_look_at_the_rows_of_one_run_together(self, world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checking, "PAGE", 7)
        run = world.run([*people(40), *people(5)])
        run_check(run_id=run.public_id, actor=world.actor, at=AT)
        together(lambda: run_converge(AT))
        carry_on(AT)
        assert fresh(run).counts == {"new": 40, "duplicate": 5}


class TestClicks:
    def test_make_one_run(self, world: RunWorld) -> None:
        made = together(lambda: world.run(people(30), key="one form"))
        assert len({run.pk for run in made}) == Run.objects.count() == 1
        assert RunRow.objects.count() == 30
