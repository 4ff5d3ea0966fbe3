"""A visitor without a browser: cookies, forms, and uploads that can be left half-way."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

BOUNDARY = "a-boundary-of-the-tests"


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    location: str
    content: bytes

    @property
    def text(self) -> str:
        """Give the page as text."""
        return self.content.decode()


class Visitor:
    """One person's requests to a server at `address`; follows nothing by itself."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form."""
        kind = "application/x-www-form-urlencoded"
        return self._ask("POST", path, urlencode(self._with_token(fields)).encode(), kind)

    def post_and_leave(self, path: str, fields: Mapping[str, str]) -> None:
        """Send a form to a server that may die before it answers."""
        try:
            self.post(path, fields)
        except (http.client.HTTPException, OSError):
            return

    def sign_in(self, player: str) -> None:
        """Sign in as one of the demo's people, by the demo's button."""
        self.get("/demo")
        answer = self.post("/demo/sign-in", {"player": player})
        if answer.status != 303:
            raise RuntimeError(f"{answer.status} instead of a sign-in")

    def upload(self, path: str, field: str, content: bytes) -> Answer:
        """Send a file with a form."""
        return self._ask(
            "POST", path, self._multipart(field, content), f"multipart/form-data; boundary={BOUNDARY}"
        )

    def begin_upload(self, path: str, field: str, content: bytes, *, share: float) -> None:
        """Send a `share` of such a form, from 0 to 1, and wait for no answer."""
        body = self._multipart(field, content)
        head = [
            f"POST {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"Cookie: {self._cookie()}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            f"Content-Length: {len(body)}",
        ]
        with socket.create_connection((self.host, self.port), timeout=30) as connection:
            connection.sendall("\r\n".join([*head, "", ""]).encode() + body[: int(len(body) * share)])

    def _with_token(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **fields}

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _multipart(self, field: str, content: bytes) -> bytes:
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self._with_token({"do": "save"}).items()
        ]
        named = f'Content-Disposition: form-data; name="{field}"; filename="log.bin"'
        head = f"--{BOUNDARY}\r\n{named}\r\nContent-Type: application/octet-stream\r\n\r\n"
        return "".join([*parts, head]).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        headers = {"Cookie": self._cookie(), **({"Content-Type": kind} if kind else {})}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for value in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(value).items()}
        return Answer(answer.status, answer.headers.get("Location", ""), content)
