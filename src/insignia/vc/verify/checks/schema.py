"""Does a badge follow the data model of Open Badges 3.0 in every member, by our own reading of it?"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from insignia.vc.model.shapes import departures
from insignia.vc.verify.reading import has_type
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("schema", "Open Badges 3.0, appendix B")
KINDS = {
    "OpenBadgeCredential": "AchievementCredential",
    "AchievementCredential": "AchievementCredential",
    "EndorsementCredential": "EndorsementCredential",
}
MOST_NAMED = 5


def check(subject: Subject) -> CheckResult:
    """Hold the document against the shape of its class, tolerant of compaction; official schemas are not used."""
    shape = next((KINDS[name] for name in KINDS if has_type(subject.document, name)), None)
    if shape is None:
        return CHECK.skipped("It is no Open Badges credential.")
    found = list(islice(departures(subject.document, shape, tolerant=True), MOST_NAMED))
    if not found:
        return CHECK.passed("Every member has the shape that Open Badges 3.0 gives it.")
    first = found[0]
    return CHECK.failed(
        "schema-departure",
        f"{first.pointer[:200]}: {first.message}",
        pointers=[departure.pointer[:200] for departure in found],
    )
