"""How fast and how much a signer signs, whoever asks: what a stolen socket is worth is bounded by the hour."""

from __future__ import annotations

import time
from dataclasses import dataclass

from insignia.issuing.errors import SignerLimitReached

LONGEST_WAIT = 10.0
"""Seconds that a caller is made to wait before it is told to come back."""


@dataclass(frozen=True)
class Limits:
    """What one signer may sign: documents a second and a day, keys made a day."""

    a_second: int = 20_000
    a_day: int = 2_000_000
    keys_a_day: int = 200


class Pace:
    """Makes callers wait their turn, so that no more than so many a second get through."""

    def __init__(self, a_second: int) -> None:
        self._a_second = a_second
        self._free_at = 0.0

    def wait(self, count: int) -> None:
        """Wait until `count` more are due. Called by one thread at a time.

        Raises:
            SignerLimitReached: that would take too long.
        """
        now = time.monotonic()
        starts = max(now, self._free_at)
        if starts - now > LONGEST_WAIT:
            raise SignerLimitReached("The signer has more to do than it may do now.")
        time.sleep(starts - now)
        self._free_at = starts + count / self._a_second
