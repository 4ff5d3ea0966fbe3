"""Runs whose workers, database, disk, clock and mail server fail. Run by `test_faults.py`; prints JSON.

`prepared` makes a school and a started run of twelve chunks once; every other scenario starts from a copy of it. A
worker that was to die at a named step and did not is reported by its fate: the window was missed.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

from tests.platform.awards.crash_world import Careless, die_at, fate, findings, forked, totals

ROWS, CHUNK = 36, 3
LEASE = timedelta(minutes=4)
"""A little longer than a dead worker keeps its chunk."""


def set_up() -> None:
    """Start Django on the database of the environment; chunks are small, and nobody waits between them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "insignia.config.settings"
    django.setup()
    from insignia.runs.services import control, converge

    control.CHUNK_ROWS.update(sqlite=CHUNK, postgresql=CHUNK)
    setattr(converge, "BREATH", 0)  # noqa: B010  - a constant of that module


def moment() -> datetime:
    from tests.platform.factories import AT

    return AT


def the_run() -> Any:  # noqa: ANN401  - runs.models.Run, not importable before setup
    from insignia.runs.models import Run

    return Run.objects.select_related("organization", "version").order_by("id")[0]


def registrar() -> Any:  # noqa: ANN401  - audit.actor.Actor, as above
    from insignia.audit.actor import Actor

    return Actor.person(the_run().created_by)


def carry_on(at: datetime) -> None:
    """Do what a worker does with runs, until there is nothing to do."""
    from insignia.runs.services import run_converge

    while run_converge(at):
        pass


def worker(at: datetime, *, dies_at: str = "") -> Callable[[], None]:
    """Give the life of a worker process, with its death where one is wanted."""

    def work() -> None:
        from insignia.awards import steps

        if dies_at:
            steps.between = die_at(dies_at)
        carry_on(at)

    return work


def lived(work: Callable[[], object]) -> str:
    """Let a process live to its end; say how it ended."""
    with forked(work) as pid:
        return fate(pid)


def at_once(*works: Callable[[], object]) -> list[str]:
    """Let processes begin at the same moment; say how each ended."""
    ready, start = os.pipe()

    def waiting(work: Callable[[], object]) -> Callable[[], object]:
        def begin() -> object:
            os.close(start)
            os.read(ready, 1)  # until the parent closes its end
            return work()

        return begin

    pids = []
    for work in works:
        with forked(waiting(work)) as pid:
            pids.append(pid)
    os.close(start)
    os.close(ready)
    return [fate(pid) for pid in pids]


def report(**more: Any) -> dict[str, Any]:  # noqa: ANN401  - what a scenario tells besides
    """Say what there is now, row by row and thing by thing, and what the doctor finds."""
    from insignia.runs.models import RunRow

    outcomes = list(RunRow.objects.values_list("outcome", flat=True))
    run = the_run()
    return {
        "state": run.state,
        "outcomes": {name: outcomes.count(name) for name in sorted(set(outcomes))},
        "totals": totals(),
        "findings": findings(),
        **more,
    }


# ---- scenarios ------------------------------------------------------------------------------------------------


def prepared(_argument: str) -> dict[str, Any]:
    """Make the school and the run that the others start from."""
    from tests.platform.runs.world import make_run_world, people

    run = make_run_world().started(people(ROWS))
    return {"due": run.due}


def kills(_argument: str) -> dict[str, Any]:
    """Kill a worker at every step, each time in a chunk of its own, then let another one go on."""
    from insignia.awards.steps import ChunkStep, Step

    steps = [step.value for step in (*Step, *ChunkStep)]
    fates = {step: lived(worker(moment(), dies_at=step)) for step in steps}
    fates["sweep"] = lived(worker(moment() + LEASE))
    return report(fates=fates)


def kills_of_one_chunk(_argument: str) -> dict[str, Any]:
    """Kill whoever takes the first chunk, until its rows go one by one, and then again at every step of a row."""
    from insignia.awards.steps import Step

    deaths = ["inside-finish"] * 4 + [step.value for step in Step]
    fates = [lived(worker(moment() + LEASE * turn, dies_at=step)) for turn, step in enumerate(deaths)]
    sweep = lived(worker(moment() + LEASE * len(deaths)))
    return report(fates=fates, sweep=sweep, tries=max_tries())


def max_tries() -> int:
    from insignia.runs.models import RunChunk

    return max(RunChunk.objects.values_list("tries", flat=True))


def two_workers(_argument: str) -> dict[str, Any]:
    """Let two workers carry the same run on, then two that disregard each other's leases."""
    from insignia.runs.models import RunChunk, RunRow

    fates = at_once(worker(moment()), worker(moment()))
    shared = RunChunk.objects.filter(tries=1).count()
    return report(fates=fates, chunks=shared, rows=RunRow.objects.count())


def two_on_one_chunk(_argument: str) -> dict[str, Any]:
    """Hold a worker inside the first chunk until its lease is over; another does all; the first one wakes up."""
    fates = held_while(worker(moment()), worker(moment() + LEASE), at_step="indexes-taken")
    return report(fates=fates)


def held_while(slow: Callable[[], object], quick: Callable[[], object], *, at_step: str) -> list[str]:
    """Stop one process at a step, let another one live its whole life, let the first go on."""
    from insignia.awards import steps

    (here, arrive), (go, release) = os.pipe(), os.pipe()

    def held() -> None:
        def stop(reached: Any) -> None:  # noqa: ANN401  - awards.steps.Moment
            if reached.value == at_step:
                steps.between = steps.nothing
                os.write(arrive, b".")
                os.close(release)
                os.read(go, 1)

        steps.between = stop
        slow()

    with forked(held) as pid:
        os.close(arrive)
        if os.read(here, 1) != b".":
            return ["never came to " + at_step, fate(pid)]
        other = lived(quick)
        os.close(release)
        return [fate(pid), other]


def same_batch_twice(_argument: str) -> dict[str, Any]:
    """Hand the same table in from two processes at the same moment, start it from both, work from both."""
    from insignia.foundation.errors import Conflict
    from insignia.runs.models import Run
    from insignia.runs.services import run_check, run_create, run_start
    from tests.platform.runs.world import people

    actor, first, at = registrar(), the_run(), moment()

    def post() -> None:
        run = run_create(
            organization=first.organization,
            version=first.version,
            key="the same",
            source=Run.Source.API,
            rows=people(30, first=1000),
            actor=actor,
            at=at,
        )
        for step in (run_check, run_start):
            with suppress(Conflict):  # where the other one was quicker
                step(run_id=run.public_id, actor=actor, at=at)
            carry_on(at)

    fates = at_once(post, post)
    carry_on(at + LEASE)
    return report(fates=fates, runs=Run.objects.count())


def upload_killed(_argument: str) -> dict[str, Any]:
    """Kill the process that stores a table in the middle of its rows, and hand it in again."""
    from insignia.runs.models import Run, RunRow
    from insignia.runs.services import run_create
    from tests.platform.runs.world import people

    actor, first, rows = registrar(), the_run(), people(5_500, first=1000)

    def upload(table: Iterator[dict[str, str]]) -> Any:  # noqa: ANN401  - runs.models.Run
        return run_create(
            organization=first.organization,
            version=first.version,
            key="upload",
            source=Run.Source.FILE,
            rows=table,
            actor=actor,
            at=moment(),
        )

    def dying() -> Iterator[dict[str, str]]:
        yield from rows[:5_200]
        os.kill(os.getpid(), 9)

    died = lived(lambda: upload(dying()))
    left = {"runs": Run.objects.count(), "rows": RunRow.objects.count()}
    again = upload(iter(rows))
    return {"fates": [died], "left": left, "again": again.total, "findings": findings()}


def clock_back(_argument: str) -> dict[str, Any]:
    """Set the clock back an hour after three chunks, two of which died on the way; nobody waits for the hour."""
    from insignia.outbox.models import Message

    late = moment() + timedelta(hours=3)
    fates = [lived(worker(late, dies_at=step)) for step in ("outcomes-written", "reserved", "signed")]
    fates.append(lived(worker(late - timedelta(hours=1))))
    told = report(fates=fates)
    told["early mails"] = sum(
        message.not_before < the_run().undo_until for message in Message.objects.filter(kind="award-issued")
    )
    return told


def mails(_argument: str) -> dict[str, Any]:
    """Send while no server is there, while one dies after a mail, as a mailer that dies, and at last for good."""
    from django.conf import settings

    from insignia.outbox.mailer import messages_send
    from insignia.outbox.models import Message

    carry_on(moment())
    kept = Path(os.environ["INSIGNIA_DATA"]) / "mails"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    at = moment() + timedelta(hours=1)
    sent = [messages_send(at)]
    with forked(lambda: mail_server(kept, dies_after=5)) as server:
        wait_for_port(settings.EMAIL_PORT)
        sent.append(messages_send(at + timedelta(hours=1)))
        fates = [fate(server)]
    with forked(lambda: mail_server(kept)) as server:
        wait_for_port(settings.EMAIL_PORT)
        fates.append(lived(lambda: mailer_dying(at + timedelta(hours=3), after=4)))
        sent.append(messages_send(at + timedelta(hours=4)))
        os.kill(server, 15)
        fate(server)
    found = kept.read_text().split()
    waiting = Message.objects.filter(sent_at__isnull=True).count()
    known = set(Message.objects.filter(kind="award-issued").values_list("message_id", flat=True))
    return report(
        fates=fates,
        sent=sent,
        waiting=waiting,
        kept=len(found),
        same=set(found) == known,
        distinct=len(set(found)),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the mail server did not come up")


def mail_server(kept: Path, *, dies_after: int = 0) -> None:
    """Keep the Message-ID of every mail; where wanted, die when one is kept and its sender not told yet."""
    from email.parser import BytesParser

    from aiosmtpd.controller import Controller
    from django.conf import settings

    count = 0

    class Keeper:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802  - aiosmtpd's
            nonlocal count
            count += 1
            with kept.open("a") as file:
                file.write(f"{BytesParser().parsebytes(envelope.content)['Message-ID']}\n")
            if count == dies_after:
                os.kill(os.getpid(), 9)
            return "250 kept"

    Controller(Keeper(), hostname="127.0.0.1", port=settings.EMAIL_PORT).start()
    while True:
        time.sleep(60)


def mailer_dying(at: datetime, *, after: int) -> None:
    """Send, and die when so many mails are with the server and the last is not marked as sent."""
    from django.core.mail.backends.smtp import EmailBackend

    from insignia.outbox.mailer import messages_send

    send, count = EmailBackend.send_messages, 0

    def counting(server: EmailBackend, mails: Any) -> int:  # noqa: ANN401  - a sequence of Django's mails
        nonlocal count
        done, count = send(server, mails), count + 1
        if count == after:
            os.kill(os.getpid(), 9)
        return done

    setattr(EmailBackend, "send_messages", counting)  # noqa: B010  - of this process alone
    messages_send(at)


def disk_full(_argument: str) -> dict[str, Any]:
    """Fill the disk while a worker is in the middle of a chunk; free it, and let another one go on."""
    filler = Path(os.environ["INSIGNIA_DATA"]) / "filler"

    def work() -> None:
        from insignia.awards import steps

        seen = 0

        def fill(reached: Any) -> None:  # noqa: ANN401  - awards.steps.Moment
            nonlocal seen
            seen += reached.value == "indexes-taken"
            if seen == 3 and not filler.exists():
                fill_disk(filler)

        steps.between = fill
        carry_on(moment())

    fates = [lived(work)]
    filled = filler.stat().st_size if filler.exists() else 0
    filler.unlink(missing_ok=True)
    between = report()
    fates.append(lived(worker(moment() + LEASE)))
    return report(fates=fates, filled=filled, between=between)


def fill_disk(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


def database_stops(_argument: str) -> dict[str, Any]:
    """Stop PostgreSQL as a power cut would, inside each transaction of a chunk and between them, and start it."""
    from insignia.awards import steps
    from tests.with_postgresql import restart

    prepared("")
    url, stopped = os.environ["INSIGNIA_DATABASE_URL"], []
    for turn, step in enumerate(("inside-reserve", "reserved", "inside-finish", "finished", "inside-outcomes")):

        def stop(reached: Any, wanted: str = step) -> None:  # noqa: ANN401  - awards.steps.Moment
            if reached.value == wanted and wanted not in stopped:
                stopped.append(wanted)
                restart(url)

        steps.between = stop
        carry_on_as_worker(moment() + LEASE * turn)
    carry_on_as_worker(moment() + LEASE * 5)
    return report(stopped=stopped)


def carry_on_as_worker(at: datetime) -> None:
    """Carry on as the worker's loop does when the database does not answer: connect anew and try again."""
    from django.db import Error, close_old_connections

    for _ in range(50):
        try:
            carry_on(at)
        except Error:
            close_old_connections()
        else:
            return
    raise TimeoutError("the database did not come back")


def without_origin(_argument: str) -> dict[str, Any]:
    """Negative control: without the unique origin a worker that lost its lease makes its awards again."""
    from django.db import connection

    from insignia.awards.models import Award
    from insignia.issuing.models import Reservation

    connection.close()
    for model, name in ((Award, "award_origin_once"), (Reservation, "reservation_origin_once")):
        constraint = next(rule for rule in model._meta.constraints if rule.name == name)
        # SQLite makes the table anew from what the model says
        model._meta.constraints = [rule for rule in model._meta.constraints if rule is not constraint]
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, constraint)
    fates = held_while(worker(moment()), worker(moment() + LEASE), at_step="indexes-taken")
    return report(fates=fates)


def without_t1(_argument: str) -> dict[str, Any]:
    """Negative control: sign a chunk that is not committed, then die; the mark outside knows better."""
    from django.db import transaction

    from insignia.awards.services import chunks
    from insignia.issuing.services import chunks as reserving
    from insignia.issuing.services import status
    from insignia.issuing.signers import reading

    def work() -> None:
        atomic, careless = transaction.atomic, Careless()
        for careful in (chunks, reserving, status, reading):
            setattr(careful, "transaction", careless)  # noqa: B010  - the name is not this module's to export
        with atomic():
            worker(moment(), dies_at="signed")()

    return report(fates=[lived(work)])


def without_epoch_swap(_argument: str) -> dict[str, Any]:
    """Negative control: a publisher stopped while a run is undone puts its older list over the newer one."""
    from insignia.issuing.models import StatusList
    from insignia.issuing.services import lists_republish, status
    from insignia.runs.services import run_undo

    carry_on(moment())
    actor, later = registrar(), moment() + timedelta(minutes=1)
    lists = StatusList.objects.order_by("id")
    stale = {row.pk: row for row in lists}

    def careless_swap(list_id: int, made: Any, *, at: datetime) -> bool:  # noqa: ANN401  - ListDocument
        row = stale[list_id]
        StatusList.objects.filter(pk=list_id).update(
            epoch=made.epoch + 1,
            document=row.document,
            published_events=made.events,
            published_at=at,
            valid_until=row.valid_until,
        )
        return True

    setattr(status, "_swap", careless_swap)  # noqa: B010  - as above
    run_undo(run_id=the_run().public_id, actor=actor, at=later)
    carry_on(later)
    lists_republish(later)
    return report()


def main() -> None:
    """Run the scenario named on the command line."""
    set_up()
    scenario: Callable[[str], dict[str, Any]] = globals()[sys.argv[1]]
    try:
        result = scenario(sys.argv[2] if len(sys.argv) > 2 else "")
    except BaseException:
        traceback.print_exc()
        raise
    sys.stdout.write("\n" + json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
