"""Pausing, lifting and revoking: state, status bit, record and mail in one transaction, then the list at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from insignia.awards.errors import (
    AwardAlreadyRevoked,
    AwardAlreadySuspended,
    AwardNotIssued,
    AwardNotSuspended,
)
from insignia.awards.letters import letter_context
from insignia.awards.models import Award, AwardChange, AwardDocument
from insignia.awards.rules import state_after
from insignia.awards.selectors import award_by_id
from insignia.awards.services.recording import award_audit, person_of, reason_checked, registrar_require
from insignia.issuing.services import status_change_many
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
    registrar_require(actor, found.organization)
    text = reason_checked(reason)
    award = Award.objects.select_for_update().get(pk=found.pk)
    if state_after(award.state, change) is None:
        raise _refusal(award.state, change)
    changes_apply([award], change, reason=text, actor=actor, at=at)
    return award


def changes_apply(awards: Sequence[Award], change: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Change awards that the caller locked and whose state allows it: bits, states, record, mails; few queries."""
    purpose, value = BITS[change]
    documents = AwardDocument.objects.filter(award__in=awards).select_related("reservation__slot")
    status_change_many(
        slots=[document.reservation.slot for document in documents.defer("reservation__sealed_prepared")],
        purpose=purpose,
        value=value,
        at=at,
    )
    person = person_of(actor)
    AwardChange.objects.bulk_create(
        AwardChange(award=award, kind=change, reason=reason, at=at, by=person) for award in awards
    )
    numbers = dict(AwardChange.objects.filter(award__in=awards).values_list("award").annotate(number=Count("id")))
    for award in awards:
        old, award.state = award.state, str(state_after(award.state, change))
        states = {"old": {"state": old}, "new": {"state": award.state}}
        award_audit(award, f"award.{change}", actor=actor, at=at, **states, personal={"reason": reason})
        _tell(award, change, number=numbers[award.pk], reason=reason, at=at)
    Award.objects.bulk_update(awards, ["state"])


def _refusal(state: str, change: str) -> Conflict:
    if state == Award.State.RESERVED:
        return AwardNotIssued("This badge is not signed yet. Hold it instead.")
    if state == Award.State.REVOKED:
        return AwardAlreadyRevoked("This badge was revoked before. Nothing changed.")
    if change == AwardChange.Kind.SUSPENDED:
        return AwardAlreadySuspended("This badge is paused already. Nothing changed.")
    return AwardNotSuspended("This badge is in force; there is no pause to lift.")


def _tell(award: Award, change: str, *, number: int, reason: str, at: datetime) -> None:
    recipient = award.recipient
    message_queue(
        kind=f"award-{change}",
        key=f"award:{award.public_id}:change:{number}",
        recipient=recipient.address,
        language=recipient.mail_language,
        context=letter_context(award, reason=reason),
        data_key=recipient.data_key,
        organization_id=award.organization.public_id,
        at=at,
    )
