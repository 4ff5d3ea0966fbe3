"""Fixtures of the platform's tests: a data directory for each, and a database that can be emptied again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

from insignia.audit.insert_only import removal_statements, statements


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, settings: LazySettings) -> Path:
    """Give every test its own data directory, and so its own master key, files and marks."""
    directory = tmp_path / "data"
    settings.INSIGNIA_DATA = directory
    return directory


@pytest.fixture(autouse=True, scope="session")
def emptiable_audit_tables() -> Iterator[None]:
    """Let the test runner empty tables after a test with real commits; the triggers are back right after."""
    operations: type[BaseDatabaseOperations] = type(connection.ops)
    original = operations.sql_flush

    def sql_flush(self: BaseDatabaseOperations, *arguments: Any, **options: Any) -> list[str]:  # noqa: ANN401  - handed on
        emptying = original(self, *arguments, **options)
        vendor = self.connection.vendor
        return [*removal_statements(vendor), *emptying, *statements(vendor)] if emptying else []

    operations.sql_flush = sql_flush  # type: ignore[method-assign]  # for the session, undone below
    yield
    operations.sql_flush = original  # type: ignore[method-assign]  # as above
