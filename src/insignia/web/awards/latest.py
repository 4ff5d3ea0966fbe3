"""The latest awards that their owners show to everyone, for the start page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from insignia.awards.selectors import awards_public_recent

if TYPE_CHECKING:
    from insignia.foundation.localized import Localized


@dataclass(frozen=True)
class LatestAward:
    """One award on the start page."""

    address: str
    image: str
    name: Localized
    recipient: str
    issuer: Localized
    issued_at: datetime | None
    time_zone: str


def awards_latest() -> list[LatestAward]:
    """List what everybody may see, newest first; nobody who was erased, no minor without consent."""
    found = awards_public_recent(on=datetime.now(UTC))
    return [
        LatestAward(
            address=reverse("award", args=[award.public_id]),
            image=reverse("badge_art", args=[award.version.public_id, "88"]),
            name=award.version.content["name"],
            recipient=award.recipient.shown_name,
            issuer=award.organization.name,
            issued_at=award.issued_at,
            time_zone=award.organization.time_zone,
        )
        for award in found
        if award.recipient.data_key.destroyed_at is None
    ]
