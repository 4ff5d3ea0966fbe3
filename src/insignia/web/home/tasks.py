"""What waits for a person, as the start page shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One thing that waits for this person: a link, a sentence, the mark of its state."""

    address: str
    title: str
    sentence: str
    status: str
