"""Reading what a command line names: a file, a link, standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from insignia.vc.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from insignia.foundation.fetch import Fetcher

STANDARD_INPUT = "-"
ACCEPT = (
    "application/vc, application/vc+ld+json, application/ld+json, application/json, image/png, image/svg+xml, "
    "application/jwt, text/plain;q=0.8"
)
# one byte more than is judged, so that too much can be told from just enough
MOST_BYTES = DEFAULT_LIMITS.file_bytes + 1


def is_link(name: str) -> bool:
    """Tell a link from the name of a file."""
    return "://" in name


def read_file(name: str) -> bytes:
    """Read a file, or standard input for "-", up to one byte more than the limit.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(MOST_BYTES)
    try:
        with Path(name).open("rb") as opened:
            return opened.read(MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise click.UsageError(f"{name} cannot be read: {reason}.") from error


def new_fetcher(hosts: Sequence[str] = ()) -> Fetcher:
    """Make the fetcher of one command; `hosts` may be anywhere."""
    from insignia.foundation.fetch import Fetcher  # costs time that a file does not need

    return Fetcher(allow_hosts=frozenset(host.lower() for host in hosts))
