"""`insignia recover`: let an installation sign again after an older copy of its database was put back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from insignia.cli.platform import with_platform


@click.command()
@click.option(
    "--status-list",
    "lists",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A status list this installation published; what it revokes is revoked again. Repeatable.",
)
@click.option(
    "--burn", default=0, type=click.IntRange(0, 131_072), help="Burn this many further indexes: the mark was lost."
)
@with_platform
def recover(*, lists: tuple[Path, ...], burn: int) -> None:
    """Burn what may have been used, revoke again what was revoked, publish anew; then signing works again."""
    from insignia.audit.actor import Actor  # Django is ready only now
    from insignia.audit.services import audit_sequence
    from insignia.issuing.services import recover as recover_issuing

    at = datetime.now(UTC)
    documents = [path.read_bytes() for path in lists]
    report = recover_issuing(documents=documents, burn=burn, actor=Actor.command("insignia recover"), at=at)
    audit_sequence(at)
    click.echo(f"{report.burned} indexes burned, {report.set_again} entries set again. Run insignia doctor next.")
