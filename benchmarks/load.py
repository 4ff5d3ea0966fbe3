"""Visitors that come at their own pace: a request every so often, whether the last one was answered or not.

The time of a request counts from the moment it was due, so that a slow answer is not hidden by the requests that
it kept from being sent (the "coordinated omission" of tools that wait).
"""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CONNECTIONS = 32
TIMEOUT_SECONDS = 30


@dataclass
class Load:
    """Requests of one page at a constant rate; `seconds_taken` and `refused` fill as they are answered.

    `kept_up` is how many a second were answered in the end: less than `rate` means that the server fell behind.
    """

    url: str
    rate: float
    seconds: float
    seconds_taken: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    kept_up: float = 0
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Send them all and wait for the last answer."""
        begun = time.perf_counter()
        threads = [threading.Thread(target=self._visit, args=(begun,)) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.kept_up = len(self.seconds_taken) / (time.perf_counter() - begun)

    def _visit(self, begun: float) -> None:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_SECONDS)
        while (due := self._take()) is not None:
            wait = begun + due - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            status = self._get(connection, parts.path)
            with self._lock:
                self.seconds_taken.append(time.perf_counter() - begun - due)
                if status != http.client.OK:
                    self.refused.append(status)
        connection.close()

    def _take(self) -> float | None:
        """Give the moment at which the next request is due, from the start; None when all are given out."""
        with self._lock:
            due = self._next / self.rate
            self._next += 1
        return due if due < self.seconds else None

    @staticmethod
    def _get(connection: http.client.HTTPConnection, path: str) -> int:
        try:
            connection.request("GET", path, headers={"Accept": "text/html"})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0
        return response.status


def percentile(values: list[float], share: float) -> float:
    """Give the value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
