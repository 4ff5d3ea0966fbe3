"""Draw the SVG on standard input as a PNG on standard output, in a process that limits itself first.

Whoever starts it kills it when it takes too long; what it needs beyond these limits it does not get.
"""

from __future__ import annotations

import resource
import sys

from insignia.achievements.art.render import render_png

SECONDS, BYTES = 5, 2**30


def limit() -> None:
    """Cap processor time, address space and core dumps of this process."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit()
    sys.stdout.buffer.write(render_png(sys.stdin.buffer.read().decode(), int(sys.argv[1])))
