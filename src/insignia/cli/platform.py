"""Commands that need the database: start Django first, and say errors as sentences."""

from __future__ import annotations

import atexit
import functools
import gc
import os
from collections.abc import Callable
from typing import ParamSpec

import click

P = ParamSpec("P")
COLLECT_AFTER = 20_000
"""So many new objects are let be before Python looks for cycles among them (its own default: 700)."""
COLLECT_OLDER_AFTER = 20


def start_platform() -> None:
    """Set Django up with our settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "insignia.config.settings")
    import django  # slow to import, and not wanted by `insignia verify`

    django.setup()
    _spare_the_collector()


def _spare_the_collector() -> None:
    """Have Python look for cycles among what comes from now on, and less often.

    Hundreds of thousands of objects of Django's start stay as long as the process. Python would walk through all
    of them again and again while a chunk of a run makes many that go again by themselves.
    """
    gc.freeze()
    atexit.register(gc.unfreeze)  # else connections stay open at the end, and SQLite's file is left in two parts
    gc.set_threshold(COLLECT_AFTER, COLLECT_OLDER_AFTER, COLLECT_OLDER_AFTER)


def database_ready() -> bool:
    """Say whether every migration has been applied."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def with_platform(command: Callable[P, None]) -> Callable[P, None]:
    """Run `command` with Django started and the database up to date, or say what to do."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        start_platform()
        if not database_ready():
            raise click.ClickException("The database is empty or older than this version. Run: insignia migrate")
        command(*args, **kwargs)

    return wrapper
