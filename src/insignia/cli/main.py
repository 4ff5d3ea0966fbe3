"""The `insignia` command: a table of names, each loaded when it is called.

Exit status: each command says its own; 3 is misuse everywhere, with a sentence; 70 means that Insignia broke.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

import click

from insignia.cli.terminal import plain
from insignia.foundation.errors import InsigniaError
from insignia.vc.errors import VcError

MISUSE = 3
BROKEN = 70
INTERRUPTED = 130
COMMANDS = {
    "verify": ("insignia.cli.verify:verify", "Check a credential: file, link, or - for standard input."),
    "inspect": ("insignia.cli.inspect:inspect", "Show what a credential says, without judging it."),
    "bake": ("insignia.cli.bake:bake", "Put a credential into a PNG or SVG picture."),
    "extract": ("insignia.cli.bake:extract", "Take the credential out of a picture."),
    "demo": ("insignia.config.commands.demo:demo", "Play the main job on a small world, then serve it."),
    "run": ("insignia.config.commands.serve:run", "Serve an installation: web and background work."),
    "worker": ("insignia.config.commands.work:worker", "Run background work in a process of its own."),
    "signer": ("insignia.config.commands.signer:signer", "Hold the keys in a process of its own, and sign."),
    "migrate": ("insignia.config.commands.serve:migrate", "Make the database, or bring it up to date."),
    "found": ("insignia.config.commands.serve:found", "Found an organization and name its first owner."),
    "award-run": ("insignia.cli.award_run:award_run", "Give one badge to everybody in a file."),
    "audit": ("insignia.cli.audit:audit", "Prove the record of who did what."),
    "doctor": ("insignia.cli.doctor:doctor", "Check that what must always be true is true."),
    "recover": ("insignia.cli.recover:recover", "Sign again after an older database was put back."),
    "manage": ("insignia.config.commands.serve:manage", "Run a management command of Django."),
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is called, so that `verify` never waits for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  - the signature is click's
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command.

        Raises:
            UsageError: this installation does not have it.
        """
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        try:
            command = getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            raise click.UsageError(f"The command {cmd_name} is not part of this installation.", ctx=ctx) from error
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  - click's
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_place, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="insignia")
def insignia() -> None:
    """Insignia: badges that stand on evidence, and that anyone can check."""


def main() -> NoReturn:
    """Run one command; misuse ends with a sentence and status 3, our own mistakes with a trace and status 70."""
    try:
        result = insignia.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        raise SystemExit(0) from error
    except click.ClickException as error:
        _say(error.format_message(), error.ctx if isinstance(error, click.UsageError) else None)
        raise SystemExit(MISUSE) from error
    except (VcError, InsigniaError) as error:
        _say(error.message)
        raise SystemExit(MISUSE) from error
    except (click.Abort, KeyboardInterrupt) as error:
        raise SystemExit(INTERRUPTED) from error
    except Exception as error:  # our own mistake must not leave with 1, which says INVALID
        import traceback  # only when needed: it costs time

        traceback.print_exc()
        _say("Insignia itself broke; this says nothing about your file. Report the lines above.")
        raise SystemExit(BROKEN) from error
    raise SystemExit(result if isinstance(result, int) else 0)


def _say(sentence: str, ctx: click.Context | None = None) -> None:
    hint = f"\nTry: {ctx.command_path} --help" if ctx is not None else ""
    said = plain(sentence)
    print(f"insignia: {said if said.endswith(('.', '?')) else f'{said}.'}{hint}", file=sys.stderr)
