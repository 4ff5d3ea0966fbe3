"""Many rows at once by the database's own fast road: COPY on PostgreSQL, one prepared statement on SQLite.

Nothing of a model runs here: no defaults, no validation, no signals. The caller names every column that may not be
NULL; constraints and triggers of the database stand as for any other insert.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

HELD = 5000
"""How many rows are held at once where the driver wants a list of them."""

Row = Sequence[object]
Converter = Callable[[Any], object]


def bulk_insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert rows, in the caller's transaction where there is one; give how many.

    Args:
        model: whose table.
        columns: its columns as the database calls them (`award_id`, not `award`), in the order of each row.
        rows: plain values: ids of what foreign keys point at, UUID, aware datetime, bytes, JSON as Python has it.

    Raises:
        IntegrityError: a constraint refuses a row; nothing of them is stored.
    """
    options = model._meta  # noqa: SLF001  - Django's documented door to a model's table and fields
    fields = {field.column: field for field in options.local_concrete_fields}
    converters = [_converter(fields[column]) for column in columns]
    table = connection.ops.quote_name(options.db_table)
    named = ", ".join(connection.ops.quote_name(column) for column in columns)
    insert = _copy if connection.vendor == "postgresql" else _execute_many
    with transaction.atomic(savepoint=False):
        return insert(table, named, _converted(rows, converters))


def bulk_change(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Give rows that are there new values, each its own, in one statement; give how many were named.

    Args:
        model: whose table.
        columns: the primary key first, then the columns to change, as the database calls them.
        rows: plain values, as for `bulk_insert`.
    """
    options = model._meta  # noqa: SLF001  - as above
    fields = {field.column: field for field in options.local_concrete_fields}
    held: list[Any] = list(_converted(rows, [_converter(fields[column]) for column in columns]))
    if not held:
        return 0
    table = connection.ops.quote_name(options.db_table)
    key, *changed = (connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = [_target(fields[column]).cast_db_type(connection) for column in columns]
            arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
            set_to = ", ".join(f"{column} = fresh.{column}" for column in changed)
            fresh = f"unnest({arrays}) AS fresh ({', '.join([key, *changed])})"
            cursor.execute(
                f"UPDATE {table} SET {set_to} FROM {fresh} WHERE {table}.{key} = fresh.{key}",  # noqa: S608  - our own names
                [list(values) for values in zip(*held, strict=True)],
            )
        else:
            set_to = ", ".join(f"{column} = %s" for column in changed)
            sql = f"UPDATE {table} SET {set_to} WHERE {key} = %s"  # noqa: S608  - as above
            cursor.executemany(sql, [[*values[1:], values[0]] for values in held])
    return len(held)


def ids_take(model: type[models.Model], count: int) -> list[int]:
    """Take fresh primary keys, so that rows of several tables can name each other before any is stored.

    On SQLite the caller is inside a transaction, whose write lock keeps others from the counter.
    """
    if not count:
        return []
    options = model._meta  # noqa: SLF001  - as above
    table = options.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # the sequence is looked up once, not for each of its numbers
            sql = (
                "SELECT array_agg(nextval(sequence)) FROM generate_series(1, %s),"
                " (SELECT pg_get_serial_sequence(%s, %s)::regclass AS sequence OFFSET 0) AS named"
            )
            cursor.execute(sql, [count, connection.ops.quote_name(table), options.pk.column])
            return list(cursor.fetchone()[0])
        sql = "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq"
        found = cursor.execute(sql, [count, table]).fetchall()
        if not found:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
        last = found[0][0] if found else count
        return list(range(last - count + 1, last + 1))


def _converted(rows: Iterable[Row], converters: Sequence[Converter | None]) -> Iterable[Row]:
    changed = [(place, convert) for place, convert in enumerate(converters) if convert is not None]
    for row in rows:
        values = list(row)
        for place, convert in changed:
            if values[place] is not None:
                values[place] = convert(values[place])
        yield values


def _copy(table: str, columns: str, rows: Iterable[Row]) -> int:
    count = 0
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _execute_many(table: str, columns: str, rows: Iterable[Row]) -> int:
    count, stream = 0, iter(rows)
    with connection.cursor() as cursor:
        while held := list[Any](islice(stream, HELD)):
            holes = ", ".join(["%s"] * len(held[0]))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({holes})", held)  # noqa: S608  - our own names
            count += len(held)
    return count


def _converter(field: models.Field[Any, Any]) -> Converter | None:
    """Choose once for a column how its values are written; None where the driver takes them as they are."""
    written = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    return written.get(_target(field).get_internal_type())


def _target(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """Give the field whose kind of value a column holds: a foreign key's is that of the key it points at."""
    target: models.Field[Any, Any] = getattr(field, "target_field", field)
    return target


def _json_text(value: object) -> str:
    return "{}" if value == {} else json.dumps(value)


def _sqlite_moment(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))


POSTGRESQL: dict[str, Converter] = {
    # the driver's own way takes ten times as long for a moment that all rows of a chunk have
    "DateTimeField": lru_cache(maxsize=64)(str),
    "JSONField": _json_text,
}
"""How PostgreSQL's columns are written where the driver can be helped; it takes everything as it is."""
SQLITE: dict[str, Converter] = {
    "UUIDField": lambda value: value.hex if isinstance(value, UUID) else UUID(value).hex,
    "DateTimeField": _sqlite_moment,
    "DateField": date.isoformat,
    "JSONField": lambda value: json.dumps(value, ensure_ascii=False),
}
"""How SQLite's columns hold what it has no type for: as Django writes and reads them."""
