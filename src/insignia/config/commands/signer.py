"""`insignia signer`: a process under its own user that holds the keys, and signs nothing but reservations."""

from __future__ import annotations

import os
import pwd
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from insignia.cli.platform import with_platform
from insignia.foundation.hardening import process_harden

if TYPE_CHECKING:
    from insignia.issuing.signers.ledger import Ledger
    from insignia.issuing.signers.port import KeyKeeper

RECORD = "signed.log"


@click.command()
@click.option("--socket", "path", type=click.Path(path_type=Path), help="Where to listen.")
@click.option("--user", "users", multiple=True, metavar="NAME", help="Who may ask (default: this user only).")
@click.option("--group", default="", metavar="NAME", help="The group that may open the socket.")
@click.option("--keys", "address", default="", metavar="PKCS11-URI", help="Keep the keys in a device.")
@click.option("--a-second", default=20_000, show_default=True, type=click.IntRange(1), help="Documents a second.")
@click.option("--a-day", default=2_000_000, show_default=True, type=click.IntRange(1), help="Documents a day.")
@click.option("--keys-a-day", default=200, show_default=True, type=click.IntRange(1), help="New keys a day.")
@click.option("--new-mark", is_flag=True, help="Give the signer's mark up: trust the database as it is now.")
@click.option("--check-record", is_flag=True, help="Only read the record, and say if it is whole.")
def signer(
    *,
    path: Path | None,
    users: tuple[str, ...],
    group: str,
    address: str,
    a_second: int,
    a_day: int,
    keys_a_day: int,
    new_mark: bool,
    check_record: bool,
) -> None:
    """Hold the keys and sign what is reserved, for those who may ask over the socket.

    Reads the database with a role of its own (INSIGNIA_DATABASE_URL) and keeps keys, mark and record in a data
    directory of its own (INSIGNIA_DATA). The web's user needs neither.
    """
    process_harden()  # before anything secret is in memory
    if check_record:
        raise SystemExit(_record_checked())
    if path is None:
        raise click.UsageError("Say where to listen: --socket /run/insignia/signer.sock")
    _serve(path, _user_ids(users), group, limits=(a_second, a_day, keys_a_day), address=address, new_mark=new_mark)


@with_platform
def _serve(
    path: Path, users: frozenset[int], group: str, *, limits: tuple[int, int, int], address: str, new_mark: bool
) -> None:
    from django.conf import settings

    from insignia.issuing.guard import mark_hold_apart
    from insignia.issuing.signers.desk import Desk
    from insignia.issuing.signers.in_process import InProcess
    from insignia.issuing.signers.ledger import Ledger
    from insignia.issuing.signers.pace import Limits
    from insignia.issuing.signers.server import Doorway, SignerServer

    ledger = Ledger(settings.INSIGNIA_DATA / RECORD)
    mark_begin(ledger, new_mark=new_mark)
    held = InProcess(_keys(address, settings.INSIGNIA_DATA), hold=mark_hold_apart)
    server = SignerServer(Desk(held, ledger, limits=Limits(*limits), clock=_now), Doorway(path, users, group))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_received: server.stop())
    click.echo(f"The signer listens at {path}  (Ctrl-C stops it)")
    server.serve_until_stopped()
    ledger.close()


def mark_begin(ledger: Ledger, *, new_mark: bool) -> None:
    """Begin the signer's own mark with its record; one that is lost later is missed, unless told otherwise."""
    from insignia.issuing.mark import mark_advance, mark_read
    from insignia.issuing.rules import Mark

    if new_mark:
        _mark_renew(ledger)
    elif mark_read() is None and ledger.is_new:
        mark_advance(Mark())


def _mark_renew(ledger: Ledger) -> None:
    """Trust the database as it is now: note and say what the mark knew and will not know any more.

    Used indexes are never given up: the database can still learn of them.
    """
    from insignia.issuing.guard import indexes_unburned, mark_gives_up
    from insignia.issuing.mark import mark_replace
    from insignia.issuing.selectors import counters_now
    from insignia.issuing.signers.ledger import Line

    now = counters_now()
    if missing := indexes_unburned(now):
        raise click.ClickException(
            f"The signer knows of {missing} used indexes that the database does not know. Burn them first: "
            f"insignia recover --burn {missing}"
        )
    given_up = mark_gives_up(now)
    ledger.note([Line("new-mark", words) for words in given_up or ("nothing was given up",)], at=_now())
    mark_replace(now)
    for words in given_up:
        click.echo(f"Given up: {words}")


def _keys(address: str, data: Path) -> KeyKeeper:
    from insignia.issuing.signers.keys import FileKeys
    from insignia.issuing.signers.token import TokenAddress, TokenKeys

    return TokenKeys(TokenAddress.parse(address)) if address else FileKeys(data)


def _user_ids(names: tuple[str, ...]) -> frozenset[int]:
    try:
        return frozenset(pwd.getpwnam(name).pw_uid for name in names) or frozenset({os.geteuid()})
    except KeyError as error:
        raise click.UsageError(f"There is no such user on this machine: {error.args[0]}.") from error


def _record_checked() -> int:
    from insignia.cli.platform import start_platform

    start_platform()
    from django.conf import settings

    from insignia.issuing.signers.ledger import ledger_problems

    path = settings.INSIGNIA_DATA / RECORD
    if not path.exists():
        raise click.ClickException(f"There is no record at {path}.")
    problems = list(ledger_problems(path))
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(problems)} places are not as the signer wrote them." if problems else "The record is whole.")
    return 1 if problems else 0


def _now() -> datetime:
    return datetime.now(UTC)
