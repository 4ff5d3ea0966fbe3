"""The quickest of what this installation has: `compiled` where a compiler built it, else `filling`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insignia.vc.canon.filling import Filling, Hashing, Numbering
else:
    try:
        from insignia.vc.canon.compiled import Filling, Hashing, Numbering
    except ImportError:
        from insignia.vc.canon.filling import Filling, Hashing, Numbering

COMPILED = Filling.__module__.endswith(".compiled")

__all__ = ["COMPILED", "Filling", "Hashing", "Numbering"]
