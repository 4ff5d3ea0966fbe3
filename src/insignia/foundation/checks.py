"""What `insignia doctor` runs: each domain's `checks.CHECKS` and `CHECKS_AT`, each answering with findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Finding:
    """One broken invariant: its number ("I4"), the row ("award 0197..."), what is wrong and what it means."""

    invariant: str
    subject: str
    message: str


@dataclass(frozen=True)
class Check:
    """One question about the database. `run(deep)` yields what breaks it; deep ones re-verify every document."""

    invariant: str
    title: str
    run: Callable[[bool], Iterable[Finding]]


@dataclass(frozen=True)
class CheckAt:
    """One question whose answer depends on what time it is. Whoever asks reads the clock."""

    invariant: str
    title: str
    run: Callable[[datetime], Iterable[Finding]]

    def asked(self, at: datetime) -> Check:
        """Make it a question of this moment."""
        return Check(self.invariant, self.title, lambda _deep: self.run(at))
