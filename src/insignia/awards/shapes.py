"""Documents of one badge version that differ only in whose they are: one specimen, and the holes in it.

A part that some documents have and others lack makes another form, and so another specimen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.awards.credential import DocumentFacts
from insignia.awards.rules import moment

if TYPE_CHECKING:
    from insignia.issuing.services import Frozen
    from insignia.vc.model.json import JsonObject

# What the specimen says in its holes; no document ever says it.
SPECIMEN_ID = UUID("01890000-0000-7000-8000-000000000000")
SPECIMEN_NAME, SPECIMEN_NARRATIVE = "Specimen of a name", "Specimen of a narrative"
SPECIMEN_FROM = datetime(2000, 1, 1, tzinfo=UTC)
SPECIMEN_UNTIL = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Form:
    """Which parts a document has."""

    is_named: bool
    expires: bool
    is_narrated: bool
    levels: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, facts: DocumentFacts) -> Form:
        """Tell the form of one document. One that rests on evidence here is written by itself, without a shape."""
        return cls(
            is_named=bool(facts.name),
            expires=facts.valid_until is not None,
            is_narrated=bool(facts.narrative),
            levels=tuple(sorted(facts.levels.items())),
        )

    @classmethod
    def of_document(cls, document: JsonObject) -> Form | None:
        """Tell which holes a document that is there has; None where more than what fills them is its own."""
        subject = document.get("credentialSubject")
        identifier = subject.get("identifier", []) if isinstance(subject, dict) else None
        if not isinstance(subject, dict) or not isinstance(identifier, list) or len(identifier) > 1:
            return None
        names = all(isinstance(entry, dict) and entry.get("identityType") == "name" for entry in identifier)
        if "evidence" in document or not names:
            return None
        return cls(is_named=bool(identifier), expires="validUntil" in document, is_narrated="narrative" in subject)

    def specimen(self) -> DocumentFacts:
        """Give the facts of the specimen."""
        return DocumentFacts(
            award_id=SPECIMEN_ID,
            urn=f"urn:uuid:{SPECIMEN_ID}",
            name=SPECIMEN_NAME if self.is_named else "",
            awarded_at=SPECIMEN_FROM,
            valid_from=SPECIMEN_FROM,
            valid_until=SPECIMEN_UNTIL if self.expires else None,
            levels=dict(self.levels),
            narrative=SPECIMEN_NARRATIVE if self.is_narrated else "",
        )

    def slots(self) -> tuple[str, ...]:
        """Point at the holes (JSON pointers), in the order of `slot_values`."""
        return (
            "/id",
            "/credentialSubject/id",
            "/validFrom",
            "/awardedDate",
            "/credentialStatus/id",
            "/credentialStatus/statusListIndex",
            *(("/validUntil",) if self.expires else ()),
            *(("/credentialSubject/identifier/0/identityHash",) if self.is_named else ()),
            *(("/credentialSubject/narrative",) if self.is_narrated else ()),
        )


def slot_values(facts: DocumentFacts, *, frozen: Frozen) -> tuple[str, ...]:
    """Give what fills the holes of one document, in the order of its form's `slots`."""
    entry = frozen.status_entries["revocation"]
    return (
        f"{frozen.addresses.origin}/awards/{facts.award_id}",
        facts.urn,
        moment(facts.valid_from),
        moment(facts.awarded_at),
        str(entry["id"]),
        str(entry["statusListIndex"]),
        *((moment(facts.valid_until),) if facts.valid_until else ()),
        *((facts.name,) if facts.name else ()),
        *((facts.narrative,) if facts.narrative else ()),
    )
