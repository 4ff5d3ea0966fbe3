"""Pausing, lifting and revoking: state, status bit, record and mail in one transaction, then the list at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.awards.errors import (
    AwardAlreadyRevoked,
    AwardAlreadySuspended,
    AwardNotIssued,
    AwardNotSuspended,
)
from insignia.awards.models import Award, AwardChange
from insignia.awards.rules import state_after
from insignia.awards.selectors import award_by_id
from insignia.awards.services.recording import award_audit, reason_checked, registrar_require
from insignia.issuing.services import status_change
from insignia.outbox.services import message_queue

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.foundation.errors import Conflict

BITS = {"suspended": ("suspension", True), "reinstated": ("suspension", False), "revoked": ("revocation", True)}
"""Change -> the list it touches and the value of the bit there."""


def award_revoke(*, award_id: UUID, reason: str, actor: Actor, at: datetime) -> Award:
    """Revoke for good; the status list says so at once. Date and reason stay readable.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardAlreadyRevoked: it was revoked before.
        AwardNotIssued: it is not signed yet; hold it instead.
        ReasonMissing: no reason.
    """
    return _change(award_id, "revoked", reason=reason, actor=actor, at=at)


def award_suspend(*, award_id: UUID, reason: str, actor: Actor, at: datetime) -> Award:
    """Pause an award until it is reinstated or revoked.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardAlreadyRevoked, AwardAlreadySuspended, AwardNotIssued: its state does not allow it.
        ReasonMissing: no reason.
    """
    return _change(award_id, "suspended", reason=reason, actor=actor, at=at)


def award_reinstate(*, award_id: UUID, reason: str, actor: Actor, at: datetime) -> Award:
    """Lift a pause: the suspension bit is cleared and the award counts again.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardNotSuspended, AwardAlreadyRevoked, AwardNotIssued: its state does not allow it.
        ReasonMissing: no reason.
    """
    return _change(award_id, "reinstated", reason=reason, actor=actor, at=at)


@transaction.atomic
def _change(award_id: UUID, change: str, *, reason: str, actor: Actor, at: datetime) -> Award:
    found = award_by_id(award_id)
    person = registrar_require(actor, found.organization)
    text = reason_checked(reason)
    award = Award.objects.select_for_update().get(pk=found.pk)
    old, following = award.state, state_after(award.state, change)
    if following is None:
        raise _refusal(old, change)
    for document in award.documents.select_related("reservation__slot__status_set__issuer").order_by("number"):
        purpose, value = BITS[change]
        status_change(slot=document.reservation.slot, purpose=purpose, value=value, at=at)
    award.state = following
    award.save(update_fields=["state"])
    AwardChange.objects.create(award=award, kind=change, reason=text, at=at, by=person)
    new, personal = {"state": following}, {"reason": text}
    award_audit(award, f"award.{change}", actor=actor, at=at, old={"state": old}, new=new, personal=personal)
    _tell(award, change, reason=text, at=at)
    return award


def _refusal(state: str, change: str) -> Conflict:
    if state == Award.State.RESERVED:
        return AwardNotIssued("This badge is not signed yet. Hold it instead.")
    if state == Award.State.REVOKED:
        return AwardAlreadyRevoked("This badge was revoked before. Nothing changed.")
    if change == AwardChange.Kind.SUSPENDED:
        return AwardAlreadySuspended("This badge is paused already. Nothing changed.")
    return AwardNotSuspended("This badge is in force; there is no pause to lift.")


def _tell(award: Award, change: str, *, reason: str, at: datetime) -> None:
    recipient = award.recipient
    number = award.changes.count()
    message_queue(
        kind=f"award-{change}",
        key=f"award:{award.public_id}:change:{number}",
        recipient=recipient.address,
        language=recipient.mail_language,
        context={
            "badge": award.version.content["name"],
            "organization": award.organization.name,
            "name": recipient.shown_name,
            "reason": reason,
            "award_path": f"/awards/{award.public_id}",
        },
        data_key=recipient.data_key,
        organization_id=award.organization.public_id,
        at=at,
    )
