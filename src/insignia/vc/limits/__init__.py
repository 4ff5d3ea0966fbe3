"""How much of a stranger's input we are willing to read, and reading it within that."""

from insignia.vc.limits.reading import parse_json, parse_object
from insignia.vc.limits.values import DEFAULT_LIMITS, KIB, MIB, Limits

__all__ = ["DEFAULT_LIMITS", "KIB", "MIB", "Limits", "parse_json", "parse_object"]
