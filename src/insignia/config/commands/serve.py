"""`insignia run`, `insignia worker`, `insignia migrate`, `insignia manage`: operating an installation."""

from __future__ import annotations

import os
import re
import socket
import sys
from datetime import UTC, datetime
from zoneinfo import available_timezones

import click

from insignia.audit.actor import Actor
from insignia.cli.platform import start_platform
from insignia.config.orphans import SERVER

APPLICATION = "insignia.config.served:application"
SHORT_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def prepare_database(*, quiet: bool = False) -> None:
    """Bring the database up to date (makes it at first start)."""
    from django.conf import settings
    from django.core.management import call_command

    settings.INSIGNIA_DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    call_command("migrate", verbosity=0 if quiet else 1, interactive=False)
    call_command("createcachetable", verbosity=0)


@click.command()
def migrate() -> None:
    """Make the database, or bring it up to date."""
    start_platform()
    prepare_database()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
def run(*, host: str, port: int, threads: int) -> None:
    """Serve Insignia: web and background work in one process."""
    require_free_port(host, port)
    os.environ.setdefault("INSIGNIA_ORIGIN", f"http://localhost:{port}")
    start_platform()
    prepare_database(quiet=True)
    refuse_demo_data()
    say_about_mail()
    say_about_mark()
    serve(host=host, port=port, threads=threads)


def refuse_demo_data() -> None:
    """Keep a demo's database from being used as a real one."""
    from insignia.demo.marker import demo_refuse_elsewhere

    demo_refuse_elsewhere()


def say_about_mail() -> None:
    """Say plainly when no mail can leave: then only the first person can sign in."""
    from django.conf import settings

    if not settings.INSIGNIA_MAIL:
        click.echo("No mail server is configured (INSIGNIA_SMTP_URL): mails are printed here, sign-in codes too.")


def say_about_mark() -> None:
    """Say plainly when the database is an older copy: pages work, and nothing is signed.

    One that is not keeps its public keys beside the mark; installations older than that file have none there yet.
    """
    from insignia.issuing.selectors import issuers_all
    from insignia.issuing.services import keys_keep, signing_stopped

    if any(signing_stopped(issuer) for issuer in issuers_all()):
        click.echo("This database is an older copy: nothing is signed until you run: insignia recover")
        return
    try:
        keys_keep()
    except (OSError, ValueError, KeyError, TypeError) as error:
        click.echo(
            f"The public keys could not be kept beside the database, for a recovery one day: {error}", err=True
        )


def require_free_port(host: str, port: int) -> None:
    """Refuse a port that something else listens at; the server itself would share it in silence.

    Raises:
        UsageError: the port is taken, or the address is not this machine's.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = f"Nothing can listen at {host}, port {port}: {error.strerror}."
            raise click.UsageError(f"{reason} Choose another one with --port.") from error


def serve(*, host: str, port: int, threads: int, application: str = APPLICATION) -> None:
    """Start the server; its one worker process also runs the background jobs."""
    from granian.constants import Interfaces
    from granian.server import Server

    from insignia.web.statics import statics_prepare

    statics_prepare()
    os.environ["INSIGNIA_WAKE"] = "worker"
    os.environ[SERVER] = str(os.getpid())
    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        log_enabled=False,
    )
    click.echo(
        f"Insignia listens at http://{'localhost' if host == '127.0.0.1' else host}:{port}  (Ctrl-C stops it)"
    )
    server.serve()


def short_name(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Take what may stand in an address."""
    if SHORT_NAME.fullmatch(value):
        return value
    raise click.BadParameter("Use small letters, digits and single hyphens, such as quillwater-high.")


def mail_address(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Take what looks like a mail address."""
    if MAIL_ADDRESS.fullmatch(value):
        return value
    raise click.BadParameter(f'"{value}" is not an address. Write it as ana@school.org.')


def known_zone(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Take a time zone that this machine knows."""
    if value in available_timezones():
        return value
    raise click.BadParameter(f'"{value}" is not a time zone. Write it as Europe/Madrid.')


@click.command()
@click.argument("slug", callback=short_name)
@click.argument("name")
@click.option(
    "--owner",
    required=True,
    metavar="EMAIL",
    callback=mail_address,
    help="Who may do everything there; signs in by mail.",
)
@click.option("--time-zone", default="UTC", show_default=True, callback=known_zone)
@click.option("--language", default="en", show_default=True, type=click.Choice(["en", "es"]))
def found(*, slug: str, name: str, owner: str, time_zone: str, language: str) -> None:
    """Found an organization: SLUG is its short name in addresses, NAME what people read."""
    start_platform()
    prepare_database(quiet=True)
    from insignia.organizations.services import organization_found

    organization_found(
        slug=slug,
        name={language: name},
        owner_email=owner,
        time_zone=time_zone,
        language=language,
        actor=Actor.command("insignia found"),
        at=datetime.now(UTC),
    )
    click.echo(f"{name} is founded. {owner} can sign in and create its first key at /o/{slug}/issuer")


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a management command of Django."""
    start_platform()
    from django.core.management import execute_from_command_line

    execute_from_command_line([sys.argv[0], *arguments])
