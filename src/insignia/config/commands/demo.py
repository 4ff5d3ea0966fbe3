"""`insignia demo`: the main job once in the terminal, then a small world to walk through in the browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from insignia.cli.platform import start_platform
from insignia.config.commands.serve import prepare_database, require_free_port, serve

if TYPE_CHECKING:
    from insignia.demo.stage import Stage

MARKER = "insignia-demo"
ARTEFACTS = Path("build/demo")
HOST = "127.0.0.1"


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Where to serve.")
@click.option(
    "--data",
    default=Path("build/demo-data"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the demo lives; emptied at every start.",
)
@click.option("--no-serve", is_flag=True, help="Stop after the main job.")
def demo(*, port: int, data: Path, no_serve: bool) -> None:
    """Build a small made-up world, play the main job once, then serve it."""
    started = time.monotonic()
    if not no_serve:
        require_free_port(HOST, port)
    _fresh(data)
    _environment(data, port)
    start_platform()
    stage = _build()
    succeeded = _checked(stage)
    click.echo(f"\nDone in {time.monotonic() - started:.0f} s. The files are in {ARTEFACTS}/.")
    if not succeeded:
        raise SystemExit(1)
    if not no_serve:
        _serve(port)


def _fresh(data: Path) -> None:
    if data.exists() and any(data.iterdir()):
        if not (data / MARKER).exists():
            raise click.UsageError(f"{data} holds something else than a demo. Choose another --data.")
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    (data / MARKER).write_text("This folder belongs to the demo; it is emptied at every start.\n")


def _environment(data: Path, port: int) -> None:
    for name in ("INSIGNIA_DATABASE_URL", "INSIGNIA_SMTP_URL", "INSIGNIA_MASTER_KEY"):
        os.environ.pop(name, None)  # a demo never touches a real installation
    os.environ["INSIGNIA_DATA"] = str(data)
    os.environ["INSIGNIA_DEMO"] = "1"
    os.environ["INSIGNIA_ORIGIN"] = f"http://localhost:{port}"
    os.environ["INSIGNIA_WAKE"] = "worker"


def _build() -> Stage:
    from insignia.audit.services import audit_sequence
    from insignia.demo.main_job import main_job
    from insignia.demo.marker import demo_mark
    from insignia.demo.stage import stage_found
    from insignia.demo.world import SCENES
    from insignia.issuing.services import lists_republish

    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    with _step("Make the database"):
        prepare_database(quiet=True)
        demo_mark(at=start)
    with _step("Found three schools, bring in nine people, make keys"):
        stage = stage_found(start)
        lists_republish(stage.founded)
    click.echo("\nThe main job")
    for number, result in enumerate(_timed(main_job(stage, at=start)), 1):
        click.echo(f"  {number}  {result}")
    click.echo("\nThe world around it")
    for scene in SCENES:
        with _step(scene.title):
            scene.play(stage)
    with _step("Publish status lists, number the record"):
        lists_republish(datetime.now(UTC))
        audit_sequence(datetime.now(UTC))
    return stage


def _timed(steps: Iterator[object]) -> Iterator[str]:
    from insignia.demo.main_job import Step

    begun = time.monotonic()
    for step in steps:
        if isinstance(step, Step):
            yield f"{step.title}  ({time.monotonic() - begun:.1f} s)\n     {step.result}"
        begun = time.monotonic()


@contextmanager
def _step(title: str) -> Iterator[None]:
    begun = time.monotonic()
    click.echo(f"  {title} ... ", nl=False)
    yield
    click.echo(f"{time.monotonic() - begun:.1f} s")


def _checked(stage: Stage) -> bool:
    from insignia.demo.artefacts import artefacts_write
    from insignia.demo.main_job import SCHOOL, flagship_award

    viewer = stage.people["itzel"]
    artefacts_write(
        ARTEFACTS,
        award=flagship_award(stage),
        viewer=viewer,
        issuer=stage.issuers[SCHOOL],
        at=datetime.now(UTC),
    )
    click.echo("\nAn independent look at the downloaded picture")
    sound = _verified("badge.png", expected=0)
    click.echo("\nThe same badge with one letter changed")
    return _verified("tampered.json", expected=1) and sound


def _verified(name: str, *, expected: int) -> bool:
    command = [
        "verify",
        str(ARTEFACTS / name),
        "--offline",
        "--did-document",
        str(ARTEFACTS / "did.json"),
        "--status-list",
        str(ARTEFACTS / "status-list.json"),
    ]
    click.echo(f"$ insignia {' '.join(command)}")
    finished = subprocess.run(  # noqa: S603  - our own command on our own files
        [sys.executable, "-m", "insignia.cli", *command], check=False, capture_output=True, text=True
    )
    click.echo(finished.stdout + finished.stderr)
    if finished.returncode != expected:
        click.echo(f"This should have ended with {expected}, and ended with {finished.returncode}.")
    return finished.returncode == expected


def _serve(port: int) -> None:
    click.echo(
        f"\nOpen http://localhost:{port}/demo to walk through it as any of its people.\n"
        "Every mail that would have been sent is shown there. Ctrl-C stops the demo."
    )
    serve(host=HOST, port=port, threads=8)
