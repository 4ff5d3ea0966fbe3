"""Messages over the signer's socket: four bytes of length (big-endian), then JSON. Bounded in size and in time."""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

from insignia.vc.errors import VcError
from insignia.vc.limits import parse_object

REQUEST_MOST = 2**18
"""Bytes of the longest request: a few thousand reservations."""
ANSWER_MOST = 2**26
"""Bytes of the longest answer: the longest status list there is."""
_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")


class FrameBroken(Exception):
    """What came is no message: too long, cut off, too slow, or not JSON."""


def frame_send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message whole; the connection's own timeout bounds it."""
    body = json.dumps(message, separators=(",", ":")).encode()
    connection.sendall(_LENGTH.pack(len(body)) + body)


def request_receive(connection: socket.socket, *, seconds: float) -> dict[str, Any]:
    """Receive one request from somebody who may send anything.

    Raises:
        FrameBroken: it is no message.
        OSError: the connection broke.
    """
    body = _received(connection, most=REQUEST_MOST, seconds=seconds)
    try:
        return dict(parse_object(body))
    except VcError as error:
        raise FrameBroken(f"not a message: {error.code}") from error


def answer_receive(connection: socket.socket, *, seconds: float) -> dict[str, Any]:
    """Receive one answer of the signer.

    Raises:
        FrameBroken: it is no message.
        OSError: the connection broke.
    """
    try:
        found = json.loads(_received(connection, most=ANSWER_MOST, seconds=seconds))
    except (ValueError, RecursionError) as error:
        raise FrameBroken("not a message") from error
    if not isinstance(found, dict):
        raise FrameBroken("not a message")
    return found


def peer_user(connection: socket.socket) -> int:
    """Give the user id of the process at the other end, as the kernel knows it (SO_PEERCRED)."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _process, user, _group = _CREDENTIALS.unpack(raw)
    return int(user)


def _received(connection: socket.socket, *, most: int, seconds: float) -> bytes:
    until = time.monotonic() + seconds  # for all of it: one byte now and then must not hold a place for ever
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, until))
    if length > most:
        raise FrameBroken(f"{length} bytes announced, {most} allowed")
    return _exactly(connection, length, until)


def _exactly(connection: socket.socket, length: int, until: float) -> bytes:
    held = bytearray()
    while len(held) < length:
        left = until - time.monotonic()
        if left <= 0:
            raise FrameBroken("too slow")
        connection.settimeout(left)
        part = connection.recv(min(length - len(held), 2**16))
        if not part:
            raise FrameBroken("cut off")
        held += part
    return bytes(held)
