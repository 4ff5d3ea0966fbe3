"""Which role answers for which."""

from __future__ import annotations

from collections.abc import Iterable

# An owner can do what authors and registrars do; judging is a qualification, so no role implies it.
IMPLIED: dict[str, frozenset[str]] = {"owner": frozenset({"owner", "author", "registrar"})}


def effective_roles(roles: Iterable[str]) -> frozenset[str]:
    """Give every role that the held ones amount to."""
    held = set(roles)
    for role in tuple(held):
        held |= IMPLIED.get(role, frozenset())
    return frozenset(held)
