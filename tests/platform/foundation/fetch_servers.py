"""Real servers on this machine that answer well, badly, slowly or not at all."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME = "badges.test"
DRIP_SECONDS = 0.05


@dataclass
class Server:
    """A running server: its port, and what each request said."""

    port: int
    requests: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    @property
    def authority(self) -> str:
        return f"{NAME}:{self.port}"

    def url(self, path: str, scheme: str = "https") -> str:
        return f"{scheme}://{self.authority}{path}"


HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
ANSWERS = {
    "/good": [HEAD + b"Content-Length: 4\r\n\r\ngood"],
    "/chunked": [HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"],
    "/huge": [HEAD + b"\r\n", *[bytes(64 * 1024)] * 64],
    "/liar": [HEAD + b"Content-Length: 900\r\n\r\nshort"],
    "/compressed": [HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"],
    "/noise": [b"\x16\x03\x01 not http at all\r\n\r\n"],
    "/silent": [],
    "/drip": [HEAD + b"\r\n", *[b"a"] * 200],
    "/drip-head": [HEAD + b"X-Slow: ", *[b"a"] * 200],
    "/missing": [b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"],
}


def answer(path: str) -> Iterator[bytes]:
    """Give what the server sends for a path, piece by piece; `/to?X` redirects to X."""
    if path.startswith("/to?"):
        yield f"HTTP/1.1 307 Found\r\nConnection: close\r\nLocation: {path[4:]}\r\n\r\n".encode()
        return
    if path == "/silent":
        time.sleep(3)
    for piece in ANSWERS["/good" if path.startswith("/good") else path]:
        yield piece
        time.sleep(DRIP_SECONDS if path.startswith("/drip") else 0)


@contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[Server]:
    """Serve on a free port of this machine until the block ends."""
    record = Server(port=0)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            try:
                self.speak()
            except OSError:
                return

        def speak(self) -> None:
            wire: socket.socket = self.request
            if context is not None:
                wire = context.wrap_socket(wire, server_side=True)
            request = wire.recv(4096).decode("latin-1")
            record.requests.append(request)
            for piece in answer(request.split(" ")[1]):
                wire.sendall(piece)
            wire.close()

    if context is not None:
        context.sni_callback = lambda _wire, name, _context: record.names.append(name)
    ThreadingTCPServer.allow_reuse_address = True
    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        record.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield record
        server.shutdown()
        thread.join()


def certificate(folder: Path, name: str = NAME) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for one name: a context for the server, and one for a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    plain = serialization.NoEncryption()
    kinds = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(key.private_bytes(*kinds) + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
