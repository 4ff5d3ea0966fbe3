"""Several workers taking mails at the same moment, with real commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from insignia.foundation.planner import statistics_refresh
from insignia.outbox import claiming
from insignia.outbox.claiming import messages_claim
from insignia.outbox.models import Allowance, Message
from insignia.outbox.services import message_queue
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


class TestMessagesClaim:
    def test_gives_each_mail_to_one_worker(self) -> None:
        every = [pk for mine in claimed_by_workers() for pk in mine]
        assert sorted(every) == sorted(Message.objects.values_list("pk", flat=True))

    def test_takes_no_more_than_a_batch_whatever_plan_the_database_makes(self) -> None:
        """PostgreSQL may run a subquery anew for every row it compares; each time other mails would be free."""
        with plans_without("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            assert len(messages_claim(AT)) == 3

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite does not count what it reads")
    def test_reads_a_batch_of_the_mails_that_are_due_at_one_moment_and_not_all_of_them(self) -> None:
        """A run's mails are: a million would be sorted for every hundred."""
        one = Message.objects.order_by("pk")[0]
        Message.objects.bulk_create(
            Message(
                kind=one.kind, key=f"run:{number}", recipient=one.recipient, language="en", sealed_context=b"-",
                message_id=f"<{number}@b.example>", created_at=AT, not_before=AT, next_try_at=AT,
            )
            for number in range(5000)
        )  # fmt: skip
        statistics_refresh(Message)
        with transaction.atomic():
            before = rows_read()
            assert len(messages_claim(AT)) == 3
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
