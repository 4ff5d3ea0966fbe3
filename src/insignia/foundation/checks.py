"""What `insignia doctor` runs: each domain's `checks.CHECKS`, each answering with findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


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
