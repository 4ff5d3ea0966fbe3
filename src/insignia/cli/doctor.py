"""`insignia doctor`: check every invariant on this database, and name the row that breaks one."""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from insignia.cli.platform import with_platform

if TYPE_CHECKING:
    from insignia.foundation.checks import Check, Finding


@click.command()
@click.option("--deep", is_flag=True, help="Also verify every signed document through the general path.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@with_platform
def doctor(*, deep: bool, as_json: bool) -> None:
    """Check that what must always be true is true. Changes nothing but the audit numbers."""
    from insignia.audit.services import audit_sequence  # Django is ready only now

    at = datetime.now(UTC)
    audit_sequence(at)
    found = look(every_check(at), deep=deep, says=not as_json)
    if as_json:
        click.echo(json.dumps([finding.__dict__ for finding in found]))
    raise SystemExit(1 if found else 0)


def look(checks: Iterable[Check], *, deep: bool, says: bool = True) -> list[Finding]:
    """Run checks and give what they find; where it `says`, each one's line as soon as it is over."""
    whole: list[Finding] = []
    waiting = list(checks)
    for number, check in enumerate(waiting, 1):
        with _alive(f"{number} of {len(waiting)}  {check.title}"):
            found = list(check.run(deep))
        whole += found
        if says:
            click.echo(f"{'ok    ' if not found else 'BROKEN'} {check.invariant:>4}  {check.title}")
            for finding in found:
                click.echo(f"             {finding.subject}: {finding.message}")
    if says:
        click.echo(f"{len(waiting)} checks, {len(whole)} findings.")
    return whole


@contextmanager
def _alive(words: str) -> Iterator[None]:
    """Show on a terminal what is looked at, and for how long: a deep look at a large school takes many minutes."""
    if not sys.stderr.isatty():
        yield
        return
    over, began = threading.Event(), time.monotonic()
    room = shutil.get_terminal_size().columns - len(", 86400 s") - 1
    shown = words[:room]  # a line that wraps cannot be emptied

    def tick() -> None:
        while not over.wait(1):
            click.echo(f"\r\x1b[K{shown}, {time.monotonic() - began:.0f} s", err=True, nl=False)

    ticking = threading.Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield
    finally:
        over.set()
        ticking.join()
        click.echo("\r\x1b[K", err=True, nl=False)


def every_check(at: datetime) -> list[Check]:
    """Collect the checks of all domains, asked at this moment, in the order of their invariants."""
    from django.apps import apps

    found: list[Check] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.checks"
        if config.name.startswith("insignia.") and find_spec(name):
            checks = import_module(name)
            found.extend(getattr(checks, "CHECKS", ()))
            found.extend(check.asked(at) for check in getattr(checks, "CHECKS_AT", ()))
    return sorted(found, key=lambda check: int(check.invariant.lstrip("I")))
