"""Text for a terminal: colour only where it is wanted, and nothing that a stranger's text could do."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence

import click

# Control characters move the cursor, and these others turn text around: a name could write over a verdict.
ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
LONGEST = 300
WIDTH = 100
ASCII = str.maketrans({"✔": "+", "✘": "x", "\N{EN DASH}": "-", "…": "~", "→": ">"})


def plain(text: object) -> str:
    """Make a stranger's text safe to print, on one line, not endless."""
    safe = ACTING.sub(" ", str(text)).strip()
    return safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…"


def styled(text: str, **style: bool | str) -> str:
    """Colour a text if a person looks at it and does not object (NO_COLOR)."""
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return click.style(text, **style) if wanted else text  # type: ignore[arg-type]  # click names each one


def say(text: str = "") -> None:
    """Print a line; where the terminal has no such letters, use plain ones."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(ASCII).encode(encoding, "backslashreplace").decode(encoding)
    print(text)


def say_columns(columns: Sequence[tuple[str, int]], last: str) -> None:
    """Print a row: padded columns (text, width), and a last one that hangs under itself on a terminal."""
    # colour takes no room, so what is seen is what is padded
    head = "".join(text + " " * (width - len(click.unstyle(text))) for text, width in columns)
    space = sum(width for _text, width in columns)
    if not sys.stdout.isatty():
        say(head + last)
        return
    width = max(min(shutil.get_terminal_size().columns, WIDTH), space + 30)
    lines = textwrap.wrap(last, width - space) or [""]
    say(head + lines[0])
    for line in lines[1:]:
        say(" " * space + line)
