"""From a committed decision to a signed award, and everything that makes a half-done one whole.

    1. reserve   T1: the origin row, the reservation with its bytes, the intent in the record; committed
    2. sign      outside any transaction, by issuing, from the committed reservation
    3. finish    T2: document, state, record and notification; committed
Each step finds what an earlier try left. Two workers may do all of it at once: constraints decide.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.assessment.selectors import decisions_final_met
from insignia.audit.actor import Actor
from insignia.awards.credential import award_document, document_facts
from insignia.awards.decisions import DECISION, Judgement, judgement_met_require
from insignia.awards.errors import AwardOnHold
from insignia.awards.models import Award, AwardHold
from insignia.awards.rules import CLAIM_VALIDITY, expiry
from insignia.awards.selectors import (
    award_by_id,
    award_of_origin,
    reservation_open_of,
)
from insignia.awards.services.claims import claim_mail, claim_token
from insignia.awards.services.documents import (
    document_known,
    document_store,
    quarantine_refuse,
    reservation_give_up,
)
from insignia.awards.services.recipients import recipient_of_person
from insignia.awards.services.recording import award_audit
from insignia.awards.services.recovery import recovered_follow
from insignia.awards.steps import Step, reached
from insignia.foundation.errors import InsigniaError
from insignia.foundation.ids import new_id
from insignia.foundation.tokens import token_hash
from insignia.issuing.errors import ApprovalWithdrawn, KeyRetired, ReservationNotOpen
from insignia.issuing.services import (
    Frozen,
    approval_grant,
    reserve,
    sign_reservation,
)
from insignia.vc.errors import VcError

if TYPE_CHECKING:
    from insignia.issuing.models import Reservation
    from insignia.vc.issue import SignedCredential
    from insignia.vc.model.json import JsonObject

log = logging.getLogger(__name__)
CONVERGE = Actor.system("awards.converge")
APPROVED_BY_PUBLICATION = "version"
KEY_TRIES = 3


@dataclass(frozen=True)
class ConvergeReport:
    """What a sweep did: awards issued now, and decisions that wait with the code of what they wait for."""

    issued: tuple[UUID, ...] = ()
    waiting: tuple[tuple[UUID, str], ...] = ()


def award_converge(at: datetime) -> ConvergeReport:
    """Issue every award that is due: final met decisions without an award, and awards left half done.

    Idempotent, and safe beside another worker. One that cannot be issued never holds up the others.
    """
    issued: list[UUID] = []
    waiting: list[tuple[UUID, str]] = []
    for decision_id in _due():
        try:
            issued.append(award_from_decision(decision_id=decision_id, actor=CONVERGE, at=at).public_id)
        except (InsigniaError, VcError) as error:
            log.warning("award of decision %s waits: %s %s", decision_id, error.code, error)
            waiting.append((decision_id, error.code))
        except Exception:  # one broken row never holds up the others; the log has its traceback
            log.exception("award of decision %s cannot be made", decision_id)
            waiting.append((decision_id, "unexpected"))
    recovered_follow(at)
    return ConvergeReport(tuple(issued), tuple(waiting))


def _due() -> Iterator[UUID]:
    """Walk the decisions that still need an award, page by page, oldest first."""
    done = Award.objects.filter(origin_kind=DECISION).exclude(state=Award.State.RESERVED)
    held = AwardHold.objects.filter(origin_kind=DECISION, released_at__isnull=True)
    excluding = done.values_list("origin_id", flat=True).union(held.values_list("origin_id", flat=True))
    last = 0
    while page := decisions_final_met(excluding=excluding, after=last):
        last = page[-1].pk
        yield from (decision.public_id for decision in page)


def award_from_decision(*, decision_id: UUID, actor: Actor = CONVERGE, at: datetime) -> Award:
    """Make the award of one decision, or give the one it has. Call it as often as you like.

    Raises:
        DecisionNotMet: the decision is not final, or does not say met.
        AwardOnHold: a registrar stopped it.
        IssuerMissing, MarkMissing, DatabaseBehindMark: the issuer cannot sign.
        LintRefused: the document would break a rule of the specification.
    """
    facts = judgement_met_require(decision_id)
    for _ in range(KEY_TRIES):
        award = award_of_origin(DECISION, decision_id)
        if award is not None and award.state != Award.State.RESERVED:
            return award
        reservation = _reserved(facts, actor=actor, at=at)
        quarantine_refuse(reservation)
        try:
            signed = _signed(reservation, actor=actor, at=at)
            return _finished(reservation.award_public_id, reservation, signed, actor=actor, at=at)
        except (KeyRetired, ReservationNotOpen):
            continue  # the key was rotated, or another worker was quicker: look again
    raise ReservationNotOpen("This award is being signed elsewhere. Look again in a moment.")


def _reserved(facts: Judgement, *, actor: Actor, at: datetime) -> Reservation:
    reached(Step.BEFORE_RESERVE)
    with transaction.atomic(durable=True):
        award = _award_locked(facts, at=at)
        reservation = reservation_open_of(award) or _reserve(award, facts, actor=actor, at=at)
        reached(Step.INSIDE_RESERVE)
    reached(Step.RESERVED)
    return reservation


def _award_locked(facts: Judgement, *, at: datetime) -> Award:
    """Insert the origin's one row, or find the row of whoever was quicker; either way, locked."""
    fresh = _award_new(facts, at=at)
    Award.objects.bulk_create([fresh], ignore_conflicts=True)
    rows = Award.objects.select_for_update()
    ours = rows.filter(public_id=fresh.public_id).first()
    return ours or rows.get(origin_kind=DECISION, origin_id=facts.public_id)


def _award_new(facts: Judgement, *, at: datetime) -> Award:
    public_id = new_id()
    valid_from = at.replace(microsecond=0)
    months = facts.version.content.get("validity_months")
    recipient = recipient_of_person(facts.learner, organization=facts.organization)
    token = claim_token(award_id=public_id, recipient_id=recipient.public_id, serial=1)
    return Award(
        public_id=public_id,
        organization=facts.organization,
        version=facts.version,
        version_hash=facts.version.content_hash,
        recipient=recipient,
        learner=facts.learner,
        origin_kind=DECISION,
        origin_id=facts.public_id,
        awarded_at=facts.decided_at,
        valid_from=valid_from,
        valid_until=expiry(valid_from, months=months, time_zone=facts.organization.time_zone),
        reserved_at=at,
        claim_token_hash=token_hash(token),
        claim_expires_at=at + CLAIM_VALIDITY,
    )


def _reserve(award: Award, facts: Judgement, *, actor: Actor, at: datetime) -> Reservation:
    _hold_refuse(award)
    approval = approval_grant(
        organization=award.organization,
        kind=APPROVED_BY_PUBLICATION,
        subject_id=facts.version.public_id,
        granted_at=facts.version.published_at or at,
    )

    def render(frozen: Frozen) -> JsonObject:
        return award_document(facts.version, document_facts(award, facts), frozen=frozen)

    return reserve(
        organization=award.organization,
        data_key=award.recipient.data_key,
        origin=(award.origin_kind, award.origin_id),
        award_public_id=award.public_id,
        document_number=1,
        approval=approval,
        render=render,
        actor=actor,
        at=at,
    )


def _hold_refuse(award: Award) -> None:
    open_holds = AwardHold.objects.filter(released_at__isnull=True)
    if open_holds.filter(origin_kind=award.origin_kind, origin_id=award.origin_id).exists():
        raise AwardOnHold("A registrar stopped this award. It goes on when it is released.")


def _signed(reservation: Reservation, *, actor: Actor, at: datetime) -> SignedCredential:
    award = award_by_id(reservation.award_public_id)
    try:
        _hold_refuse(award)  # again: a hold that came after T1 is visible by now
        signed = sign_reservation(reservation.public_id, actor=actor, at=at)
    except (KeyRetired, ApprovalWithdrawn, AwardOnHold) as error:
        reservation_give_up(reservation, reason=error.code, actor=actor, at=at)
        raise
    reached(Step.SIGNED)
    return signed


def _finished(
    award_id: UUID, reservation: Reservation, signed: SignedCredential, *, actor: Actor, at: datetime
) -> Award:
    with transaction.atomic(durable=True):
        award = Award.objects.select_for_update().get(public_id=award_id)
        if not document_known(award, reservation, signed):
            document_store(award, reservation, signed, at=at)
            _issue(award, reservation, actor=actor, at=at)
        reached(Step.INSIDE_FINISH)
    reached(Step.FINISHED)
    return award


def _issue(award: Award, reservation: Reservation, *, actor: Actor, at: datetime) -> None:
    award.state, award.issued_at = Award.State.ISSUED, at
    award.save(update_fields=["state", "issued_at"])
    new = {"state": "issued", "document": reservation.document_number, "reservation": str(reservation.public_id)}
    award_audit(award, "award.issued", actor=actor, at=at, old={"state": "reserved"}, new=new)
    key = f"award:{award.public_id}:issued:{reservation.document_number}"
    claim_mail(award, key=key, kind="award-issued", at=at)
