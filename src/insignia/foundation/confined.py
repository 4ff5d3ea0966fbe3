"""Let a function read hostile bytes in a process of its own, which has limits and is killed when it takes long.

What reads for us is C++ and Rust; a crash, a loop or a memory bomb there ends this process and nothing else. It
starts without our settings (no keys, no database in its environment), may write no file, and answers on standard
output: the result, or one word why there is none.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

SECONDS, MEMORY = 5, 2**30
MOST = 256 * 2**20
REFUSED = 3
PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LD_LIBRARY_PATH")

_room = threading.BoundedSemaphore(2)
"""At most two such processes for one of ours: each may take its whole memory limit."""


class ConfinedStopped(Exception):
    """The process came to no answer: killed at its limits, or it fell over the bytes."""


class ConfinedRefusal(Exception):
    """The function itself refused the bytes; the only argument is its word."""


def confined_run(target: str, data: bytes, *arguments: str, seconds: int = SECONDS, memory: int = MEMORY) -> bytes:
    """Call `target` ("module:function", which takes bytes and texts and gives bytes) within limits.

    `seconds` bounds processor time and the clock on the wall, `memory` (bytes) the address space.

    Raises:
        ConfinedRefusal: the function raised it.
        ConfinedStopped: too slow, too large, or a crash.
    """
    command = [sys.executable, "-P", "-m", "insignia.foundation.confined_child", target, str(seconds), str(memory)]
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        with _room:
            done = subprocess.run(  # noqa: S603  - our own interpreter, a target we name, the bytes on standard input
                [*command, *arguments],
                input=data,
                capture_output=True,
                timeout=seconds,
                check=False,
                env=environment,
            )
    except subprocess.TimeoutExpired as error:
        raise ConfinedStopped("took too long") from error
    if done.returncode == REFUSED:
        raise ConfinedRefusal(done.stdout.decode("ascii", "replace"))
    if done.returncode != 0:
        raise ConfinedStopped(f"ended with {done.returncode}")
    return done.stdout
