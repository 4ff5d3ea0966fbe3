"""Stopping an award before it is signed. It waits with its reason; releasing it lets the sweep go on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction

from insignia.audit.services import audit_record
from insignia.awards.decisions import DECISION, judgement_get
from insignia.awards.errors import AwardAlreadyIssued, AwardNotOnHold, AwardOnHold
from insignia.awards.models import Award, AwardHold
from insignia.awards.selectors import reservation_open_of
from insignia.awards.services.recording import reason_checked, registrar_require
from insignia.foundation.wake import wake
from insignia.issuing.services import reservation_abandon

if TYPE_CHECKING:
    from insignia.audit.actor import Actor


def award_hold(*, decision_id: UUID, reason: str, actor: Actor, at: datetime) -> AwardHold:
    """Stop the award that follows from a decision, as long as it is not signed.

    Two transactions on purpose: the hold is visible to every signer before we look whether one was quicker.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardOnHold: it is stopped already.
        AwardAlreadyIssued: it is signed; revoke it instead.
    """
    hold = _hold_insert(decision_id, reason_checked(reason), actor=actor, at=at)
    if _stop_reserved(hold, actor=actor, at=at):
        return hold
    _hold_end(hold, actor=actor, at=at)
    raise AwardAlreadyIssued("This badge is signed already. Revoke it instead.")


@transaction.atomic
def _hold_insert(decision_id: UUID, reason: str, *, actor: Actor, at: datetime) -> AwardHold:
    organization = judgement_get(decision_id).organization
    person = registrar_require(actor, organization)
    try:
        with transaction.atomic():
            hold = AwardHold.objects.create(
                organization=organization,
                origin_kind=DECISION,
                origin_id=decision_id,
                reason=reason,
                held_at=at,
                held_by=person,
            )
    except IntegrityError as error:
        raise AwardOnHold("This award is on hold already.") from error
    _audit(hold, "award.held", actor=actor, at=at)
    return hold


@transaction.atomic
def _stop_reserved(hold: AwardHold, *, actor: Actor, at: datetime) -> bool:
    origin = {"origin_kind": hold.origin_kind, "origin_id": hold.origin_id}
    award = Award.objects.select_for_update().filter(**origin).first()
    if award is None:
        return True
    if award.state != Award.State.RESERVED:
        return False
    if reservation := reservation_open_of(award):
        reservation_abandon(reservation, reason="held", actor=actor, at=at)
    return True


@transaction.atomic
def award_release(*, decision_id: UUID, actor: Actor, at: datetime) -> AwardHold:
    """Let a stopped award go on: the sweep issues it.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardNotOnHold: nothing is stopped here.
    """
    registrar_require(actor, judgement_get(decision_id).organization)
    hold = (
        AwardHold.objects.select_for_update()
        .filter(origin_kind=DECISION, origin_id=decision_id, released_at__isnull=True)
        .first()
    )
    if hold is None:
        raise AwardNotOnHold("This award is not on hold.")
    _hold_end(hold, actor=actor, at=at)
    wake("awards.converge")
    return hold


@transaction.atomic
def _hold_end(hold: AwardHold, *, actor: Actor, at: datetime) -> None:
    hold.released_at, hold.released_by_id = at, _person_pk(actor, hold)
    hold.save(update_fields=["released_at", "released_by"])
    _audit(hold, "award.released", actor=actor, at=at)


def _person_pk(actor: Actor, hold: AwardHold) -> int | None:
    person = registrar_require(actor, hold.organization)
    return person.pk if person else None


def _audit(hold: AwardHold, action: str, *, actor: Actor, at: datetime) -> None:
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=(hold.origin_kind, hold.origin_id),
        organization_id=hold.organization.public_id,
        new={"hold": str(hold.public_id)},
    )
