"""`insignia recover`: let an installation sign again after an older copy of its database was put back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from insignia.cli.platform import with_platform

if TYPE_CHECKING:
    from insignia.awards.services import AwardsRecovery
    from insignia.issuing.services import RecoveryReport


SIGNER_APART = (
    "The signer has a mark of its own. If it still refuses because the database is an older copy, stop it and "
    "start it once with --new-mark: it notes and says what is given up."
)


@click.command()
@click.option(
    "--status-list",
    "lists",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A further status list this installation published, beside those this machine kept. Repeatable.",
)
@click.option(
    "--burn",
    default=0,
    type=click.IntRange(0, 134_217_728),
    help="Burn this many further indexes: the mark was lost.",
)
@click.option(
    "--accept-lost-lists",
    is_flag=True,
    help="Go on though the newest publication of a status list is nowhere: what it revoked counts again.",
)
@with_platform
def recover(*, lists: tuple[Path, ...], burn: int, accept_lost_lists: bool) -> None:
    """Burn what may have been used, revoke again what was revoked, publish anew; then signing works again."""
    from django.conf import settings  # Django is ready only now
    from django.db import transaction

    from insignia.audit.actor import Actor
    from insignia.audit.services import audit_sequence, checkpoint_recover
    from insignia.awards.services import awards_recover
    from insignia.issuing.errors import RecoveryListsMissing

    at = datetime.now(UTC)
    documents = [path.read_bytes() for path in lists]
    actor = Actor.command("insignia recover")
    try:
        with transaction.atomic():  # what is refused has changed nothing, and is said in full the next time
            lost = checkpoint_recover(actor=actor, at=at)
            done = awards_recover(
                documents=documents, burn=burn, accept_lost_lists=accept_lost_lists, actor=actor, at=at
            )
    except RecoveryListsMissing as error:
        for address in error.data["lists"]:
            click.echo(f"Missing: the newest list of {address}", err=True)
        raise
    audit_sequence(at)
    for sentence in _sentences(done, lost=lost):
        click.echo(sentence)
    if settings.INSIGNIA_SIGNER.startswith("socket:"):
        click.echo(SIGNER_APART)


def _sentences(done: AwardsRecovery, *, lost: int) -> Iterator[str]:
    lists = done.lists
    yield f"Indexes burned: {lists.burned}. Entries set again from published lists: {lists.set_again}."
    if lists.sets_restored or lists.sets_lost:
        yield f"Sets of lists put back: {lists.sets_restored}, lost: {lists.sets_lost}."
    for address in lists.lists_lost:
        yield f"The newest list of {address} is lost. What it revoked or paused since the backup counts again."
    if lost:
        yield f"Rows of the record gone with the newer database: {lost}. The record says so and goes on."
    yield from _about_keys(lists)
    yield f"Badges revoked again: {done.revoked}, paused again: {done.suspended}."
    yield from _to_look_at(done)
    but = ", but for the issuers named above" if lists.keyless else ""
    yield f"Signing works again{but}. Run insignia doctor next."


def _about_keys(lists: RecoveryReport) -> Iterator[str]:
    if lists.keys_restored:
        yield f"Public keys made after the backup and put back, to prove what they signed: {lists.keys_restored}."
    for name in lists.keys_unknown:
        yield f"Key {name} signed after the backup, and its public half is lost. What it signed proves nothing."
    for issuer in lists.keyless:
        yield (
            f"The keys of {issuer} changed after the backup; those that this database has sign nothing again. "
            "Nothing is signed for it until an owner renews the keys, on its page of keys."
        )


def _to_look_at(done: AwardsRecovery) -> Iterator[str]:
    for award_id in done.corrected:
        yield f"Badge {award_id} was corrected after the backup. Correct it again."
    for award_id in done.unclear:
        yield (
            f"Badge {award_id} is revoked. It was corrected after the backup, and perhaps only its earlier "
            "document was revoked. If so, give the badge again."
        )
    for award_id in done.stopped:
        yield (
            f"Badge {award_id} was being signed at the backup, and was revoked or paused since. It is not issued "
            "as if nothing had happened: it is on hold, or its run finishes it and it is taken back at once."
        )
    for award_id in done.lifted:
        yield f"Badge {award_id} is paused. The pause was lifted after the backup. Lift it again."
