"""`column__among=values`: what `__in` means, as one parameter however many values there are.

`IN` writes a hole for each value, and a thousand of them cost the driver more time than the database needs to
answer. PostgreSQL takes the values as one array, SQLite as one JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import Field, ForeignKey, ForeignObject, Lookup

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


class Among(Lookup):
    """Matches rows whose value is one of many plain ones; none match an empty list."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        """Prepare each value as the column would."""
        values: Iterable[Any] = self.rhs
        field = self._column
        return [field.get_prep_value(value) for value in values]

    @property
    def _column(self) -> Field[Any, Any]:
        field: Field[Any, Any] = self.lhs.output_field
        return field.target_field if isinstance(field, ForeignKey) else field

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Write the condition for this database."""
        column, holes = self.process_lhs(compiler, connection)
        values = [self._column.get_db_prep_value(value, connection, prepared=True) for value in self.rhs]
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", (*holes, values)
        condition = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  - the column is Django's own
        return condition, (*holes, json.dumps(values))


def register() -> None:
    """Let every column be asked so."""
    Field.register_lookup(Among)
    ForeignObject.register_lookup(Among)
