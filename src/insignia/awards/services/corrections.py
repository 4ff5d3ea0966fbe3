"""The next document of an award: corrected, or the same again under a new key. Its address never changes.

    0. wish     what the document is to say and why, with its reservation (T1); committed
    1. sign     outside any transaction, by issuing, from the committed reservation
    2. finish   T2: the new document, the old one superseded, status bits, record and mail; committed
A sweep finishes what a crash left between; the wish says all it needs.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.achievements.rules import Renewal, content_from_json
from insignia.audit.actor import Actor
from insignia.awards.credential import document_again, said_by
from insignia.awards.errors import (
    AwardAlreadyRevoked,
    AwardAlreadySuspended,
    AwardedAhead,
    AwardNotIssued,
    CorrectionChangesNothing,
    CorrectionOutdated,
    CorrectionUnfinished,
    CorrectionUnusable,
    RenewalNeedsAssessment,
    RenewalNotDue,
)
from insignia.awards.letters import day_in_words, letter_context
from insignia.awards.models import Award, AwardCorrection, AwardDocument
from insignia.awards.rules import (
    Said,
    corrected_facts,
    is_awarded_ahead,
    is_renewable,
    is_substantial,
    renewed_until,
    said_from_json,
    said_to_json,
)
from insignia.awards.selectors import award_by_id, document_current, document_json
from insignia.awards.services.documents import (
    document_known,
    document_store,
    quarantine_refuse,
    reservation_give_up,
)
from insignia.awards.services.recording import award_audit, reason_checked, registrar_require
from insignia.awards.steps import Step, reached
from insignia.foundation.errors import InsigniaError
from insignia.foundation.sealing import seal, unseal
from insignia.issuing.errors import ApprovalWithdrawn, KeyRetired, ReservationNotOpen
from insignia.issuing.selectors import reservation_of
from insignia.issuing.services import (
    Frozen,
    approval_grant,
    reservation_abandon,
    reserve,
    sign_reservation,
    status_change,
)
from insignia.outbox.services import message_queue
from insignia.vc.errors import VcError

if TYPE_CHECKING:
    from insignia.foundation.localized import Localized
    from insignia.issuing.models import Reservation
    from insignia.vc.issue import SignedCredential
    from insignia.vc.model.json import JsonObject

log = logging.getLogger(__name__)
CORRECTIONS = Actor.system("awards.corrections")
APPROVED_BY_CORRECTION = "correction"
SAID_PURPOSE = "award-correction"
REISSUED = "The same badge, signed with the new key."
ACTIONS = {"correction": "award.corrected", "reissue": "award.reissued", "renewal": "award.renewed"}
MAILS = {"correction": "award-corrected", "renewal": "award-renewed"}
KEY_TRIES = 3
NAME_LONGEST = 200


def award_correct(
    *,
    award_id: UUID,
    said: Said,
    reason: str,
    actor: Actor,
    at: datetime,
    expected_document: int | None = None,
) -> Award:
    """Let a new signed document say it right. The badge keeps its address; the earlier document is superseded.

    Where another day is said than before, the earlier document is revoked as well.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardNotIssued, AwardAlreadyRevoked, CorrectionUnfinished: its state does not allow it.
        CorrectionChangesNothing, CorrectionUnusable, AwardedAhead, ReasonMissing: what was asked for.
        CorrectionOutdated: its current document is not the expected one.
        IssuerMissing, MarkMissing, DatabaseBehindMark: the issuer cannot sign.
    """
    kind = AwardCorrection.Kind.CORRECTION
    wish = _wish(award_id, kind, said=said, reason=reason, actor=actor, at=at, expected_document=expected_document)
    return correction_finish(wish.public_id, actor=actor, at=at)


def award_reissue(*, award_id: UUID, actor: Actor, at: datetime, reason: str = REISSUED) -> Award:
    """Sign the same again with today's key, as the award's next document.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardNotIssued, AwardAlreadyRevoked, CorrectionUnfinished: its state does not allow it.
        CorrectionChangesNothing: today's key signed it.
        IssuerMissing, MarkMissing, DatabaseBehindMark: the issuer cannot sign.
    """
    wish = _wish(award_id, AwardCorrection.Kind.REISSUE, said=None, reason=reason, actor=actor, at=at)
    return correction_finish(wish.public_id, actor=actor, at=at)


def award_renew(*, award_id: UUID, reason: str, actor: Actor, at: datetime) -> Award:
    """Confirm that what the badge says still holds: its next document ends later. The earlier one stays true.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        AwardNotIssued, AwardAlreadyRevoked, AwardAlreadySuspended, CorrectionUnfinished: its state.
        RenewalNotDue, RenewalNeedsAssessment: its end, or what its badge says about renewal.
        ReasonMissing: on what ground.
        IssuerMissing, MarkMissing, DatabaseBehindMark: the issuer cannot sign.
    """
    wish = _wish(award_id, AwardCorrection.Kind.RENEWAL, said=None, reason=reason, actor=actor, at=at)
    return correction_finish(wish.public_id, actor=actor, at=at)


def corrections_converge(at: datetime) -> int:
    """Finish every correction that a crash or a lost key left half done; return how many."""
    unfinished = AwardCorrection.objects.filter(finished_at__isnull=True, abandoned_at__isnull=True)
    done = 0
    for correction_id in unfinished.order_by("id").values_list("public_id", flat=True):
        try:
            correction_finish(correction_id, actor=CORRECTIONS, at=at)
            done += 1
        except (InsigniaError, VcError) as error:
            log.warning("correction %s waits: %s %s", correction_id, error.code, error)
        except Exception:  # one broken row never holds up the others; the log has its traceback
            log.exception("correction %s cannot be finished", correction_id)
    return done


@transaction.atomic(durable=True)
def _wish(
    award_id: UUID,
    kind: AwardCorrection.Kind,
    *,
    said: Said | None,
    reason: str,
    actor: Actor,
    at: datetime,
    expected_document: int | None = None,
) -> AwardCorrection:
    found = award_by_id(award_id)
    person = registrar_require(actor, found.organization)
    text = reason_checked(reason)
    award = _correctable(found)
    current = document_current(award)
    if expected_document not in {None, current.number}:
        raise CorrectionOutdated("This badge was changed meanwhile. Look at it again.")
    before = said_by(document_json(award, current))
    if kind == AwardCorrection.Kind.RENEWAL:
        wanted = replace(before, valid_until=renewal_end(award, at=at))
    else:
        wanted = before if said is None else _usable(said)
        if is_awarded_ahead(before, wanted, at=at):
            sentence = "A badge cannot have been awarded on a day to come."
            raise AwardedAhead(sentence, fields={"awarded_at": sentence})
    changed = corrected_facts(before, wanted)
    if not changed and (kind != AwardCorrection.Kind.REISSUE or not _has_old_key(current)):
        raise CorrectionChangesNothing("This is what the badge says already. Nothing changed.")
    wish = AwardCorrection.objects.create(
        award=award,
        number=current.number + 1,
        kind=kind,
        sealed_said=seal(
            json.dumps(said_to_json(wanted)).encode(), key=award.recipient.data_key, purpose=SAID_PURPOSE
        ),
        changed=list(changed),
        is_substantial=kind == AwardCorrection.Kind.CORRECTION and is_substantial(changed),
        reason=text,
        at=at,
        by=person,
    )
    _reservation_for(wish, actor=actor, at=at)
    return wish


def _correctable(found: Award) -> Award:
    award = Award.objects.select_for_update().get(pk=found.pk)
    if award.state == Award.State.RESERVED:
        raise AwardNotIssued("This badge is not signed yet. Hold it instead.")
    if award.state == Award.State.REVOKED:
        raise AwardAlreadyRevoked("This badge was revoked before. Nothing changed.")
    if award.corrections.filter(finished_at__isnull=True, abandoned_at__isnull=True).exists():
        raise CorrectionUnfinished("A correction of this badge is being signed. Look again in a moment.")
    return award


def renewal_end(award: Award, *, at: datetime) -> datetime:
    """Say when a badge ends that is renewed by attestation now.

    Raises:
        AwardAlreadySuspended, RenewalNeedsAssessment, RenewalNotDue: it is not.
    """
    content = content_from_json(award.version.content)
    if award.state == Award.State.SUSPENDED:
        raise AwardAlreadySuspended("This badge is paused. Lift the pause first.")
    if content.renewal != Renewal.ATTESTATION:
        raise RenewalNeedsAssessment("This badge is renewed by being judged anew.")
    until, months = award.valid_until, content.validity_months
    if until is None or months is None or not is_renewable(until, months=months, on=at):
        raise RenewalNotDue("A badge is renewed in the last third of its validity, or up to a year after its end.")
    return renewed_until(
        until,
        months=months,
        on=at,
        time_zone=award.organization.time_zone,
    )


def _has_old_key(document: AwardDocument) -> bool:
    return document.reservation.ed25519_key.retired_at is not None


def _usable(said: Said) -> Said:
    name = said.name.strip()
    if len(name) > NAME_LONGEST or not name.isprintable():
        sentence = f"A name has up to {NAME_LONGEST} characters, all of them visible."
        raise CorrectionUnusable(sentence, fields={"name": sentence})
    if said.valid_until is not None and said.valid_until <= said.valid_from:
        sentence = "The last day comes after the first."
        raise CorrectionUnusable(sentence, fields={"valid_until": sentence})
    return said_from_json(said_to_json(replace(said, name=name)))  # in whole seconds, as documents have them


def _said_of(wish: AwardCorrection) -> Said:
    key = wish.award.recipient.data_key
    return said_from_json(json.loads(unseal(bytes(wish.sealed_said), key=key, purpose=SAID_PURPOSE)))


def correction_finish(correction_id: UUID, *, actor: Actor, at: datetime) -> Award:
    """Take a committed wish to its end, from wherever an earlier try left it.

    Raises:
        AwardAlreadyRevoked, ReservationNotOpen, AwardQuarantined: it does not come to its end now.
        IssuerMissing, MarkMissing, DatabaseBehindMark: the issuer cannot sign.
    """
    for _ in range(KEY_TRIES):
        wish = _wish_get(correction_id)
        if wish.finished_at is not None:
            return wish.award
        if wish.abandoned_at is not None:
            raise AwardAlreadyRevoked("This badge was revoked before. Nothing changed.")
        reservation = _reservation_committed(wish, actor=actor, at=at)
        quarantine_refuse(reservation)
        try:
            signed = sign_reservation(reservation.public_id, actor=actor, at=at)
            return _finished(wish, reservation, signed, actor=actor, at=at)
        except (KeyRetired, ApprovalWithdrawn) as error:
            reservation_give_up(reservation, reason=error.code, actor=actor, at=at)
        except ReservationNotOpen:
            log.info("correction %s is finished elsewhere", correction_id)
    raise ReservationNotOpen("This correction is being signed elsewhere. Look again in a moment.")


def _wish_get(correction_id: UUID) -> AwardCorrection:
    related = ("award__organization", "award__recipient__data_key", "award__recipient__person", "award__version")
    return AwardCorrection.objects.select_related(*related).get(public_id=correction_id)


@transaction.atomic(durable=True)
def _reservation_committed(wish: AwardCorrection, *, actor: Actor, at: datetime) -> Reservation:
    Award.objects.select_for_update().get(pk=wish.award_id)
    return _reservation_for(wish, actor=actor, at=at)


def _reservation_for(wish: AwardCorrection, *, actor: Actor, at: datetime) -> Reservation:
    """Find the reservation of the wished document, or make it, in the caller's transaction."""
    award, origin = wish.award, (wish.award.origin_kind, wish.award.origin_id)
    open_one = reservation_of(origin_kind=origin[0], origin_id=origin[1], number=wish.number)
    if open_one is not None:
        return open_one
    signed, said = document_json(award, document_current(award)), _said_of(wish)

    def render(frozen: Frozen) -> JsonObject:
        return document_again(signed, said, frozen=frozen)

    return reserve(
        organization=award.organization,
        data_key=award.recipient.data_key,
        origin=origin,
        award_public_id=award.public_id,
        document_number=wish.number,
        approval=approval_grant(
            organization=award.organization,
            kind=APPROVED_BY_CORRECTION,
            subject_id=wish.public_id,
            granted_at=wish.at,
        ),
        render=render,
        actor=actor,
        at=at,
    )


def _finished(
    wish: AwardCorrection, reservation: Reservation, signed: SignedCredential, *, actor: Actor, at: datetime
) -> Award:
    reached(Step.SIGNED)
    with transaction.atomic(durable=True):
        award = Award.objects.select_for_update().get(pk=wish.award_id)
        if award.state == Award.State.REVOKED:
            _abandon(wish, reservation, actor=actor, at=at)
        elif not document_known(award, reservation, signed):
            _replace(award, wish, reservation, signed, actor=actor, at=at)
        reached(Step.INSIDE_FINISH)
    if award.state == Award.State.REVOKED:
        raise AwardAlreadyRevoked("This badge was revoked before. Nothing changed.")
    return award


def _abandon(wish: AwardCorrection, reservation: Reservation, *, actor: Actor, at: datetime) -> None:
    """Give the wish up: the award was revoked before its next document was signed."""
    reservation_abandon(reservation, reason="revoked", actor=actor, at=at)
    wish.abandoned_at = at
    wish.save(update_fields=["abandoned_at"])


def _replace(
    award: Award,
    wish: AwardCorrection,
    reservation: Reservation,
    signed: SignedCredential,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    old, said = document_current(award), _said_of(wish)
    before = said_by(document_json(award, old))
    old.superseded_at = at
    old.save(update_fields=["superseded_at"])
    document = document_store(award, reservation, signed, at=at)
    _bits_set(award, wish, old=old, new=document, at=at)
    _columns_follow(award, said)
    wish.finished_at = at
    wish.save(update_fields=["finished_at"])
    award_audit(
        award,
        ACTIONS[wish.kind],
        actor=actor,
        at=at,
        old={"document": old.number},
        new={"document": document.number, "changed": wish.changed, "revoked": wish.is_substantial},
        personal={"old": said_to_json(before), "new": said_to_json(said), "reason": wish.reason},
    )
    if wish.kind in MAILS:
        _tell(award, wish, at=at)


def _bits_set(
    award: Award, wish: AwardCorrection, *, old: AwardDocument, new: AwardDocument, at: datetime
) -> None:
    status_change(slot=old.reservation.slot, purpose="refresh", value=True, at=at)
    if wish.is_substantial:
        status_change(slot=old.reservation.slot, purpose="revocation", value=True, at=at)
    if award.state == Award.State.SUSPENDED:
        status_change(slot=new.reservation.slot, purpose="suspension", value=True, at=at)


def _columns_follow(award: Award, said: Said) -> None:
    """Let the columns say what the document says; the name of somebody with an account is theirs to change."""
    award.awarded_at, award.valid_from, award.valid_until = said.awarded_at, said.valid_from, said.valid_until
    award.save(update_fields=["awarded_at", "valid_from", "valid_until"])
    if award.recipient.person is None and award.recipient.name != said.name:
        award.recipient.name = said.name
        award.recipient.save(update_fields=["name"])


def _tell(award: Award, wish: AwardCorrection, *, at: datetime) -> None:
    recipient = award.recipient
    message_queue(
        kind=MAILS[wish.kind],
        key=f"award:{award.public_id}:document:{wish.number}",
        recipient=recipient.address,
        language=recipient.mail_language,
        context=letter_context(award, reason=wish.reason, changed=wish.changed, until=end_in_words(award)),
        data_key=recipient.data_key,
        organization_id=award.organization.public_id,
        at=at,
    )


def end_in_words(award: Award) -> Localized:
    """Write the day of an award's end as its organization has it; nothing where it has none."""
    if award.valid_until is None:
        return {}
    return day_in_words(award.valid_until, time_zone=award.organization.time_zone)
