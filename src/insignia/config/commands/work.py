"""`insignia worker`: background work in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

import click

from insignia.cli.platform import with_platform
from insignia.config.commands.serve import refuse_demo_data, say_about_mark
from insignia.config.jobs import JOBS

LOOK_SECONDS = 0.2
AGAIN_SECONDS = 1.0
"""How long a child that died waits for its successor."""


def job_names(_ctx: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Take names of jobs, separated by commas."""
    names = tuple(name for name in value.replace(" ", "").split(",") if name)
    if unknown := sorted(set(names) - JOBS.keys()):
        raise click.BadParameter(f"There is no job {', '.join(unknown)}. Jobs: {', '.join(JOBS)}.")
    return names


@click.command()
@click.option("--jobs", default="", callback=job_names, metavar="A,B", help="Do these jobs only (default: all).")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="How many to start.")
def worker(*, jobs: tuple[str, ...], processes: int) -> None:
    """Run background work in processes of its own; on PostgreSQL on as many machines as you like.

    SIGTERM or Ctrl-C lets each process finish the job it is at.
    """
    os.environ["INSIGNIA_WAKE"] = "worker"
    _run(jobs=jobs, processes=processes)


@with_platform
def _run(*, jobs: tuple[str, ...], processes: int) -> None:
    from django.conf import settings

    refuse_demo_data()
    say_about_mark()
    if settings.INSIGNIA_BROKER:
        _work(jobs, [celery_command(jobs or tuple(settings.INSIGNIA_JOBS), processes)])
    elif processes == 1:
        _work(jobs, [])
    else:
        alone = [sys.executable, "-m", "insignia.cli", "worker", "--jobs", ",".join(jobs)]
        _watch([alone] * processes)


def celery_command(jobs: Sequence[str], processes: int) -> list[str]:
    """Give the command that takes hints from a broker; each job is a queue."""
    command = [sys.executable, "-m", "celery", "--app", "insignia.config.celery_app", "--quiet", "worker"]
    options = ["--concurrency", str(processes), "--queues", ",".join(jobs), "--loglevel", "WARNING"]
    return [*command, *options, "--without-gossip", "--without-mingle", "--without-heartbeat"]


def _work(jobs: tuple[str, ...], commands: list[list[str]]) -> None:
    """Work in this process, beside children that take a broker's hints, until asked to end."""
    from insignia.config.worker import Worker

    worker = Worker(jobs)
    worker.start()
    _watch(commands)
    worker.stop()
    worker.wait()


def _watch(commands: Sequence[list[str]]) -> None:
    """Keep children running until a signal asks to end; then let each finish."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) > 2:  # asked again and again: now
            os._exit(1)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    children = [_started(command) for command in commands]
    while not asked:
        time.sleep(LOOK_SECONDS)
        for place, child in enumerate(children):
            if child.poll() is not None and not asked:
                click.echo(f"A worker ended with {child.returncode}; another one takes its place.", err=True)
                time.sleep(AGAIN_SECONDS)
                children[place] = _started(commands[place])
    for child in children:
        child.terminate()
    for child in children:
        child.wait()


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # In a session of its own: Ctrl-C reaches this process alone, which then ends the children in order.
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603  - our own command
