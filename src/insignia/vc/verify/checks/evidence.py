"""How much evidence does the credential name?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.verify.reading import values
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("evidence", "Open Badges 3.0, B.8; VC Data Model 2.0, 5.3")


def check(subject: Subject) -> CheckResult:
    """Count the pieces. None is fetched: that is the reader's choice."""
    pieces = len(values(subject.document.get("evidence")))
    if not pieces:
        return CHECK.skipped("The credential names no evidence.")
    return CHECK.skipped(f"The credential names evidence ({pieces}); it was not fetched.", "not-fetched")
