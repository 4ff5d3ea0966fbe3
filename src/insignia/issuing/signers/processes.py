"""Signing in several processes of this machine: each reads, judges and signs its part by itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import DatabaseError, close_old_connections

from insignia.foundation.spawned import spawned_begin
from insignia.issuing.errors import SignerUnavailable
from insignia.issuing.signers.in_process import InProcess
from insignia.issuing.signers.keys import RowKeys
from insignia.issuing.signers.reading import reservations_read

if TYPE_CHECKING:
    from insignia.issuing.models import SigningKey
    from insignia.issuing.signers.port import ListDocument, MadeKey, Refusal, Signatures
    from insignia.issuing.signers.reading import Reading
    from insignia.vc.keys import Algorithm, PublicKey

WORTH_A_PROCESS = 50
"""Fewer reservations than this are signed faster here than they are handed out."""


class Processes:
    """A pool of signing processes, started when there is work for them. A death among them costs a retry."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._here = InProcess(RowKeys())
        self._pool: ProcessPoolExecutor | None = None
        self._changing = threading.Lock()

    def signatures(self, reading: Reading, *, at: datetime) -> Sequence[Signatures | Refusal]:
        """Deal the reservations out and collect what was signed, in order."""
        if len(reading.ids) < WORTH_A_PROCESS:
            return self._here.signatures(reading, at=at)
        share = -(-len(reading.ids) // self._count)
        parts = [reading.ids[start : start + share] for start in range(0, len(reading.ids), share)]
        pool = self._started()
        try:
            waiting = [pool.submit(_sign_part, part, at) for part in parts]
            return [answer for one in waiting for answer in one.result()]
        except (BrokenExecutor, DatabaseError) as error:
            self._given_up(pool)
            raise SignerUnavailable("A signing process ended. What waits is signed by the next.") from error

    def list_document(self, list_id: UUID, *, at: datetime) -> ListDocument:
        """Sign a status list here: one signature is not worth a process."""
        return self._here.list_document(list_id, at=at)

    def key_make(self, key_id: UUID, algorithm: Algorithm) -> MadeKey:
        """Make a fresh key here."""
        return self._here.key_make(key_id, algorithm)

    def key_public(self, key: SigningKey) -> PublicKey:
        """Open a key here."""
        return self._here.key_public(key)

    def stop(self) -> None:
        """End the processes; the next call starts others."""
        with self._changing:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def _started(self) -> ProcessPoolExecutor:
        with self._changing:
            if self._pool is None:
                # spawned, not forked: a fork would share our connections to the database and our threads' locks
                self._pool = ProcessPoolExecutor(
                    self._count, mp_context=get_context("spawn"), initializer=spawned_begin
                )
            return self._pool

    def _given_up(self, pool: ProcessPoolExecutor) -> None:
        with self._changing:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=False, cancel_futures=True)


def _sign_part(ids: Sequence[UUID], at: datetime) -> list[Signatures | Refusal]:
    close_old_connections()
    return InProcess(RowKeys()).signatures(reservations_read(ids), at=at)
