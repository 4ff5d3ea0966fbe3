"""The socket between an installation and its signer: who comes in, what comes in, what a dead end looks like."""

from __future__ import annotations

import json
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from insignia.issuing.errors import SignerLimitReached, SignerUnavailable, SigningRefused
from insignia.issuing.signers.client import SocketSigner
from insignia.issuing.signers.pace import Pace
from insignia.issuing.signers.server import CLIENTS_MOST, Doorway, SignerServer
from insignia.vc.keys import Algorithm
from tests.platform.issuing.signer_process import ask_raw, framed

NOBODY = 65534
ME = frozenset({os.geteuid()})


class EchoDesk:
    """Answers with what it was asked, after `wait`."""

    def __init__(self) -> None:
        self.wait = threading.Event()
        self.wait.set()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        self.wait.wait(30)
        if request.get("do") == "fail":
            raise RuntimeError("the desk broke")
        return {"asked": request}


@pytest.fixture
def place() -> Iterator[Path]:
    """Give an address that others could reach too, were they let in."""
    directory = Path(tempfile.mkdtemp(prefix="signer-"))
    directory.chmod(0o755)
    yield directory / "s"
    for left in directory.iterdir():
        left.unlink()
    directory.rmdir()


@pytest.fixture
def desk() -> EchoDesk:
    return EchoDesk()


@contextmanager
def serving(desk: EchoDesk, doorway: Doorway) -> Iterator[None]:
    server = SignerServer(desk, doorway)  # type: ignore[arg-type]  # a desk without a database behind it
    thread = threading.Thread(target=server.serve_until_stopped)
    thread.start()
    until = time.monotonic() + 30
    while not doorway.path.exists() and time.monotonic() < until:
        time.sleep(0.005)
    try:
        yield
    finally:
        desk.wait.set()
        server.stop()
        thread.join()


@pytest.fixture
def server(desk: EchoDesk, place: Path) -> Iterator[Path]:
    with serving(desk, Doorway(place, ME, request_seconds=0.5)):
        yield place


def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    return ask_raw(path, framed(json.dumps(request).encode()))


class TestDoorway:
    def test_lets_its_own_user_in(self, server: Path) -> None:
        assert ask(server, {"do": "x"}) == {"asked": {"do": "x"}}

    def test_has_a_socket_for_its_own_user_only(self, server: Path) -> None:
        assert server.stat().st_mode & 0o777 == 0o600

    def test_hangs_up_on_another_user_whatever_the_socket_s_mode(self, desk: EchoDesk, place: Path) -> None:
        with serving(desk, Doorway(place, frozenset({os.geteuid() + 1}))):
            assert ask(place, {"do": "x"}) == {}

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
    @pytest.mark.parametrize(("users", "let_in"), [(ME, b""), (ME | {NOBODY}, b"let in")])
    def test_knows_the_user_from_the_kernel(
        self, desk: EchoDesk, place: Path, users: frozenset[int], let_in: bytes
    ) -> None:
        with serving(desk, Doorway(place, users)):
            place.chmod(0o666)  # the mode alone would let everybody in
            assert as_user(NOBODY, lambda: b"let in" if ask(place, {"do": "x"}) else b"") == let_in

    def test_is_there_no_sooner_than_somebody_answers(
        self, desk: EchoDesk, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        listen = socket.socket.listen

        def late(listener: socket.socket, *most: int) -> None:
            time.sleep(0.2)
            listen(listener, *most)

        monkeypatch.setattr(socket.socket, "listen", late)
        with serving(desk, Doorway(place, ME)):
            assert ask(place, {}) == {"asked": {}}

    def test_takes_the_place_of_a_dead_signer_s_socket(self, desk: EchoDesk, place: Path) -> None:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(place))
        with serving(desk, Doorway(place, ME)):
            until = time.monotonic() + 30
            while time.monotonic() < until:
                with suppress(ConnectionRefusedError):  # the dead one's
                    assert ask(place, {}) == {"asked": {}}
                    break
        assert not place.exists()

    def test_leaves_alone_a_file_with_the_name_it_begins_under(self, desk: EchoDesk, place: Path) -> None:
        beside = place.with_name(f"{place.name}~")
        beside.write_text("a file")
        server = SignerServer(desk, Doorway(place, ME))  # type: ignore[arg-type]  # as above
        server.stop()  # so that it ends at once, should it begin
        with pytest.raises(OSError, match="in use"):
            server.serve_until_stopped()
        assert beside.read_text() == "a file"

    def test_is_not_made_over_a_file_of_somebody(self, desk: EchoDesk, place: Path) -> None:
        place.write_text("a file")
        with pytest.raises(OSError, match="in use"):
            SignerServer(desk, Doorway(place, ME)).serve_until_stopped()  # type: ignore[arg-type]  # as above
        assert place.read_text() == "a file"


def as_user(user: int, work: Callable[[], bytes]) -> bytes:
    """Do something in a child process of another user, and give what it says."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            os.write(writing, work())
        finally:
            os._exit(0)
    os.close(writing)
    said = os.read(reading, 100)
    os.close(reading)
    os.waitpid(child, 0)
    return said


class TestHostileInput:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00",
            struct.pack(">I", 2**32 - 1) + b"{}",
            struct.pack(">I", 2**18 + 1) + b"x" * 1000,
            struct.pack(">I", 100) + b'{"do":',
            framed(b""),
            framed(b"[]"),
            framed(b"null"),
            framed(b"\xff\xfe"),
            framed(b"[" * 100_000),
            framed(b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
            framed(b'{"do":"x","do":"y"}'),
            framed(b'{"do":' + b"9" * 5_000 + b"}"),
            framed(b'{"do":NaN}'),
            framed(b"GET / HTTP/1.1\r\n\r\n"),
            b"GET / HTTP/1.1\r\n\r\n",
        ],
    )
    def test_gets_no_answer_and_harms_nobody(self, server: Path, content: bytes) -> None:
        assert ask_raw(server, content) == {}
        assert ask(server, {"do": "x"}) == {"asked": {"do": "x"}}

    def test_that_drips_is_cut_off(self, server: Path) -> None:
        with socket.socket(socket.AF_UNIX) as slow:
            slow.connect(str(server))
            slow.settimeout(30)
            with suppress(BrokenPipeError, ConnectionResetError):
                for byte in framed(b'{"do":"x"}' + b" " * 1000):
                    slow.sendall(bytes([byte]))
                    time.sleep(0.02)
            with suppress(ConnectionResetError):
                assert slow.recv(1) == b""
        assert ask(server, {"do": "x"})

    def test_that_says_nothing_keeps_no_place(self, server: Path) -> None:
        silent = []
        for _ in range(CLIENTS_MOST):
            idle = socket.socket(socket.AF_UNIX)
            idle.connect(str(server))
            silent.append(idle)
        until = time.monotonic() + 30
        while not ask(server, {"do": "x"}):  # full until the silent ones are cut off
            assert time.monotonic() < until
        for idle in silent:
            idle.close()

    def test_that_breaks_the_desk_says_try_again(self, server: Path) -> None:
        assert ask(server, {"do": "fail"}) == {"refused": "signer-unavailable"}
        assert ask(server, {"do": "x"})


@contextmanager
def answering(place: Path, content: bytes) -> Iterator[SocketSigner]:
    """Stand in for a signer that answers with these bytes, once."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen(1)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.recv(2**16)
                connection.sendall(content)

        thread = threading.Thread(target=answer)
        thread.start()
        yield SocketSigner(str(place))
        thread.join()


class TestClient:
    def test_names_a_signer_that_is_not_there(self, place: Path) -> None:
        with pytest.raises(SignerUnavailable):
            SocketSigner(str(place)).key_make(uuid4(), Algorithm.ED25519)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\x00",
            struct.pack(">I", 2**31) + b"{}",
            framed(b"[]"),
            framed(b"nothing"),
            framed(b"{}"),
            framed(b'{"public":null}'),
            framed(b'{"public":"z6Mk"}'),
            framed(b'{"public":[1]}'),
        ],
    )
    def test_takes_what_is_no_answer_for_none(self, place: Path, content: bytes) -> None:
        with answering(place, content) as signer, pytest.raises(SignerUnavailable):
            signer.key_make(uuid4(), Algorithm.ED25519)

    @pytest.mark.parametrize(
        ("code", "error"), [("signer-limit-reached", SignerLimitReached), ("clocks-differ", SigningRefused)]
    )
    def test_names_what_the_signer_refused(self, place: Path, code: str, error: type[Exception]) -> None:
        refusal = framed(json.dumps({"refused": code}).encode())
        with answering(place, refusal) as signer, pytest.raises(error):
            signer.key_make(uuid4(), Algorithm.ED25519)

    def test_asks_nobody_else_than_the_signer_s_user(self, place: Path) -> None:
        with serving(EchoDesk(), Doorway(place, ME)), pytest.raises(SignerUnavailable, match="Somebody else"):
            SocketSigner(str(place), user="nobody").key_make(uuid4(), Algorithm.ED25519)


class TestPace:
    def test_makes_callers_wait_and_then_come_back_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        slept: list[float] = []
        monkeypatch.setattr("time.monotonic", lambda: 100.0 + sum(slept))
        monkeypatch.setattr("time.sleep", slept.append)
        pace = Pace(a_second=100)
        for count in (50, 50, 5_000):
            pace.wait(count)
        assert slept == [0.0, 0.5, 0.5]
        with pytest.raises(SignerLimitReached):
            pace.wait(1)
