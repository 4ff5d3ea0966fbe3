"""What every step does first and last."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

from insignia.cli.platform import start_platform


def begin() -> dict[str, Any]:
    """Start the platform and give the step's arguments."""
    start_platform()
    arguments: dict[str, Any] = json.loads(sys.argv[1])
    return arguments


def end(answer: Mapping[str, object]) -> None:
    """Write the answer."""
    print(json.dumps(answer))


def peak_megabytes() -> float:
    """Give the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
