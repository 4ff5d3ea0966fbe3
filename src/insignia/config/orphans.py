"""A worker process without its server would go on holding the port; it ends instead."""

from __future__ import annotations

import os
import threading
import time

SERVER = "INSIGNIA_SERVER_PROCESS"
LOOK_SECONDS = 0.5


def end_with_server() -> None:
    """End this process soon after the one that `insignia run` started in is gone, however that one died."""
    if os.environ.get(SERVER) == str(os.getppid()):
        threading.Thread(target=_watch, args=(os.getppid(),), name="insignia-orphan", daemon=True).start()


def _watch(server: int) -> None:
    while os.getppid() == server:
        time.sleep(LOOK_SECONDS)
    os._exit(1)  # at once, as if killed too: every write path is made for that
