"""Several workers taking mails at the same moment, with real commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from insignia.foundation.planner import statistics_refresh
from insignia.foundation.sealing import datakey_create, datakey_open
from insignia.outbox import claiming
from insignia.outbox.claiming import messages_claim, messages_reach
from insignia.outbox.models import Allowance, Message
from insignia.outbox.services import Letter, message_queue, messages_cancel, messages_queue_many
from tests.platform.factories import AT

pytestmark = pytest.mark.django_db(transaction=True)
MAILS, WORKERS = 40, 4


@pytest.fixture(autouse=True)
def queued(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INSIGNIA_WAKE = "worker"
    monkeypatch.setattr(claiming, "BATCH", 3)
    for number in range(MAILS):
        message_queue(
            kind="invitation", key=str(number), recipient="a@b.example", language="en", context={}, at=AT
        )


def claimed_by_workers() -> list[list[int]]:
    """Let all workers claim at once until nothing is left; give what each of them got."""
    barrier = threading.Barrier(WORKERS)
    got: list[list[int]] = [[] for _ in range(WORKERS)]

    def work(mine: list[int]) -> None:
        barrier.wait()
        while batch := messages_claim(AT):
            mine.extend(message.pk for message in batch)
        connection.close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


@contextmanager
def plans_without(*ways: str) -> Iterator[None]:
    """Let PostgreSQL think little of these ways to answer, so that it takes another."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        for way in ways:
            cursor.execute(f"SET enable_{way} = off")
        yield
        for way in ways:
            cursor.execute(f"RESET enable_{way}")


def rows_read() -> int:
    """Count the rows of mails that this transaction has looked at, by index or one after the other."""
    counters = ("pg_stat_get_xact_tuples_returned", "pg_stat_get_xact_tuples_fetched")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {' + '.join(f'{name}(%s::regclass)' for name in counters)}", ["outbox_message"] * 2
        )
        return int(cursor.fetchone()[0])


def queue_run(count: int) -> None:
    """Queue the mails of a run, as it does, a moment before everything else."""
    key = datakey_create(at=AT)
    held = {"data_key_id": key.pk, "key_open": datakey_open(key), "not_before": AT - timedelta(minutes=1)}
    messages_queue_many(
        [
            Letter("award-issued", f"run:{number}", f"l{number}@b.example", "en", {}, **held)  # type: ignore[arg-type]
            for number in range(count)
        ],
        at=AT,
    )


class TestWhoGoesFirst:
    def test_is_what_somebody_waits_for_however_many_mails_of_a_run_are_due(self) -> None:
        Message.objects.all().delete()
        queue_run(20)
        message_queue(kind="signin-login-code", key="c", recipient="a@b.example", language="en", context={}, at=AT)
        assert [message.kind for message in messages_claim(AT)].count("signin-login-code") == 1
        assert [message.kind for message in messages_claim(AT)] == ["award-issued"] * 3

    def test_is_the_longest_waiting_among_equals(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Message.objects.all().delete()
        queue_run(3)
        late = AT - timedelta(hours=1)
        Message.objects.filter(key="run:2").update(next_try_at=late)
        monkeypatch.setattr(claiming, "BATCH", 1)
        assert [message.key for message in messages_claim(AT)] == ["run:2"]

    def test_has_a_share_of_each_minute_for_itself(self, settings: LazySettings) -> None:
        Message.objects.all().delete()
        settings.INSIGNIA_MAIL_PER_MINUTE = 20
        queue_run(40)
        assert sum(map(len, claimed_by_workers())) == 18
        for number in range(4):
            message_queue(
                kind="signin-login-code",
                key=f"c{number}",
                recipient="a@b.example",
                language="en",
                context={},
                at=AT,
            )
        assert [message.kind for message in messages_claim(AT)] == ["signin-login-code"] * 2
        assert messages_claim(AT) == []

    @pytest.mark.parametrize(("per_minute", "bulk"), [(1, 1), (2, 1), (30, 27)])
    def test_leaves_the_others_their_part_of_the_minute(
        self, settings: LazySettings, per_minute: int, bulk: int
    ) -> None:
        Message.objects.all().delete()
        settings.INSIGNIA_MAIL_PER_MINUTE = per_minute
        queue_run(40)
        assert sum(map(len, claimed_by_workers())) == bulk


class TestMessagesClaim:
    def test_gives_each_mail_to_one_worker(self) -> None:
        every = [pk for mine in claimed_by_workers() for pk in mine]
        assert sorted(every) == sorted(Message.objects.values_list("pk", flat=True))

    def test_takes_no_more_than_a_batch_whatever_plan_the_database_makes(self) -> None:
        """PostgreSQL may run a subquery anew for every row it compares; each time other mails would be free."""
        with plans_without("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            assert len(messages_claim(AT)) == 3

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite does not count what it reads")
    @pytest.mark.parametrize("rank", [0, 1])
    def test_reads_a_batch_of_the_mails_that_are_due_at_one_moment_and_not_all_of_them(self, rank: int) -> None:
        """A run's mails are: a million would be sorted for every hundred."""
        one = Message.objects.order_by("pk")[0]
        Message.objects.all().delete()
        Message.objects.bulk_create(
            Message(
                kind=one.kind, key=f"run:{number}", recipient=one.recipient, language="en", sealed_context=b"-",
                message_id=f"<{number}@b.example>", created_at=AT, not_before=AT, next_try_at=AT, rank=rank,
            )
            for number in range(5000)
        )  # fmt: skip
        statistics_refresh(Message)
        with transaction.atomic():
            before = rows_read()
            assert len(messages_claim(AT)) == 3
            assert rows_read() - before < 50

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="as above")
    def test_reads_nothing_of_the_mails_that_wait(self) -> None:
        """A run's mails wait for ten minutes: each look must not read them all."""
        Message.objects.all().delete()
        queue_run(3000)
        statistics_refresh(Message)
        with transaction.atomic():
            before = rows_read()
            assert messages_claim(AT - timedelta(hours=1)) == []
            messages_reach(AT - timedelta(hours=1))
            assert rows_read() - before < 50

    def test_lets_all_workers_together_take_no_more_than_the_minute_allows(self, settings: LazySettings) -> None:
        settings.INSIGNIA_MAIL_PER_MINUTE = 10
        assert sum(map(len, claimed_by_workers())) == 10
        assert Allowance.objects.get().taken == 10

    @pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one lock: nobody else claims meanwhile"
    )
    def test_passes_over_what_another_worker_is_claiming(self) -> None:
        mine: list[int] = []
        done = threading.Event()

        def other() -> None:
            mine.extend(message.pk for message in messages_claim(AT))
            connection.close()
            done.set()

        with transaction.atomic():
            ours = {message.pk for message in messages_claim(AT)}
            threading.Thread(target=other).start()
            assert done.wait(timeout=60), "it waited for a lock"
        assert len(mine) == 3
        assert ours.isdisjoint(mine)

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="as above")
    def test_takes_nothing_that_is_being_taken_back(self) -> None:
        """Were it taken in the midst, the undo would say that it is not out, and it would go out."""
        mine: list[str] = []
        done = threading.Event()

        def other() -> None:
            mine.extend(message.key for message in messages_claim(AT))
            connection.close()
            done.set()

        with transaction.atomic():
            assert messages_cancel(["0", "1"], at=AT) == []
            threading.Thread(target=other).start()
            assert done.wait(timeout=60), "it waited for a lock"
        assert mine == ["2", "3", "4"]
