"""What PostgreSQL's planner has to be told for tables that grow by a million rows in minutes.

Its estimates of a read out of order are those of a spinning disk, and its statistics those of the last ANALYZE:
together they make it walk through a whole table for a thousand rows, which takes longer with each thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.backends.signals import connection_created
from django.db.migrations import RunPython

if TYPE_CHECKING:
    from django.db import models
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import StateApps

RANDOM_PAGE_COST = "1.1"
"""A read out of order from flash or memory costs hardly more than the next in order."""
_UNTOUCHED = "4"
"""PostgreSQL's own default; an operator who set another one knows their disks."""


def register() -> None:
    """Tell each new connection."""
    connection_created.connect(_tell, dispatch_uid="insignia.foundation.planner")


def _tell(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:  # noqa: ANN401  - whatever the signal brings
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('random_page_cost', %s, false) WHERE current_setting('random_page_cost') = %s",
                [RANDOM_PAGE_COST, _UNTOUCHED],
            )


def statistics_refresh(model: type[models.Model]) -> None:
    """Have the planner count a table anew after many rows came in at once. SQLite does without."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")  # noqa: SLF001  - Django's documented door to a model's table


def room_for_changes(table: str) -> RunPython:
    """Give the migration step by which PostgreSQL fills a table's pages to half.

    A row that is changed soon after it came finds room for its next version beside it then, so that no index has
    to learn a new place.
    """

    def leave(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"ALTER TABLE {editor.quote_name(table)} SET (fillfactor = 50)")

    def fill(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"ALTER TABLE {editor.quote_name(table)} RESET (fillfactor)")

    return RunPython(leave, fill)
