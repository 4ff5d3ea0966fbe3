"""How much Hypothesis tries: some cases, the same each time, or by `make fuzz` many times as many, all new.

A property that only ever meets the same cases finds nothing new; one that tries thousands keeps everybody waiting.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("INSIGNIA_EXAMPLES_TIMES", "1"))
"""How many times as many examples each property tries."""

PROFILE = "insignia"
# No deadline: machines differ and are shared.
settings.register_profile(
    PROFILE,
    deadline=None,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)


def examples(count: int, **more: Any) -> settings:  # noqa: ANN401  - whatever Hypothesis takes
    """Try `count` examples of a property, or as many times that as was asked for."""
    return settings(settings.get_profile(PROFILE), max_examples=count * TIMES, **more)
