"""The background worker: runs each job when the engine hints at it, and every job every few seconds besides.

The rows in the database say what is left to do, so a lost hint costs seconds, not work. A worker has a few lanes,
each a thread with jobs of its own. On PostgreSQL many workers work at once, on any machines. SQLite has one
writer: there one process holds the lease, the others wait, and take over when it dies.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from insignia.foundation.leases import lease_release, lease_take
from insignia.foundation.presence import EVERY, presence_end, presence_note, workers_present
from insignia.foundation.tasks import hints_tidy, job_ran, uses_database
from insignia.foundation.wake import wait_for_wakes

log = logging.getLogger(__name__)

LEASE = "worker"
LEASE_SECONDS = 30
LOOK_SECONDS = 1.0
"""How often a lane asks the engine for hints; one that comes from the same process is seen at once."""
TIDY_SECONDS = 30.0


class Worker:
    """One worker process; `name` is how the others know it. `jobs` limits what it does."""

    def __init__(self, jobs: Collection[str] = ()) -> None:
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.jobs = [name for name in settings.INSIGNIA_JOBS if not jobs or name in jobs]
        self._stop = threading.Event()
        self._lanes = [Lane(names, self) for names in _lanes(self.jobs)]
        self._leased_until = 0.0
        self._leasing = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Work in threads that end with the process."""
        work = [lane.run_until_stopped for lane in self._lanes] + [self._be_present]
        self._threads = [threading.Thread(target=one, name="insignia-worker", daemon=True) for one in work]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask every lane to end after its current job."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until every lane has ended; say whether they did."""
        end = None if seconds is None else time.monotonic() + seconds
        for thread in self._threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def end(self, seconds: float) -> bool:
        """Stop, and wait for the jobs that are at work; say whether they ended in time."""
        self.stop()
        return self.wait(seconds)

    @property
    def is_stopping(self) -> bool:
        """Say whether the worker was asked to end."""
        return self._stop.is_set()

    def may_work(self) -> bool:
        """Say whether this process may work now: on SQLite one at a time may."""
        if connection.vendor != "sqlite":
            return True
        with self._leasing:
            now = time.monotonic()
            if now < self._leased_until - LEASE_SECONDS * 2 / 3:
                return True
            if lease_take(LEASE, holder=self.name, at=_now(), seconds=LEASE_SECONDS):
                self._leased_until = now + LEASE_SECONDS
            return now < self._leased_until

    def pause(self, seconds: float) -> None:
        """Wait, for as long as nobody asks the worker to end."""
        self._stop.wait(seconds)

    def _be_present(self) -> None:
        """Say every few seconds that the worker is there, and tidy up behind those that are not any more."""
        tidied = 0.0
        while not self.is_stopping:
            try:
                presence_note(self.name, jobs=" ".join(self.jobs), at=_now())
                if time.monotonic() - tidied > TIDY_SECONDS and self.may_work():
                    tidied = time.monotonic()
                    hints_tidy(_now(), workers=workers_present(_now()))
            except DatabaseError:
                log.exception("the database did not answer the worker; it tries again")
            close_old_connections()
            self.pause(EVERY.total_seconds())
        self._leave()

    def _leave(self) -> None:
        for lane in self._lanes:
            lane.ended.wait()
        try:
            presence_end(self.name)
            lease_release(LEASE, holder=self.name)
        except DatabaseError:
            log.exception("the database did not answer the worker at its end")
        connection.close()


class Lane:
    """One thread of a worker and its jobs."""

    def __init__(self, names: Sequence[str], worker: Worker) -> None:
        self.names = names
        self.ended = threading.Event()
        self._worker = worker
        self._swept = 0.0

    def run_until_stopped(self) -> None:
        """Take hints one by one, sweep now and then, pause; until the worker stops."""
        while not self._worker.is_stopping:
            took = False
            try:
                if self._worker.may_work():
                    took = self._take_a_hint()
                    self._sweep()
            except DatabaseError:
                log.exception("the database did not answer the worker; it tries again")
            close_old_connections()
            if not took and not self._worker.is_stopping:
                wait_for_wakes(LOOK_SECONDS, self.names)
        connection.close()
        self.ended.set()

    def _take_a_hint(self) -> bool:
        """Let the database backend's own worker do one task that waits; a broker's go elsewhere."""
        if not uses_database():
            return False
        from django_tasks_db.management.commands.db_worker import Worker as HintWorker
        from django_tasks_db.models import DBTaskResult

        if not DBTaskResult.objects.ready().filter(queue_name__in=self.names).exists():
            return False  # asking alone takes no lock
        HintWorker(
            queue_names=list(self.names),
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=self._worker.name,
            excluded_queue_names=[],
        ).run()
        return True

    def _sweep(self) -> None:
        if time.monotonic() - self._swept < settings.INSIGNIA_SWEEP_SECONDS:
            return
        for name in self.names:
            if self._worker.is_stopping:
                return
            job_ran(name)
        self._swept = time.monotonic()


def _lanes(jobs: Sequence[str]) -> list[list[str]]:
    """Divide jobs among threads, as configuration says."""
    own = [[name for name in jobs if name in lane] for lane in settings.INSIGNIA_LANES]
    rest = [name for name in jobs if not any(name in lane for lane in settings.INSIGNIA_LANES)]
    return [names for names in (rest, *own) if names]


def _now() -> datetime:
    return datetime.now(UTC)
