"""PyLD, loaded without the libraries that it would fetch contexts with.

Where one of them happens to be installed, PyLD loads it, though nothing here ever fetches a context: that takes as
long again, and opens a socket to try the network out. Import this module late: it takes 0.2 s.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

FETCHERS = ("requests", "aiohttp")


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    """Let these modules be as if they were not installed, unless somebody loaded them before."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is how Python marks what cannot be had
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


with _without(FETCHERS):
    from pyld import jsonld
    from pyld.context_resolver import ContextResolver

__all__ = ["ContextResolver", "jsonld"]
