"""Are the JSON-LD contexts known, and in the order that the data model asks for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.canon import context_urls
from insignia.vc.errors import VcError
from insignia.vc.verify.cost import require_affordable
from insignia.vc.verify.reading import has_type, texts, values
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.report import CheckResult
    from insignia.vc.verify.subject import Subject

CHECK = Check("context", "VC Data Model 2.0, 4.3; Open Badges 3.0, B.1")
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OLDER = {
    "https://www.w3.org/2018/credentials/v1": ("vcdm-1.1", "a credential of VC Data Model 1.1"),
    "https://w3id.org/openbadges/v2": ("open-badges-2", "an Open Badges 2.0 badge"),
    "https://w3id.org/openbadges/v1": ("open-badges-1", "an Open Badges 1.1 badge"),
}
OLDER_CODES = frozenset(code for code, _name in OLDER.values())
BADGES = ("OpenBadgeCredential", "AchievementCredential", "EndorsementCredential")
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context"


def check(subject: Subject) -> CheckResult:
    """Check first context, Open Badges context where the type needs it, and that every one is known."""
    contexts = values(subject.document.get("@context"))
    first = contexts[0] if contexts else None
    if isinstance(first, str) and first in OLDER:
        code, name = OLDER[first]
        return CHECK.undetermined(code, f"This is {name}, which is not judged here.")
    if first != CREDENTIALS_V2:
        return CHECK.failed("context-first", f"The first context is not {CREDENTIALS_V2}.")
    if has_type(subject.document, *BADGES) and not _names_open_badges(texts(contexts[1:])):
        return CHECK.failed("context-open-badges", "No Open Badges 3.0 context follows the first one.")
    try:
        require_affordable(subject.document)
        urls = context_urls(subject.document, limits=subject.policy.limits)
    except VcError as error:
        return CHECK.of_error(error)
    unknown = [url for url in urls if not subject.sources.loader.knows(url)]
    if unknown:
        return CHECK.undetermined("context-unknown", f"The context {unknown[0][:200]} is not known here.")
    return CHECK.passed("Every context is known.")


def _names_open_badges(contexts: tuple[str, ...]) -> bool:
    return any(url.startswith(OPEN_BADGES) for url in contexts)
