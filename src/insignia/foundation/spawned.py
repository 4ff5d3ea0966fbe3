"""The beginning of a process that another one of ours spawned. Importable before Django is set up."""

from __future__ import annotations

import os
import threading
from multiprocessing import parent_process

import django


def spawned_begin() -> None:
    """Set Django up in this process, and let it end with the process that started it."""
    django.setup()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
