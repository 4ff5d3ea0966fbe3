"""What PostgreSQL's planner is told, as its own catalogue has it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from insignia.awards.holdings import recipients_known
from insignia.awards.models import Recipient
from insignia.foundation.models import DataKey
from insignia.foundation.planner import statistics_refresh
from tests.platform.factories import AT, make_organization

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's planner is told nothing"),
]


def said(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


class TestConnections:
    def test_are_told_what_a_read_out_of_order_costs(self) -> None:
        assert said("SHOW random_page_cost") == ["1.1"]

    def test_leave_an_operators_own_choice(self) -> None:
        said("SELECT set_config('random_page_cost', '2.5', true)")
        connection_created.send(sender=type(connection), connection=connection)
        assert said("SHOW random_page_cost") == ["2.5"]


class TestTables:
    @pytest.mark.parametrize("table", ["runs_runrow", "issuing_statusslot"])
    def test_whose_rows_change_soon_have_room_for_it(self, table: str) -> None:
        assert said(f"SELECT reloptions FROM pg_class WHERE relname = '{table}'") == [["fillfactor=50"]]  # noqa: S608  - our own names


class TestRecipients:
    def test_of_a_chunk_are_found_without_reading_the_whole_table(self) -> None:
        """A run of a million adds to the table with every chunk; a chunk must not take longer each time."""
        school = make_organization()
        key = DataKey.objects.create(sealed=b"-", created_at=AT)
        Recipient.objects.bulk_create(
            Recipient(
                organization=school, key=f"number:{n}", urn=f"urn:{n}", data_key=key, email=f"{n}@school.example"
            )
            for n in range(30_000)
        )
        statistics_refresh(Recipient)
        before = rows_read()
        found = recipients_known(
            organization=school, keys={f"number:{n}" for n in range(300)}, addresses={"7@SCHOOL.example"}
        )
        assert len(found) == 300
        assert rows_read() == before


def rows_read() -> int:
    """Count rows that scans of the whole table read, in this transaction."""
    return int(said("SELECT pg_stat_get_xact_tuples_returned('awards_recipient'::regclass)")[0])
