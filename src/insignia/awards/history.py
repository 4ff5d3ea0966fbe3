"""The chain of an award's documents, and how the award stood on a day in the past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from insignia.awards.credential import said_by
from insignia.awards.models import AwardCorrection, AwardDocument
from insignia.awards.selectors import document_json
from insignia.issuing.selectors import status_on

if TYPE_CHECKING:
    from insignia.awards.models import Award

FIRST = "first"
"""The kind of an award's first document; the later ones are named by the wish that led to them."""


@dataclass(frozen=True)
class PastDocument:
    """One document of an award: when and why it was signed, what it says otherwise, what became of it.

    `reason` is for the learner and the issuer's registrars.
    """

    number: int
    kind: str
    signed_at: datetime
    superseded_at: datetime | None
    changed: tuple[str, ...]
    is_revoked: bool
    reason: str
    valid_until: datetime | None


def documents_of(award: Award) -> tuple[PastDocument, ...]:
    """List an award's documents in the order of their signing."""
    wishes = {wish.number: wish for wish in AwardCorrection.objects.filter(award=award)}
    rows = AwardDocument.objects.filter(award=award).select_related("reservation__shape").order_by("number")
    return tuple(_past(award, row, wishes) for row in rows)


def _past(award: Award, row: AwardDocument, wishes: dict[int, AwardCorrection]) -> PastDocument:
    wish, following = wishes.get(row.number), wishes.get(row.number + 1)
    return PastDocument(
        number=row.number,
        kind=wish.kind if wish else FIRST,
        signed_at=row.signed_at,
        superseded_at=row.superseded_at,
        changed=tuple(wish.changed) if wish else (),
        is_revoked=row.superseded_at is not None and following is not None and following.is_substantial,
        reason=wish.reason if wish else "",
        valid_until=said_by(document_json(award, row)).valid_until,
    )


def standing_on(award: Award, day: date) -> str:
    """Say how an award stood when a day ended where its organization is.

    The document that was the newest then speaks, and the lists with what they said by then: what was corrected,
    renewed or revoked later changes nothing about that day.
    """
    at = datetime.combine(day, time(23, 59, 59), ZoneInfo(award.organization.time_zone)).astimezone(UTC)
    rows = AwardDocument.objects.filter(award=award, signed_at__lte=at).select_related("reservation__slot")
    newest = rows.order_by("-number").first()
    if newest is None:
        return "not-yet"
    for standing, purpose in (("revoked", "revocation"), ("suspended", "suspension")):
        if status_on(newest.reservation.slot, purpose, at=at):
            return standing
    said = said_by(document_json(award, newest))
    if said.valid_from > at:
        return "not-yet"
    return "expired" if said.valid_until is not None and said.valid_until < at else "valid"
