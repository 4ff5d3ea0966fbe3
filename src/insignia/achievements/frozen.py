"""A trigger by which the database itself refuses to change a published version."""

from __future__ import annotations

_TABLE = "achievements_achievementversion"
_NAME = f"{_TABLE}_frozen"
_FIXED = (
    "public_id",
    "organization_id",
    "achievement_id",
    "number",
    "credential_class",
    "content",
    "content_hash",
)
_MESSAGE = "a published achievement version does not change"


def statements(vendor: str) -> list[str]:
    """Give the SQL that puts the trigger up, on `sqlite` or `postgresql`; running it twice is harmless."""
    changed = " OR ".join(_differs(vendor, column) for column in _FIXED)
    when = f"OLD.state <> 'draft' AND (NEW.state = 'draft' OR {changed})"
    if vendor == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        return [f"CREATE TRIGGER IF NOT EXISTS {_NAME} BEFORE UPDATE ON {_TABLE} WHEN {when} {body}"]
    function = f"CREATE OR REPLACE FUNCTION {_NAME}() RETURNS trigger LANGUAGE plpgsql AS"
    return [
        f"{function} $$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$",
        f"DROP TRIGGER IF EXISTS {_NAME} ON {_TABLE}",
        f"CREATE TRIGGER {_NAME} BEFORE UPDATE ON {_TABLE} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {_NAME}()",
    ]


def removal_statements(vendor: str) -> list[str]:
    """Give the SQL that takes the trigger down, for tests of what doctor finds without it."""
    return [f"DROP TRIGGER IF EXISTS {_NAME}" + ("" if vendor == "sqlite" else f" ON {_TABLE}")]


def _differs(vendor: str, column: str) -> str:
    if vendor == "sqlite":
        return f"OLD.{column} IS NOT NEW.{column}"
    return f"OLD.{column} IS DISTINCT FROM NEW.{column}"
