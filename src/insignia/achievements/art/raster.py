"""Draw the SVG on standard input as a PNG on standard output; the limits are set by whoever starts this."""

from __future__ import annotations

import sys

from insignia.achievements.art.render import render_png

if __name__ == "__main__":
    sys.stdout.buffer.write(render_png(sys.stdin.buffer.read().decode(), int(sys.argv[1])))
