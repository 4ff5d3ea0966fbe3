"""The one place that follows strangers' links. It holds no keys, and reaches nothing inside.

A link is https on port 443. Its name is resolved once, every address it has is checked against our own table,
and the connection goes to the address that was checked, under the name that was asked for; so a name cannot
lead somewhere else between check and connection. A redirect begins again from the start. Time and size are
bounded for each answer, and for one verification together.
"""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import quote, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as WireTimeout
from urllib3.response import HTTPResponse

from insignia.foundation.addresses import address_is_public
from insignia.vc.errors import (
    AddressRefused,
    FetchBudgetSpent,
    FetchRedirects,
    FetchTimeout,
    FetchTooLarge,
    Unreachable,
)

REDIRECTS = frozenset({301, 302, 303, 307, 308})
OK = 200
BLOCK_BYTES = 64 * 1024
AGENT = "Insignia (checks credentials)"
PORTS = {"https": 443, "http": 80}
# What a browser would take for an address: a last label that is a number, in any notation.
NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?", re.ASCII)
DOTTED_QUAD = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})", re.ASCII)
HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?\.?", re.ASCII)
UNWRITTEN = re.compile(r"[\x00-\x20\x7f\\]")
PATH_SAFE = "/%:@!$&'()*+,;=~-._"

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True)
class FetchLimits:
    """Bounds of one answer (seconds, bytes), and of everything one verification asks."""

    redirects: int = 3
    connect_seconds: float = 3.0
    total_seconds: float = 8.0
    body_bytes: int = 2 * 1024 * 1024
    budget_fetches: int = 12
    budget_seconds: float = 15.0


DEFAULT_FETCH_LIMITS = FetchLimits()


@dataclass(frozen=True)
class Target:
    """One link taken apart and found to be of a kind we follow."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Write host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


class Fetcher:
    """Fetch for one verification: make a new one for each.

    Args:
        allow_hosts: authorities ("localhost:8443") that may be anywhere and speak http: the operator's own, and
            the servers of tests.
        limits: bounds in time and size.
        resolve: how a name becomes addresses; the system's way by default.
        tls: whose certificates count; the system's by default.
    """

    def __init__(
        self,
        *,
        allow_hosts: frozenset[str] = frozenset(),
        limits: FetchLimits = DEFAULT_FETCH_LIMITS,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_hosts = allow_hosts
        self._limits = limits
        self._resolve = resolve or system_addresses
        self._tls = tls
        self._fetches = 0
        self._seconds = 0.0
        self._known: dict[tuple[str, str], bytes] = {}

    def fetch(self, url: str, accept: str) -> bytes:
        """Give what stands at `url` in one of the media types of `accept`; asked again, give it from memory.

        Raises:
            AddressRefused: not https on port 443, or an address inside a network.
            Unreachable: no such name, no connection, no valid certificate, or another answer than 200.
            FetchTimeout, FetchTooLarge, FetchRedirects, FetchBudgetSpent: beyond the limits.
        """
        known = self._known.get((url, accept))
        if known is None:
            known = self._known[url, accept] = self._followed(url, accept)
        return known

    def _followed(self, url: str, accept: str) -> bytes:
        started = time.monotonic()
        left = self._limits.budget_seconds - self._seconds
        deadline = Deadline(started + min(self._limits.total_seconds, left))
        try:
            for _hop in range(self._limits.redirects + 1):
                answer = self._asked(url, accept, deadline)
                if isinstance(answer, bytes):
                    return answer
                url = answer.url
        finally:
            self._seconds += time.monotonic() - started
        raise FetchRedirects(f"{_short(url)} was reached after {self._limits.redirects} redirects and leads on.")

    def _asked(self, url: str, accept: str, deadline: Deadline) -> bytes | Redirect:
        self._spend()
        target = target_of(url, self._allow_hosts)
        addresses = self._checked_addresses(target, deadline)
        with _within(target, deadline):
            connection = self._connected(target, addresses, deadline)
            try:
                with deadline.cutting(connection):
                    answer = _exchange(connection, target, url, accept, self._limits.body_bytes)
                deadline.left()  # an answer that was cut off can look whole
                return answer
            finally:
                connection.close()

    def _spend(self) -> None:
        if self._fetches >= self._limits.budget_fetches or self._seconds >= self._limits.budget_seconds:
            raise FetchBudgetSpent("This credential asks for more from outside than one check fetches.")
        self._fetches += 1

    def _checked_addresses(self, target: Target, deadline: Deadline) -> Sequence[str]:
        addresses = _resolved(self._resolve, target, min(self._limits.connect_seconds, deadline.left()))
        if target.authority in self._allow_hosts:
            return addresses
        for address in addresses:
            if not address_is_public(address):
                # one inner address among outer ones is how a name is made to lead inside
                raise AddressRefused(f"{target.host} leads to {address}, which is not in the open network.")
        return addresses

    def _connected(self, target: Target, addresses: Sequence[str], deadline: Deadline) -> HTTPConnection:
        last: Exception | None = None
        for address in addresses:
            connection = self._connection(target, address, min(self._limits.connect_seconds, deadline.left()))
            try:
                connection.connect()
            except (HTTPError, OSError) as error:
                connection.close()
                last = error
            else:
                connection.timeout = deadline.left()
                return connection
        raise last or Unreachable(f"{target.host} has no address.")

    def _connection(self, target: Target, address: str, seconds: float) -> HTTPConnection:
        if target.scheme == "http":
            return HTTPConnection(address, target.port, timeout=seconds)
        if self._tls is None:
            self._tls = ssl.create_default_context()
        name = target.host.rstrip(".")  # asked for by SNI, and what the certificate must say
        return HTTPSConnection(
            address,
            target.port,
            timeout=seconds,
            ssl_context=self._tls,
            server_hostname=name,
        )


@dataclass(frozen=True)
class Redirect:
    """An answer that leads on."""

    url: str


class Deadline:
    """A moment on the monotonic clock, after which the connection is cut from outside.

    Time-outs of a socket begin anew with each byte, so that a server could drip for hours.
    """

    def __init__(self, at: float) -> None:
        self._at = at
        self._cut = False

    def left(self) -> float:
        """Give the seconds left.

        Raises:
            FetchTimeout: none.
        """
        if self.passed:
            raise FetchTimeout("The answer took too long.")
        return max(self._at - time.monotonic(), 0.001)

    @property
    def passed(self) -> bool:
        """Say whether it is over."""
        return self._cut or time.monotonic() >= self._at

    @contextmanager
    def cutting(self, connection: HTTPConnection) -> Iterator[None]:
        """Cut the connection when the time is over, unless the block ends before."""
        timer = threading.Timer(self.left(), self._shut, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _shut(self, wire: socket.socket) -> None:
        self._cut = True
        with suppress(OSError):
            # not SSLSocket's own, which would let the reader go on without decryption
            socket.socket.shutdown(wire, socket.SHUT_RDWR)


@contextmanager
def _within(target: Target, deadline: Deadline) -> Iterator[None]:
    """Turn what goes wrong on the wire into our errors."""
    try:
        yield
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        # the library counts a refused connection among the late ones
        late = isinstance(error, (TimeoutError, WireTimeout)) and not isinstance(error, NewConnectionError)
        if deadline.passed or late:
            raise FetchTimeout(f"{target.host} took too long to answer.") from error
        raise Unreachable(f"{target.host} did not answer: {_reason(error)}.") from error


def target_of(url: str, allow_hosts: frozenset[str] = frozenset()) -> Target:
    """Take a link apart.

    Raises:
        AddressRefused: not https on port 443 (unless the operator allows that host), a user name in it, a host
            that is no name, or letters that two readers could read in two ways.
    """
    if UNWRITTEN.search(url):
        raise AddressRefused("The link holds a space, a control character or a backslash.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise AddressRefused(f"{_short(url)} is not a link.") from error
    if parts.scheme not in PORTS or parts.username is not None or parts.password is not None:
        raise AddressRefused(f"{_short(url)} is not a plain https link.")
    path = quote(parts.path or "/", safe=PATH_SAFE) + (
        f"?{quote(parts.query, safe=PATH_SAFE + '?')}" if parts.query else ""
    )
    target = Target(parts.scheme, _host(host), PORTS[parts.scheme] if port is None else port, path)
    if target.authority not in allow_hosts and (target.scheme, target.port) != ("https", PORTS["https"]):
        raise AddressRefused(f"{_short(url)} is not https on port 443.")
    return target


def _host(host: str) -> str:
    if ":" in host:  # an IPv6 address, whose brackets are gone
        return host
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise AddressRefused(f"{_short(host)} is not the name of a host.") from error
    if not HOST.fullmatch(name) or len(name) > 253:
        raise AddressRefused(f"{_short(host)} is not the name of a host.")
    if NUMERIC.fullmatch(name) and not DOTTED_QUAD.fullmatch(name):
        raise AddressRefused(f"{_short(host)} is an address in disguise.")
    return name


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Resolve a name as the system does; each address once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _resolved(resolve: Resolve, target: Target, seconds: float) -> Sequence[str]:
    """Resolve in a thread of its own: the system's resolver knows no time-out."""
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(tuple(resolve(target.host, target.port)))
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty as error:
        raise FetchTimeout(f"The name {target.host} took too long to resolve.") from error
    if isinstance(answer, Exception) or not answer:
        raise Unreachable(f"The name {target.host} leads nowhere.") from (
            answer if isinstance(answer, Exception) else None
        )
    return answer


def _exchange(connection: HTTPConnection, target: Target, url: str, accept: str, most: int) -> bytes | Redirect:
    headers = {"Host": target.authority, "Accept": accept, "Accept-Encoding": "identity", "User-Agent": AGENT}
    connection.request("GET", target.path, headers=headers, preload_content=False, decode_content=False)
    response = connection.getresponse()
    if response.status in REDIRECTS and response.headers.get("Location"):
        return Redirect(urljoin(url, response.headers["Location"]))
    if response.status != OK:
        raise Unreachable(f"{target.host} answered with status {response.status}.", status=response.status)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unreachable(f"{target.host} answered compressed, which was not asked for.")
    return _body(response, target, most)


def _body(response: HTTPResponse, target: Target, most: int) -> bytes:
    held = bytearray()
    while block := response.read(BLOCK_BYTES):
        held += block
        if len(held) > most:
            raise FetchTooLarge(f"{target.host} answered with more than {most} bytes.")
    return bytes(held)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) or "certificate" in str(error).lower():
        return "its certificate does not hold"
    return "no connection" if isinstance(error, (OSError, HTTPError)) else "its answer is not HTTP"


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"
