"""Triggers by which the database itself refuses to change or remove rows of the record."""

from __future__ import annotations

TABLES = ("audit_auditentry", "audit_auditlink")

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_insert_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit rows are insert-only'; END $$
"""


def statements(vendor: str) -> list[str]:
    """Give the SQL that puts the triggers up, on `sqlite` or `postgresql`; running it twice is harmless."""
    created = [] if vendor == "sqlite" else [_POSTGRESQL_FUNCTION]
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            created += _trigger(vendor, table, verb)
    return created


def removal_statements(vendor: str) -> list[str]:
    """Give the SQL that takes the triggers down, for emptying a test database."""
    names = [(table, f"{table}_no_{verb}") for table in TABLES for verb in ("update", "delete")]
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for _table, name in names]
    return [f"DROP TRIGGER IF EXISTS {name} ON {table}" for table, name in names]


def _trigger(vendor: str, table: str, verb: str) -> list[str]:
    name = f"{table}_no_{verb.lower()}"
    if vendor == "sqlite":
        body = "BEGIN SELECT RAISE(ABORT, 'audit rows are insert-only'); END"
        return [f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} {body}"]
    call = f"BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION audit_insert_only()"
    return [f"DROP TRIGGER IF EXISTS {name} ON {table}", f"CREATE TRIGGER {name} {call}"]
