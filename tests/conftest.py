"""What every test shares: one browser, a database that can be emptied again.

Fixtures that live as long as the run stand here and nowhere else: pytest would start one for each folder that
imports them, and a second browser does not start beside the first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from hypothesis import HealthCheck, settings

from insignia.audit.insert_only import removal_statements, statements
from tests.browser import *  # noqa: F403  - pytest finds fixtures by name in this module

# The same cases each time, and no deadline: machines differ and are shared.
settings.register_profile(
    "insignia", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("insignia")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that drive a browser, so that a run can leave them out; keep long ones for `make soak`."""
    soaking = [item for item in items if item.get_closest_marker("soak")]
    if soaking and os.environ.get("INSIGNIA_SOAK") != "1":
        config.hook.pytest_deselected(items=soaking)
        items[:] = [item for item in items if item not in soaking]
    for item in items:
        if "browser_" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True, scope="session")
def no_waiting_for_the_disk() -> Iterator[None]:
    """Let files of the tests' own process be written without waiting for the disk: none has to last."""
    original = os.fsync
    os.fsync = lambda fd: None  # noqa: ARG005  - the name is that of what it stands for
    yield
    os.fsync = original


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
