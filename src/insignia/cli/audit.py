"""`insignia audit verify`: prove the record, or name its first broken row."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from insignia.cli.platform import with_platform


@click.group()
def audit() -> None:
    """The record of who did what."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@with_platform
def verify(*, as_json: bool) -> None:
    """Walk the whole chain and compare it with the checkpoint kept outside the database."""
    from insignia.audit.services import audit_sequence, audit_verify  # Django is ready only now

    audit_sequence(datetime.now(UTC))
    report = audit_verify()
    if as_json:
        click.echo(json.dumps({"rows": report.length, "unnumbered": report.unnumbered, "broken": report.broken}))
    elif report.broken:
        click.echo(f"Broken at {report.broken}.")
    else:
        click.echo(f"Whole: {report.length} rows, each covering the one before.")
    raise SystemExit(1 if report.broken else 0)
