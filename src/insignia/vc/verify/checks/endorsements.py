"""Does the credential carry words of others about it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.verify.reading import objects, values
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insignia.vc.model.json import JsonObject
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("endorsements", "Open Badges 3.0, 5.3")
MEMBERS = ("endorsement", "endorsementJwt")


def check(subject: Subject) -> CheckResult:
    """Count endorsements of badge, achievement and issuer; each is a credential to verify by itself."""
    count = sum(len(values(holder.get(member))) for holder in _holders(subject.document) for member in MEMBERS)
    if not count:
        return CHECK.skipped("Nobody's endorsement is inside.")
    return CHECK.undetermined("not-judged", f"Endorsements are inside ({count}); they were not verified.")


def _holders(document: JsonObject) -> Iterator[JsonObject]:
    yield document
    yield from objects(document.get("issuer"))
    for subject in objects(document.get("credentialSubject")):
        yield from objects(subject.get("achievement"))
