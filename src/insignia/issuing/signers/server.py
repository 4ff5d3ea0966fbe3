"""The socket of an external signer: who may come in, how many at once, and for how long."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import socket
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, close_old_connections, connections

from insignia.issuing.errors import SignerUnavailable
from insignia.issuing.signers.frames import FrameBroken, frame_send, peer_user, request_receive

if TYPE_CHECKING:
    from insignia.issuing.signers.desk import Desk

log = logging.getLogger(__name__)

REQUEST_SECONDS = 5.0
CLIENTS_MOST = 32


@dataclass(frozen=True)
class Doorway:
    """Where the signer listens and whom it lets in (user ids). `group` may open the socket's file."""

    path: Path
    users: frozenset[int]
    group: str = ""
    request_seconds: float = REQUEST_SECONDS


class SignerServer:
    """Takes one request a connection. Reading and writing may wait; the desk has one request at a time."""

    def __init__(self, desk: Desk, doorway: Doorway) -> None:
        self._desk = desk
        self._doorway = doorway
        self._places = threading.BoundedSemaphore(CLIENTS_MOST)
        self._hand = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        self._stop = threading.Event()

    def stop(self) -> None:
        """End after what is at the desk."""
        self._stop.set()

    def serve_until_stopped(self) -> None:
        """Listen until `stop`."""
        with _listening(self._doorway) as listener:
            listener.settimeout(0.05)
            while not self._stop.is_set():
                with suppress(TimeoutError):
                    self._let_in(listener.accept()[0])
        self._hand.shutdown()

    def _let_in(self, connection: socket.socket) -> None:
        user = peer_user(connection)
        if user not in self._doorway.users:
            log.warning("user %s may not ask this signer", user)
            connection.close()
        elif not self._places.acquire(blocking=False):
            log.warning("more than %s ask this signer at once", CLIENTS_MOST)
            connection.close()
        else:
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                request = request_receive(connection, seconds=self._doorway.request_seconds)
                answer = self._hand.submit(_at_desk, self._desk, request).result()
                connection.settimeout(self._doorway.request_seconds)
                frame_send(connection, answer)
        except (FrameBroken, OSError, RuntimeError) as error:  # the last: it came while the signer was ending
            log.info("a request to the signer broke off: %s", error)
        finally:
            self._places.release()


def _at_desk(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """Answer in the one thread that has a connection to the database."""
    close_old_connections()
    try:
        return desk.answer(request)
    except DatabaseError:
        log.exception("the database did not answer the signer")
        connections.close_all()
    except Exception:
        log.exception("a request to the signer ended with an error")
    return {"refused": SignerUnavailable.code}


@contextmanager
def _listening(doorway: Doorway) -> Iterator[socket.socket]:
    """Listen, and only then take the doorway's place: whoever finds a socket there finds somebody behind it."""
    path = doorway.path
    coming = path.with_name(f"{path.name}~")  # addresses of sockets end at 107 bytes
    for place in (path, coming):
        _free_require(place)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        coming.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            listener.bind(str(coming))
        finally:
            os.umask(before)
        if doorway.group:
            shutil.chown(coming, group=doorway.group)
            coming.chmod(0o660)
        listener.listen(CLIENTS_MOST)
        coming.replace(path)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _free_require(place: Path) -> None:
    """Refuse to put a socket where somebody's file is.

    Whoever holds the record is the only signer: a socket that lies here is a dead one's.
    """
    if place.exists() and not stat.S_ISSOCK(place.stat().st_mode):
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), str(place))
