"""`column__among=values`: what `__in` means, as one parameter however many values there are.

`IN` writes a hole for each value, and a thousand of them cost the driver more time than the database needs to
answer. PostgreSQL takes the values as one array, SQLite as one JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

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
        return [field.get_prep_value(value) for value in values if value is not None]

    @property
    def _column(self) -> Field[Any, Any]:
        field: Field[Any, Any] = self.lhs.output_field
        return field.target_field if isinstance(field, ForeignKey) else field

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Write the condition for this database."""
        column, holes = self.process_lhs(compiler, connection)
        values = [self._column.get_db_prep_value(value, connection, prepared=True) for value in self.rhs]
        if connection.vendor == "postgresql":
            kind, array = _array(values)
            return f"{column} = ANY(%s{kind})", (*holes, array)
        condition = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  - the column is Django's own
        return condition, (*holes, json.dumps(values))


def _array(values: list[Any]) -> tuple[str, Any]:
    """Write values of one kind as PostgreSQL reads an array, and name its kind.

    The driver writes a list value by value in Python, which takes longer than finding the rows.
    """
    kind = type(values[0]) if values else object
    if kind is UUID:
        return "::uuid[]", f"{{{','.join(value.hex for value in values)}}}"
    if kind is int:
        return "::bigint[]", f"{{{','.join(map(str, values))}}}"
    if kind is str:
        quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
        return "::text[]", '{"' + '","'.join(quoted) + '"}'
    return "", values


def register() -> None:
    """Let every column be asked so."""
    Field.register_lookup(Among)
    ForeignObject.register_lookup(Among)
