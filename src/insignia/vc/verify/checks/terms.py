"""Is every word of the document one that a context defines, and said by its plain name?

A signature covers the graph, the reader sees JSON. Two ways lead from one to the other wrongly: a member that no
context defines is seen and not signed; a member written as its full address, as a keyword, or in a second
description of the same thing is signed and not seen. A holder could hide a revocation by the latter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.canon import dropped_terms
from insignia.vc.errors import VcError
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insignia.vc.model.json import Json, JsonObject
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("terms", "JSON-LD 1.1, 5.5; VC Data Integrity 1.0, 2.4")
MOST_NAMED = 20
ORDINARY = frozenset({"@context"})
COVERED = "Every member is defined by a context."
LITERAL = frozenset({"@value", "@language", "@direction", "@type"})


def check(subject: Subject) -> CheckResult:
    """Expand the document and name what would be lost, at any depth, the proofs' own members included."""
    if subject.reading is not None:
        return CHECK.passed(COVERED)
    limits = subject.policy.limits
    try:
        dropped = dropped_terms(subject.document, loader=subject.sources.loader, limits=limits)
    except VcError as error:
        return CHECK.of_error(error)
    if dropped:
        names: list[Json] = [name[:200] for name in dropped[:MOST_NAMED]]
        return CHECK.failed("terms-dropped", f"No context defines {', '.join(map(str, names[:5]))}.", terms=names)
    hidden = next(_hidden(subject.document, subject.document.get("id")), None)
    if hidden is not None:
        return CHECK.undetermined("terms-not-plain", f"{hidden[:200]} is not written by its plain name.")
    return CHECK.passed(COVERED)


def _hidden(value: Json, own_id: Json, *, top: bool = True) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _hidden(item, own_id, top=top)
    elif isinstance(value, dict):
        if not top and own_id is not None and value.get("id") == own_id and len(value) > 1:
            yield "A second description of the credential"
        for name, member in value.items():
            if ":" in name or (name.startswith("@") and name not in _keywords(value)) or _is_idle(name, member):
                yield name
            if name != "@context":
                yield from _hidden(member, own_id, top=False)


def _is_idle(name: str, member: Json) -> bool:
    return name == "@context" and member == []


def _keywords(value: JsonObject) -> frozenset[str]:
    return LITERAL if "@value" in value else ORDINARY
