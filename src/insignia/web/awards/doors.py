"""The two doors to an award: its permanent address, and a secret link. Both open the same pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.awards.selectors import AwardView, award_public, share_open

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.awards.models import ShareLink


@dataclass(frozen=True)
class Door:
    """An award as one visitor sees it; `base` is where its pages and copies hang."""

    view: AwardView
    base: str
    share: ShareLink | None = None

    @property
    def is_secret(self) -> bool:
        """Say whether knowing the address is what lets people in."""
        return self.share is not None

    @property
    def permanent(self) -> str:
        """Spell the address that is written into the signed file."""
        return f"{self.view.award.organization.origin}/awards/{self.view.award.public_id}"


def award_door(award_id: UUID, *, viewer: Person | None, at: datetime) -> Door:
    """Open an award at its permanent address.

    Raises:
        AwardNotFound, AwardErased: nothing this viewer may see.
    """
    view = award_public(award_id=award_id, viewer=viewer, on=at)
    return Door(view, f"/awards/{view.award.public_id}")


def share_door(token: str, *, at: datetime) -> Door:
    """Open an award by a secret link: for everybody alike, so that its owner sees what others see.

    Raises:
        AwardNotFound, ShareEnded, AwardErased: the link does not open.
    """
    share = share_open(token=token, on=at)
    view = award_public(award_id=share.award.public_id, viewer=None, on=at, share_token=token)
    return Door(view, f"/s/{token}", share)
