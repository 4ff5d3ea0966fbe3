"""The other side of `confined`: limit this process, then call one function with the bytes on standard input."""

from __future__ import annotations

import resource
import sys
from importlib import import_module

from insignia.foundation.confined import MOST, REFUSED, ConfinedRefusal


def _limit(seconds: int, memory: int) -> None:
    """Cap processor time, address space, written files and core dumps of this process."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(target: str, seconds: str, memory: str, *arguments: str) -> int:
    _limit(int(seconds), int(memory))
    module, _, function = target.partition(":")
    try:
        result: bytes = getattr(import_module(module), function)(sys.stdin.buffer.read(), *arguments)
    except ConfinedRefusal as refusal:
        sys.stdout.write(str(refusal))
        return REFUSED
    if len(result) > MOST:
        return 1
    sys.stdout.buffer.write(result)
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(*sys.argv[1:]))
