"""The background worker: runs each job when it is woken, and every job every few seconds besides.

The rows in the database say what is left to do, so a lost wake costs seconds, not work. One worker at a time
holds the lease; the others wait, and take over when it dies.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from insignia.foundation.errors import InsigniaError
from insignia.foundation.leases import lease_release, lease_take
from insignia.foundation.wake import job_named, wait_for_wakes

log = logging.getLogger(__name__)

LEASE = "worker"
LEASE_SECONDS = 30
PAUSE_SECONDS = 2.0


class Worker:
    """One worker; `holder` names it in the lease."""

    def __init__(self) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"
        self._stop = threading.Event()

    def start_thread(self) -> threading.Thread:
        """Run beside the web in a thread that ends with the process."""
        thread = threading.Thread(target=self.run_until_stopped, name="insignia-worker", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Ask the worker to end after its current job."""
        self._stop.set()

    def run_until_stopped(self) -> None:
        """Take the lease and work, until `stop` or the end of the process."""
        while not self._stop.is_set():
            try:
                if lease_take(LEASE, holder=self.holder, at=_now(), seconds=LEASE_SECONDS):
                    self._run_every_job()
            except DatabaseError:
                log.exception("the database did not answer the worker; it tries again")
            close_old_connections()
            wait_for_wakes(PAUSE_SECONDS)
        lease_release(LEASE, holder=self.holder)

    def _run_every_job(self) -> None:
        for name in settings.INSIGNIA_JOBS:
            try:
                job_named(name)(_now())
            except InsigniaError as error:
                log.warning("job %s: %s (%s)", name, error.message, error.code)
            except Exception:
                log.exception("job %s ended with an error; it will be tried again", name)


def _now() -> datetime:
    return datetime.now(UTC)
