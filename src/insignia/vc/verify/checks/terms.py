"""Is every word of the document one that a context defines, so that the signature covers it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.canon import dropped_terms
from insignia.vc.errors import VcError
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.model.json import Json
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("terms", "JSON-LD 1.1, 5.5; VC Data Integrity 1.0, 2.4")
MOST_NAMED = 20


def check(subject: Subject) -> CheckResult:
    """Expand the document and name what would be lost, at any depth, the proofs' own members included."""
    limits = subject.policy.limits
    try:
        dropped = dropped_terms(subject.document, loader=subject.sources.loader, limits=limits)
    except VcError as error:
        return CHECK.of_error(error)
    if dropped:
        names: list[Json] = [name[:200] for name in dropped[:MOST_NAMED]]
        return CHECK.failed("terms-dropped", f"No context defines {', '.join(map(str, names[:5]))}.", terms=names)
    return CHECK.passed("Every member is defined by a context.")
