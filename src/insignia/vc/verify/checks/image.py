"""Does the credential name pictures?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.verify.checks.readable import count_images
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("image", "Open Badges 3.0, B.11")


def check(subject: Subject) -> CheckResult:
    """Count the pictures at any depth. None is fetched or drawn here."""
    found = count_images(subject.document)
    if not found:
        return CHECK.skipped("The credential names no picture.")
    return CHECK.skipped(f"The credential names pictures ({found}); they were not fetched.", "not-fetched")
