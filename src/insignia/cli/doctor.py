"""`insignia doctor`: check every invariant on this database, and name the row that breaks one."""

from __future__ import annotations

import json
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

    audit_sequence(datetime.now(UTC))
    results = [(check, list(check.run(deep))) for check in every_check()]
    findings = [finding for _check, found in results for finding in found]
    if as_json:
        click.echo(json.dumps([finding.__dict__ for finding in findings]))
    else:
        _print(results, findings)
    raise SystemExit(1 if findings else 0)


def every_check() -> list[Check]:
    """Collect the checks of all domains, in the order of their invariants."""
    from django.apps import apps

    found: list[Check] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.checks"
        if config.name.startswith("insignia.") and find_spec(name):
            found.extend(getattr(import_module(name), "CHECKS", ()))
    return sorted(found, key=lambda check: int(check.invariant.lstrip("I")))


def _print(results: list[tuple[Check, list[Finding]]], findings: list[Finding]) -> None:
    for check, found in results:
        click.echo(f"{'ok    ' if not found else 'BROKEN'} {check.invariant:>4}  {check.title}")
        for finding in found:
            click.echo(f"             {finding.subject}: {finding.message}")
    click.echo(f"{len(results)} checks, {len(findings)} findings.")
