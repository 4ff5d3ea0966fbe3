"""The quickest of what this installation has: `compiled` where a compiler built it, else `filling`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from insignia.vc.canon import filling

if TYPE_CHECKING:
    from types import ModuleType

    from insignia.vc.canon.filling import Filling, Hashing, Numbering


def _compiled() -> ModuleType | None:
    """Give the compiled module when it is there and does what `filling` does now, not what it did once."""
    try:
        found = import_module("insignia.vc.canon.compiled")
    except ImportError:
        return None
    return found if getattr(found, "FORM", None) == filling.FORM else None


COMPILED = _compiled() is not None

if not TYPE_CHECKING:
    _quickest = _compiled() or filling
    Filling, Hashing, Numbering = _quickest.Filling, _quickest.Hashing, _quickest.Numbering

__all__ = ["COMPILED", "Filling", "Hashing", "Numbering"]
