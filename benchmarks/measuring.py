"""Rates per core: contenders take turns in every round, so that a slower moment of the machine meets all of them.

Seconds here are processor time of this process. On an idle machine that is the time on the wall; on a shared one
it is still what one core can do.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

Task = Callable[[int], object]
"""One unit of work; the argument counts up, for tasks that take another input each time."""

_LOOKS_AT_CLOCK = 50


@dataclass(frozen=True)
class Effort:
    """How long and how often to measure.

    Many short turns: a machine that is shared changes its pace for seconds at a time, and a ratio is worth
    something only if both sides of it had the same share of the slow ones.
    """

    rounds: int = 35
    seconds: float = 0.1


@dataclass(frozen=True)
class Samples:
    """What the rounds gave."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Give the middle one."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Give the width of the middle half, as a share of the median."""
        if len(self.values) == 1:
            return 0.0
        first, _median, third = statistics.quantiles(self.values, n=4, method="inclusive")
        return (third - first) / self.median


def rates(contenders: Mapping[str, Task], effort: Effort) -> dict[str, Samples]:
    """Measure how often a second each contender does its task."""
    steps = {name: _step(task, effort.seconds) for name, task in contenders.items()}
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(effort.rounds):
        for name, task in contenders.items():
            found[name].append(_rate(task, steps[name], effort.seconds))
    return {name: Samples(tuple(values)) for name, values in found.items()}


def _step(task: Task, seconds: float) -> int:
    """Warm up, and find how many tasks to do between two looks at the clock."""
    done, begun = 0, time.process_time()
    while time.process_time() - begun < seconds / 5:
        task(done)
        done += 1
    return max(1, done * 5 // _LOOKS_AT_CLOCK)


def _rate(task: Task, step: int, seconds: float) -> float:
    done, begun = 0, time.process_time()
    while (taken := time.process_time() - begun) < seconds:
        for number in range(done, done + step):
            task(number)
        done += step
    return done / taken


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and its children on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
