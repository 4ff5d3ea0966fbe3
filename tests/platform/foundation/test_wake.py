"""Waking jobs, and the hints that an engine carries."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from insignia.config.engines import engine_chosen
from insignia.foundation import jobs
from insignia.foundation.tasks import KEPT, LOST_AFTER, hint, hints_tidy, job_hint, job_ran
from insignia.foundation.wake import wait_for_wakes, wake
from tests.platform.factories import AT

pytestmark = pytest.mark.django_db(transaction=True)
JOB, OTHER = "outbox.send", "awards.converge"


@pytest.fixture(autouse=True)
def engine(settings: LazySettings) -> None:
    """Carry hints by the database, as an installation does that sets nothing."""
    settings.INSIGNIA_WAKE = "worker"
    settings.TASKS = engine_chosen("database").tasks
    wait_for_wakes(0, [JOB, OTHER])


def waiting() -> list[str]:
    return list(DBTaskResult.objects.order_by("queue_name").values_list("queue_name", flat=True))


class TestWake:
    def test_hints_once_for_a_transaction_however_often_it_wakes(self) -> None:
        with transaction.atomic():
            wake(JOB)
            wake(OTHER)
            wake(JOB)
            assert waiting() == []
        assert waiting() == [OTHER, JOB]

    def test_hints_when_only_the_first_of_two_reasons_was_rolled_back(self) -> None:
        with transaction.atomic():
            with suppress(LookupError), transaction.atomic():
                wakes_and_fails()
            wake(JOB)
        assert waiting() == [JOB]

    def test_hints_at_nothing_that_was_rolled_back(self) -> None:
        with pytest.raises(LookupError):
            in_a_transaction(wakes_and_fails)
        assert waiting() == []

    def test_wakes_the_workers_of_its_own_process_by_their_jobs(self) -> None:
        wake(JOB)
        assert wait_for_wakes(0, [OTHER]) == frozenset()
        assert wait_for_wakes(0, [JOB]) == {JOB}

    def test_throws_nothing_at_the_caller_when_the_engine_is_gone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(*_arguments: object, **_named: object) -> None:
            raise ConnectionError

        monkeypatch.setattr(type(job_hint), "enqueue", gone)
        wake(JOB)
        assert wait_for_wakes(0, [JOB]) == {JOB}, "workers of this process look at once all the same"


class TestHints:
    def test_wait_once_for_each_job(self) -> None:
        hint(JOB)
        hint(JOB)
        assert waiting() == [JOB]

    def test_come_again_when_another_worker_was_at_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("insignia.foundation.tasks.job_turn", lambda _name, _at: False)
        assert job_hint.call(JOB) == "busy"
        assert waiting() == [JOB]

    def test_survive_a_job_that_ends_with_an_error(self, settings: LazySettings) -> None:
        settings.INSIGNIA_JOBS = {JOB: "insignia.foundation.jobs:no_such_function"}
        assert job_ran(JOB)

    @pytest.mark.parametrize(
        ("workers", "age", "lost"),
        [
            (frozenset({"w1"}), timedelta(0), 0),
            (frozenset({"w2"}), timedelta(0), 1),
            (frozenset({"w1"}), LOST_AFTER, 1),
        ],
    )
    def test_run_again_when_their_worker_is_gone(self, workers: frozenset[str], age: timedelta, lost: int) -> None:
        hint(JOB)
        row = DBTaskResult.objects.get()
        row.claim("w1")
        DBTaskResult.objects.update(started_at=AT - age - timedelta(seconds=1))
        assert hints_tidy(AT, workers=workers) == lost
        row.refresh_from_db()
        assert (row.status == TaskResultStatus.READY) is bool(lost)

    def test_are_forgotten_some_time_after_they_are_done(self) -> None:
        for _ in range(2):
            hint(JOB)
            row = DBTaskResult.objects.get(status=TaskResultStatus.READY)
            row.claim("w1")
            row.set_successful("ran")
        DBTaskResult.objects.filter(pk=row.pk).update(finished_at=AT - KEPT - timedelta(seconds=1))
        hints_tidy(AT, workers=frozenset())
        assert DBTaskResult.objects.filter(pk=row.pk).count() == 0
        assert DBTaskResult.objects.count() == 1


class TestJobTurn:
    def test_is_left_to_who_is_at_it_on_postgresql(self) -> None:
        names = {"postgresql": False, "sqlite": True}
        with jobs._alone(OTHER) as first:
            assert first
            assert alone_elsewhere(OTHER) is names[connection.vendor]
            assert alone_elsewhere(JOB), "some jobs are done by several at once"
        assert alone_elsewhere(OTHER), "it is free again"


def wakes_and_fails() -> None:
    wake(JOB)
    raise LookupError


def in_a_transaction(act: Callable[[], None]) -> None:
    with transaction.atomic():
        act()


def alone_elsewhere(name: str) -> bool:
    """Ask from another connection."""
    answers: list[bool] = []

    def ask() -> None:
        with jobs._alone(name) as free:
            answers.append(free)
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return answers[0]
