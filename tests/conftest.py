"""What every test shares: one browser, a database that can be emptied again.

Fixtures that live as long as the run stand here and nowhere else: pytest would start one for each folder that
imports them, and a second browser does not start beside the first.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import django.test.utils
import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.core.management.color import Style
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import post_migrate
from django.template import Template
from hypothesis import settings

from insignia.audit.insert_only import removal_statements, statements
from tests import empty_database
from tests.browser import *  # noqa: F403  - pytest finds fixtures by name in this module
from tests.examples import PROFILE

LONGEST = ("postgresql", "browser")
"""Marks of the tests whose files take longest."""

settings.load_profile(PROFILE)


def pytest_collection_finish() -> None:
    """Keep Python from looking for garbage among thousands of collected tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that drive a browser, so that a run can leave them out; put the longest files first.

    Whoever got a long file last would work alone while the other processes wait: those that kill real processes
    on real databases go first, then those with a browser.
    """
    for item in items:
        if "browser_" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    ranks = {mark: {item.path for item in items if item.get_closest_marker(mark)} for mark in LONGEST}
    items.sort(key=lambda item: [item.path not in paths for paths in ranks.values()])


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Put the tables where the tests will look for them (pytest's own way makes them again in every process)."""
    _ = django_db_modify_db_settings_parallel_suffix
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    if connection.vendor == "postgresql":
        empty_database.postgresql_copy(os.environ["INSIGNIA_TEST_DATABASE_URL"], name)
    else:
        empty_database.sqlite_copy(Path(name))


@pytest.fixture(autouse=True, scope="session")
def no_rows_for_permissions() -> None:
    """Leave out what Django writes into emptied tables for its own permissions, after each test that commits."""
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture(autouse=True, scope="session")
def templates_as_they_are(django_test_environment: None) -> None:
    """Render as outside tests: Django's way of telling tests what a template was given takes a tenth of a page."""
    _ = django_test_environment
    Template._render = django.test.utils._TestState.saved_data.template_render  # type: ignore[attr-defined]  # Django's own


@pytest.fixture(autouse=True, scope="session")
def no_waiting_for_the_disk() -> Iterator[None]:
    """Let files of the tests' own process be written without waiting for the disk: none has to last."""
    original = os.fsync
    os.fsync = lambda fd: None  # noqa: ARG005  - the name is that of what it stands for
    yield
    os.fsync = original


@pytest.fixture(autouse=True, scope="session")
def quickly_emptied_tables() -> Iterator[None]:
    """Empty only the tables that hold something after a test with real commits, those of the record too."""
    operations: type[BaseDatabaseOperations] = type(connection.ops)
    original = operations.sql_flush

    def sql_flush(self: BaseDatabaseOperations, style: Style, tables: Sequence[str], **options: bool) -> list[str]:
        held = _with_rows(self, tables)
        if not held:
            return []
        if self.connection.vendor == "postgresql":
            # TRUNCATE makes new files, for every table that points at one of these too: a quarter of a second
            emptying = [f"DELETE FROM {self.quote_name(table)}" for table in held]  # noqa: S608  - our own tables
            return ["SET LOCAL session_replication_role = replica", *emptying]  # without triggers and references
        return [*removal_statements("sqlite"), *original(self, style, held, **options), *statements("sqlite")]

    operations.sql_flush = sql_flush  # type: ignore[method-assign]  # for the session, undone below
    yield
    operations.sql_flush = original  # type: ignore[method-assign]  # as above


def _with_rows(operations: BaseDatabaseOperations, tables: Sequence[str]) -> list[str]:
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {operations.quote_name(table)})"  # noqa: S608  - our own tables
        for table in tables
    )
    with operations.connection.cursor() as cursor:
        cursor.execute(asked)
        return [row[0] for row in cursor.fetchall()]
