"""Pausing, lifting and revoking: state, status bit, record and mail in one transaction, then the list at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from insignia.audit.services import Entry, audit_record_many
from insignia.awards.errors import (
    AwardAlreadyRevoked,
    AwardAlreadySuspended,
    AwardNotIssued,
    AwardNotSuspended,
)
from insignia.awards.letters import letter_context
from insignia.awards.models import Award, AwardChange, AwardDocument
from insignia.awards.rules import state_after
from insignia.awards.selectors import RELATED, award_by_id
from insignia.awards.services.claims import claim_mails_cancel
from insignia.awards.services.recording import person_of, reason_checked, registrar_require
from insignia.foundation.sealing import datakey_open
from insignia.issuing.services import status_change_many
from insignia.outbox.services import Letter, messages_queue_many

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
    award = Award.objects.select_related(*RELATED).select_for_update(of=("self",)).get(pk=found.pk)
    if state_after(award.state, change) is None:
        raise _refusal(award.state, change)
    changes_apply([award], change, reason=text, actor=actor, at=at)
    return award


def changes_apply(
    awards: Sequence[Award], change: str, *, reason: str, actor: Actor, at: datetime, mass_id: UUID | None = None
) -> None:
    """Change awards of one organization that the caller locked and whose state allows it.

    Many cost as many queries as one. `mass_id` names the change of many that they are part of.
    """
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
    _record(awards, change, actor=actor, at=at, mass_id=mass_id)
    for award in awards:
        award.state = str(state_after(award.state, change))
    Award.objects.bulk_update(awards, ["state"])
    if change == "revoked":
        claim_mails_cancel([award.public_id for award in awards], at=at)
    _tell(awards, change, reason=reason, at=at)


def _record(awards: Sequence[Award], change: str, *, actor: Actor, at: datetime, mass_id: UUID | None) -> None:
    """Leave a row for each; the reason stands in the change itself, where its readers find it."""
    part_of = {"mass_change": str(mass_id)} if mass_id else {}
    entries = [
        Entry(
            ("award", award.public_id),
            old={"state": award.state},
            new={"state": str(state_after(award.state, change)), **part_of},
        )
        for award in awards
    ]
    organization_id = awards[0].organization.public_id
    audit_record_many(
        actor=actor, at=at, action=f"award.{change}", organization_id=organization_id, entries=entries
    )


def _refusal(state: str, change: str) -> Conflict:
    if state == Award.State.RESERVED:
        return AwardNotIssued("This badge is not signed yet. Hold it instead.")
    if state == Award.State.REVOKED:
        return AwardAlreadyRevoked("This badge was revoked before. Nothing changed.")
    if change == AwardChange.Kind.SUSPENDED:
        return AwardAlreadySuspended("This badge is paused already. Nothing changed.")
    return AwardNotSuspended("This badge is in force; there is no pause to lift.")


def _tell(awards: Sequence[Award], change: str, *, reason: str, at: datetime) -> None:
    numbers = dict(AwardChange.objects.filter(award__in=awards).values_list("award").annotate(number=Count("id")))
    letters = [
        Letter(
            kind=f"award-{change}",
            key=f"award:{award.public_id}:change:{numbers[award.pk]}",
            recipient=award.recipient.address,
            language=award.recipient.mail_language,
            context=letter_context(award, reason=reason),
            data_key_id=award.recipient.data_key.pk,
            key_open=datakey_open(award.recipient.data_key),
            not_before=at,
            organization_id=award.organization.public_id,
        )
        for award in awards
        if award.recipient.data_key.destroyed_at is None  # nobody is left to tell of an erased person's badge
    ]
    messages_queue_many(letters, at=at)
