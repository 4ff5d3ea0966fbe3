"""Does the credential name pictures, and not more than we judge?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.model.json import Json
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("image", "Open Badges 3.0, B.11")


def check(subject: Subject) -> CheckResult:
    """Count the pictures at any depth. None is fetched or drawn here."""
    found = _count(subject.document)
    if found > subject.policy.limits.images:
        return CHECK.undetermined("too-many-parts", f"The credential names {found} pictures.")
    if not found:
        return CHECK.skipped("The credential names no picture.")
    return CHECK.skipped(f"The credential names pictures ({found}); they were not fetched.", "not-fetched")


def _count(value: Json) -> int:
    if isinstance(value, list):
        return sum(_count(item) for item in value)
    if isinstance(value, dict):
        return ("image" in value) + sum(_count(item) for item in value.values())
    return 0
