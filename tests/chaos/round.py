"""One round: runs carried on by workers that are killed, at steps and at any time, until every row has its badge.

Half of the deaths come at a named step, half after a random time; the delays follow what is left, so that the last
death comes near the last award. On PostgreSQL every fiftieth fault stops the database itself instead.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

from tests.chaos.keeper import kept
from tests.platform.awards.crash_world import fate, findings, forked, totals
from tests.with_postgresql import restart

ROWS, KILLS = int(os.environ.get("ROWS", "100000")), int(os.environ.get("KILLS", "1000"))
SEED = int(os.environ.get("SEED", "20260514"))
WORKERS, RUN_ROWS = 2, 10_000
STOP_EVERY = 50
TELL_EVERY = 15
"""Seconds between two words about how far it is."""
LEASE = timedelta(minutes=4)
"""A little longer than a dead worker keeps its chunk; the clock of each new worker is so much later."""


class Round:
    """What is played on one database."""

    def __init__(self, database: str) -> None:
        self.chance = random.Random(SEED)  # noqa: S311  - repeatable, not secret
        self.url = os.environ["INSIGNIA_DATABASE_URL"] if database == "postgresql" else ""
        self.database, self.deaths, self.lives = database, Counter[str](), 0
        self.mails = kept()
        self.workers: dict[int, str] = {}
        self.worked = 0.0
        self.began = self.told_at = time.monotonic()

    def prepare(self) -> None:
        """Make a school, and runs that are ready to be carried on."""
        os.environ["DJANGO_SETTINGS_MODULE"] = "insignia.config.settings"
        django.setup()
        from django.core.management import call_command

        from insignia.runs.services import control, run_start
        from tests.platform.factories import AT
        from tests.platform.runs.world import make_run_world, people

        call_command("migrate", verbosity=0)
        size = max(1, min(100, ROWS // max(KILLS, 1)))
        control.CHUNK_ROWS.update(sqlite=size, postgresql=size)
        world = make_run_world()
        checked = [
            world.checked(people(min(RUN_ROWS, ROWS + 1 - first), first=first))
            for first in range(1, ROWS + 1, RUN_ROWS)
        ]
        for run in checked:  # not before all are checked: checking one also carries on those that were started
            run_start(run_id=run.public_id, actor=world.actor, at=AT)

    # ---- the fight --------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Kill until there were enough deaths or there is nothing to do; then let a worker end the work."""
        while self.deaths.total() < KILLS and (left := self.left()):
            self.tell(left)
            while len(self.workers) < WORKERS:
                self.employ()
            self.wait()
            if self.url and self.deaths.total() % STOP_EVERY == STOP_EVERY - 1:
                restart(self.url)
                self.deaths["database stopped"] += 1
                continue
            if self.workers:
                self.kill(self.chance.choice(sorted(self.workers)))
        for pid in list(self.workers):
            self.kill(pid, counted=False)
        while self.left():
            with forked(self.work(dies_at="", after=0)) as pid:
                self.fell(fate(pid))

    def tell(self, left: int) -> None:
        """Say every few seconds how far it is."""
        if time.monotonic() > self.told_at + TELL_EVERY:
            self.told_at = time.monotonic()
            self.say(f"{self.deaths.total()} of {KILLS} deaths, {left} of {2 * ROWS} things left to do")

    def say(self, words: str) -> None:
        sys.stderr.write(f"{self.database}, after {time.monotonic() - self.began:.0f} s: {words}\n")

    def left(self) -> int:
        """Count what is to do: two things for a row without outcome, one for a mail that is not sent."""
        from django.db import connections

        from insignia.outbox.models import Message
        from insignia.runs.models import RunRow

        connections.close_all()
        pending = RunRow.objects.filter(outcome=RunRow.Outcome.PENDING).count()
        return 2 * pending + Message.objects.filter(sent_at__isnull=True, abandoned_at__isnull=True).count()

    def employ(self) -> None:
        """Start a worker, every other one with a step at which it dies."""
        from insignia.awards.steps import ChunkStep, Step

        step = self.chance.choice([*(one.value for one in (*Step, *ChunkStep)), *[""] * 10])
        with forked(self.work(dies_at=step, after=self.chance.randrange(3))) as pid:
            self.workers[pid] = step

    def work(self, *, dies_at: str, after: int) -> Callable[[], None]:
        """Give the life of a worker: every job in turn, by a clock that is a lease later than the last one's."""
        from tests.platform.factories import AT

        self.lives += 1
        began, at = time.monotonic(), AT + LEASE * self.lives

        def live() -> None:
            self.arm(dies_at, after)
            before = -1
            while (left := self.left_or_unknown()) not in {0, before}:  # what another one holds, a later life gets
                before = left
                self.turn(at + timedelta(seconds=time.monotonic() - began))

        return live

    def turn(self, at: datetime) -> None:
        """Do every job once. What fails is tried again, as by a real worker."""
        from django.conf import settings
        from django.db import Error, close_old_connections

        from insignia.foundation.errors import InsigniaError
        from insignia.foundation.jobs import job_named

        for name in settings.INSIGNIA_JOBS:
            try:
                job_named(name)(at)
            except InsigniaError:
                continue
            except Error:
                close_old_connections()
                time.sleep(0.05)

    def left_or_unknown(self) -> int:
        from django.db import Error

        try:
            return self.left()
        except Error:
            return -2

    def arm(self, dies_at: str, after: int) -> None:
        """Let this process die when it was so often at the step before; keep what it mails in a file."""
        from django.conf import settings

        from insignia.awards import steps

        passed = 0

        def between(reached: Any) -> None:  # noqa: ANN401  - awards.steps.Moment
            nonlocal passed
            if reached.value == dies_at:
                passed += 1
                if passed > after:
                    os.kill(os.getpid(), signal.SIGKILL)

        steps.between = between
        settings.EMAIL_BACKEND = "tests.chaos.keeper.EmailBackend"

    def wait(self) -> None:
        """Wait so long that the deaths that are left spread over what is left to do."""
        left = self.left()
        rate = max(2 * ROWS - left, 1) / max(self.worked, 0.2)
        usual = left / max(KILLS - self.deaths.total(), 1) / rate
        began, until = time.monotonic(), self.chance.uniform(0, 2 * min(usual, 5.0))
        while time.monotonic() - began < until and not self.bury():
            time.sleep(0.005)
        self.worked += time.monotonic() - began

    def bury(self) -> bool:
        """See to workers that ended by themselves; say whether one did."""
        for pid in list(self.workers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                step = self.workers.pop(pid)
                self.fell("SIGKILL" if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}", step)
                return True
        return False

    def kill(self, pid: int, *, counted: bool = True) -> None:
        os.kill(pid, signal.SIGKILL)
        step = self.workers.pop(pid)
        end = fate(pid)
        if counted:
            self.fell(end, "any time" if end == "SIGKILL" else step)

    def fell(self, end: str, step: str = "") -> None:
        """Count a death; a worker that ended with an error is a finding of its own."""
        if end == "SIGKILL":
            self.deaths[step or "any time"] += 1
        elif end != "exit 0":
            self.deaths["ended with an error"] += 1

    # ---- the count --------------------------------------------------------------------------------------------

    def told(self) -> dict[str, object]:
        """Count what is there now."""
        from insignia.audit.models import AuditEntry
        from insignia.awards.models import Award
        from insignia.issuing.models import StatusSlot
        from insignia.runs.models import RunRow

        issued = RunRow.objects.filter(outcome=RunRow.Outcome.ISSUED)
        mailed = self.mails.read_text().split() if self.mails.exists() else []
        slots = StatusSlot.objects.values_list("status_set_id", "index")
        return {
            "rows": ROWS,
            "deaths": self.deaths.total(),
            **{f"  {name}": count for name, count in sorted(self.deaths.items())},
            **totals(),
            "audit rows": AuditEntry.objects.count(),
            "mails sent": len(set(mailed)),
            "mails sent again, same id": len(mailed) - len(set(mailed)),
            "doubled": (
                Award.objects.count() - Award.objects.values("origin_kind", "origin_id").distinct().count()
            )
            + (slots.count() - slots.distinct().count()),
            "lost": ROWS - issued.count(),
        }


def main() -> None:
    """Play, count, ask the doctor."""
    played = Round(sys.argv[1])
    played.prepare()
    played.say(f"{ROWS} rows are ready")
    played.play()
    played.say("nothing is left to do; counting, and asking the doctor about every document")
    told, found = played.told(), findings()
    sys.stdout.write(f"\n{played.database}, seed {SEED}, {time.monotonic() - played.began:.0f} s\n")
    for name, value in told.items():
        sys.stdout.write(f"  {name:<28}{value:>10}\n")
    for finding in found[:50]:
        sys.stdout.write(f"  FOUND {finding}\n")
    sys.stdout.write(f"  {'findings':<28}{len(found):>10}\n")
    sys.stdout.flush()
    unsent = told["mails sent"] != told["mails"]
    wrong = found or unsent or told["doubled"] or told["lost"] or played.deaths["ended with an error"]
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
