"""What the record says before anything is signed: `signing.intended`, of one reservation or of a whole chunk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.audit.services import audit_record
from insignia.issuing.rules import INTENDED, INTENDED_ONE, INTENDED_TOGETHER

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.issuing.models import Approval, Reservation, SigningKey
    from insignia.organizations.models import Organization


def intent_record(reservation: Reservation, *, actor: Actor, at: datetime) -> None:
    """Announce the signature of one document, in the transaction that reserves it."""
    keys = (reservation.ed25519_key, reservation.p256_key)
    audit_record(
        actor=actor,
        at=at,
        action=INTENDED,
        subject=(INTENDED_ONE, reservation.public_id),
        organization_id=reservation.organization.public_id,
        new={
            "award": str(reservation.award_public_id),
            "document": reservation.document_number,
            **_allowed(keys, reservation.approval),
        },
    )


def intents_record(
    intent_id: UUID,
    reservation_ids: Sequence[UUID],
    *,
    organization: Organization,
    keys: Sequence[SigningKey],
    approval: Approval,
    actor: Actor,
    at: datetime,
) -> None:
    """Announce the signatures of a chunk in one row that names every reservation, in the transaction of all."""
    audit_record(
        actor=actor,
        at=at,
        action=INTENDED,
        subject=(INTENDED_TOGETHER, intent_id),
        organization_id=organization.public_id,
        new={**_allowed(keys, approval), "reservations": [str(public_id) for public_id in reservation_ids]},
    )


def _allowed(keys: Sequence[SigningKey], approval: Approval) -> dict[str, object]:
    return {"keys": [str(key.public_id) for key in keys], "approval": str(approval.public_id)}
