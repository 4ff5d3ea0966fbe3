"""`insignia award-run`: give one badge to everybody in a file; without --start only look at every row."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from insignia.cli.platform import with_platform
from insignia.cli.terminal import plain, say

if TYPE_CHECKING:
    from insignia.runs.models import Run

BLOCK = 2**20
EVERY_SECONDS = 1.0
NOT_ALL = 1


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--badge", required=True, help="The badge's short name, as in its address.")
@click.option("--organization", required=True, help="The organization's short name.")
@click.option("--exams", is_flag=True, help="The file holds results of an exam.")
@click.option("--key", default="", help="Names the run; the same key and file again are the same run.")
@click.option("--start", is_flag=True, help="Sign the badges. Mails go out ten minutes later.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found, and what became of it, as JSON.")
@with_platform
def award_run(
    *, file: Path, badge: str, organization: str, exams: bool, key: str, start: bool, as_json: bool
) -> None:
    """Look at every row of FILE (CSV, XLSX, ODS, lines of JSON), and with --start give the badges.

    Exit status: 0 when every row leads to a badge, 1 when some do not, 3 for misuse.
    """
    run = _made(file, badge=badge, organization=organization, exams=exams, key=key)
    run = _looked_at(run, quiet=as_json)
    if not as_json:
        _tell(run)
    if start and run.due:
        run = _carried_out(run, quiet=as_json)
    _end(run, as_json=as_json)
    raise SystemExit(0 if run.due == run.total and (run.issued == run.total or not start) else NOT_ALL)


def _made(file: Path, *, badge: str, organization: str, exams: bool, key: str) -> Run:
    from insignia.achievements.selectors import achievement_by_slug, version_current  # Django is ready only now
    from insignia.organizations.selectors import organization_get
    from insignia.runs.models import Run
    from insignia.runs.readers import file_read
    from insignia.runs.services import run_create

    school = organization_get(organization)
    version = version_current(achievement_by_slug(badge, organization=school))
    with file.open("rb") as source:
        name = key or f"file:{_digest(file)}:{version.public_id}{':exams' if exams else ''}"
        table = file_read(source, filename=file.name)
        return run_create(
            organization=school,
            version=version,
            key=name,
            source=Run.Source.EXAMS if exams else Run.Source.FILE,
            rows=table.rows,
            columns=table.columns,
            name=file.name,
            actor=_actor(),
            at=_now(),
        )


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _actor() -> Any:  # noqa: ANN401  - an Actor, whose module wants Django
    from insignia.audit.actor import Actor

    return Actor.command("insignia award-run")


def _looked_at(run: Run, *, quiet: bool) -> Run:
    from insignia.runs.services import run_check

    _leave_the_work_to_us()
    if run.state in {run.State.DRAFT, run.State.CHECKED}:
        run_check(run_id=run.public_id, actor=_actor(), at=_now())
    return _watched(run, {run.State.CHECKING}, quiet=quiet)


def _carried_out(run: Run, *, quiet: bool) -> Run:
    from insignia.audit.services import audit_sequence
    from insignia.issuing.services import lists_republish
    from insignia.runs.services import run_start

    if run.state == run.State.CHECKED:
        run_start(run_id=run.public_id, actor=_actor(), at=_now())
    found = _watched(run, {run.State.RUNNING}, quiet=quiet)
    lists_republish(_now())
    audit_sequence(_now())
    return found


def _leave_the_work_to_us() -> None:
    """Let a wake be a hint only: this command does the work itself, and tells how far it is meanwhile."""
    from django.conf import settings

    settings.INSIGNIA_WAKE = "worker"


def _watched(run: Run, states: set[Any], *, quiet: bool) -> Run:
    """Carry the run on, beside any worker, until it leaves these states; say how far it is once a second."""
    from insignia.runs.selectors import run_ahead, run_by_id, run_progress
    from insignia.runs.services import run_converge

    told = 0.0
    found = run_by_id(run.public_id)
    while found.state in states:
        if not run_converge(_now()):
            time.sleep(EVERY_SECONDS)  # a worker holds what is left
        found = run_by_id(run.public_id)
        if not quiet and time.monotonic() - told > EVERY_SECONDS:
            told = time.monotonic()
            print(_line(run_progress(found), run_ahead(found, at=_now())), file=sys.stderr)
    return found


def _line(progress: Any, ahead: Run | None) -> str:  # noqa: ANN401  - a Progress, whose module wants Django
    if progress.state == "checking":
        return f"{progress.checked:,} of {progress.total:,} rows looked at"
    if ahead is not None:
        return f"waits until another run of this badge is through: {ahead.public_id}"
    left = f", about {progress.seconds_left:,} s left" if progress.seconds_left is not None else ""
    return f"{progress.issued:,} of {progress.due:,} signed, {progress.rate:,.0f} a second{left}"


def _tell(run: Run) -> None:
    from insignia.runs.selectors import counts_of, run_reasons

    say(f"{run.due:,} rows ready, {run.total - run.due:,} not. Nothing has been sent.")
    for name, count in counts_of(run).items():
        if count:
            say(f"  {count:>9,}  {name}")
    for reason in run_reasons(run):
        for row in reason.first:
            value = f": {plain(row.data['value'])}" if row.data.get("value") else ""
            say(f"  row {row.number}  {row.row_class}  {row.code}{value}")
        if reason.count > len(reason.first):
            say(f"  and {reason.count - len(reason.first):,} more rows: {reason.code}")


def _end(run: Run, *, as_json: bool) -> None:
    from insignia.runs.selectors import counts_of

    if as_json:
        counts = {"issued": run.issued, "refused": run.refused, "cancelled": run.cancelled}
        click.echo(
            json.dumps(
                {
                    "run": str(run.public_id),
                    "state": run.state,
                    "rows": run.total,
                    "due": run.due,
                    "classes": counts_of(run),
                    "outcomes": counts,
                    "mails_from": run.undo_until.isoformat() if run.undo_until else None,
                }
            )
        )
    elif run.undo_until is not None:
        say(f"{run.issued:,} signed, {run.refused:,} without a badge. Mails go out at {run.undo_until:%H:%M} UTC.")
        say(f"Run {run.public_id}; until then its page can undo all of it.")
    else:
        say("Give the badges with --start.")


def _now() -> datetime:
    return datetime.now(UTC)
