"""The application of a server that dies, by SIGKILL, when an award reaches the step named in DIE_AT."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from insignia.config import worker

worker.LEASE_SECONDS = 1  # the next server need not wait half a minute for the dead one's lease

from insignia.config.served import application  # noqa: E402  - the lease has to be short before the worker starts

__all__ = ["application"]


def prepare() -> None:
    """Put a killer at the step."""
    from insignia.awards import steps

    def kill(step: steps.Moment) -> None:
        if step.value == os.environ.get("DIE_AT"):
            Path(os.environ["INSIGNIA_DATA"], f"died-{step.value}").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    steps.between = kill


prepare()
