"""After an older copy of the database was put back: the lists first, then the awards that they speak of.

The lists remember what the database forgot. An award whose bit was set since becomes what its bit says. One that
was corrected since cannot be put back, because its document is gone: it is named, for somebody to correct again.
What the lists leave open is decided on the safe side, and named too.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from insignia.audit.actor import Actor
from insignia.audit.services import Entry, audit_record, audit_record_many
from insignia.awards.decisions import DECISION
from insignia.awards.models import Award, AwardChange, AwardCorrection, AwardDocument, AwardHold
from insignia.awards.services.claims import claim_mails_cancel
from insignia.issuing.models import Purpose, Reservation, StatusEvent
from insignia.issuing.selectors import bits_now
from insignia.issuing.services import RecoveryReport, recover, reservation_abandon, status_change_many

if TYPE_CHECKING:
    from insignia.vc.status import BitstringList

log = logging.getLogger(__name__)
FOLLOW = Actor.system("awards.recovery")
FORGOTTEN = "The published status list says so. The register was put back from a backup; the reason is lost."
STOPPED = {
    "revoked": "Signed and revoked after the backup that the register was put back from; the reason is lost.",
    "suspended": "Signed and paused after the backup that the register was put back from; the reason is lost.",
}
"""Why an award is on hold that was being signed at the backup, by what the lists say of it."""
PURPOSES = {"revoked": Purpose.REVOCATION, "suspended": Purpose.SUSPENSION}
Place = tuple[int, int]
"""Where a document's bits lie: its set and its index."""


@dataclass(frozen=True)
class AwardsRecovery:
    """What was done: to the lists, and to awards; each tuple names awards that somebody has to look at.

    corrected  have to be corrected again
    unclear    are revoked, though it may only have been their earlier document that was
    stopped    were being signed at the backup and were taken back since: on hold, or left to their run to finish
    lifted     are paused, and the pause was lifted after the backup
    """

    lists: RecoveryReport
    revoked: int
    suspended: int
    corrected: tuple[UUID, ...] = ()
    unclear: tuple[UUID, ...] = ()
    stopped: tuple[UUID, ...] = ()
    lifted: tuple[UUID, ...] = ()


@transaction.atomic
def awards_recover(
    *,
    documents: Sequence[bytes] = (),
    burn: int = 0,
    accept_lost_lists: bool = False,
    actor: Actor,
    at: datetime,
) -> AwardsRecovery:
    """Bring an older copy up to the mark, and let the awards say what the published lists say.

    Raises:
        RecoveryDocumentUnusable: a document is not a status list that one of our issuers signed.
        RecoveryListsMissing: a list was published later than any of it that is here.
    """
    report = recover(documents=documents, burn=burn, accept_lost_lists=accept_lost_lists, actor=actor, at=at)
    waiting = _waiting(bits_now())
    found = _said_by_lists(waiting)
    for state, award_ids in (("revoked", found.revoked), ("suspended", found.suspended)):
        _follow(award_ids, state, actor=actor, at=at)
    _wishes_abandon(found.revoked, waiting, actor=actor, at=at)
    stopped = [one.award_id for one in waiting.values() if _stop(one, actor=actor, at=at)]
    to_come = [one.award_id for one in waiting.values() if one.is_first and one.said == {"refresh"}]
    return AwardsRecovery(
        report,
        len(found.revoked),
        len(found.suspended),
        corrected=(*_public_ids(found.corrected), *to_come),
        unclear=_public_ids(found.unclear),
        stopped=tuple(stopped),
        lifted=_lifted(report.lifted),
    )


def _public_ids(award_ids: Sequence[int]) -> tuple[UUID, ...]:
    return tuple(Award.objects.filter(pk__in=award_ids).order_by("pk").values_list("public_id", flat=True))


# ---- what the lists say ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Waiting:
    """A document that waited for its signature at the backup, and what the lists say of it since."""

    reservation: Reservation
    said: frozenset[str]

    @property
    def award_id(self) -> UUID:
        return self.reservation.award_public_id

    @property
    def is_first(self) -> bool:
        return self.reservation.document_number == 1

    @property
    def may_be_signed(self) -> bool:
        return self.reservation.ed25519_key.retired_at is None and self.reservation.p256_key.retired_at is None


@dataclass
class _Found:
    """Awards (by row) whose current document the lists know more of than the register does."""

    revoked: list[int] = field(default_factory=list)
    suspended: list[int] = field(default_factory=list)
    corrected: list[int] = field(default_factory=list)
    unclear: list[int] = field(default_factory=list)


def _waiting(bits: Mapping[tuple[int, str], BitstringList]) -> dict[tuple[UUID, int], _Waiting]:
    rows = Reservation.objects.filter(state=Reservation.State.RESERVED).defer("sealed_prepared")
    related = ("slot", "organization", "ed25519_key", "p256_key")
    return {
        (row.award_public_id, row.document_number): _Waiting(
            row, _said(bits, (row.slot.status_set_id, row.slot.index))
        )
        for row in rows.select_related(*related).order_by("id")
    }


def _said(bits: Mapping[tuple[int, str], BitstringList], place: Place) -> frozenset[str]:
    return frozenset(purpose for purpose in Purpose.values if bits[place[0], purpose].get(place[1]))


def _said_by_lists(waiting: Mapping[tuple[UUID, int], _Waiting]) -> _Found:
    bits, found, wishes = bits_now(), _Found(), _wishes_open()
    fields = ("award_id", "award__public_id", "number", "award__state")
    place = ("reservation__slot__status_set_id", "reservation__slot__index")
    states = (Award.State.ISSUED, Award.State.SUSPENDED)
    current = AwardDocument.objects.filter(superseded_at__isnull=True, award__state__in=states)
    for award_id, public_id, number, state, *slot in current.values_list(*fields, *place).iterator():
        said, following = _said(bits, (slot[0], slot[1])), waiting.get((public_id, number + 1))
        if said or (following and following.said):
            _judge(found, award_id, state, said, wish=wishes.get(award_id), following=following)
    return found


def _wishes_open() -> dict[int, AwardCorrection]:
    rows = AwardCorrection.objects.filter(finished_at__isnull=True, abandoned_at__isnull=True)
    return {wish.award_id: wish for wish in rows}


def _judge(
    found: _Found,
    award_id: int,
    state: str,
    said: frozenset[str],
    *,
    wish: AwardCorrection | None,
    following: _Waiting | None,
) -> None:
    """Sort one award by the bits of its document and of the one that was to follow it.

    A correction of substance revokes the earlier document, and so does the revocation of the award: where they
    cannot be told apart, the award is revoked. A correction that was open at the backup, and is finished now, can.
    """
    after = following.said if following else frozenset()
    is_explained = (
        "refresh" in said
        and wish is not None
        and wish.is_substantial
        and following is not None
        and following.may_be_signed
    )
    if "revocation" in after or ("revocation" in said and not is_explained):
        found.revoked.append(award_id)
        if "refresh" in after or ("refresh" in said and "revocation" not in after):
            found.unclear.append(award_id)
        return
    if "suspension" in said | after and state == Award.State.ISSUED:
        found.suspended.append(award_id)
    if "refresh" in after or ("refresh" in said and wish is None):
        found.corrected.append(award_id)


def _lifted(places: Sequence[Place]) -> tuple[UUID, ...]:
    rows = AwardDocument.objects.filter(superseded_at__isnull=True, award__state=Award.State.SUSPENDED)
    slots = ("reservation__slot__status_set_id", "reservation__slot__index")
    found = rows.order_by("award_id").values_list("award__public_id", *slots)
    wanted = set(places)
    return tuple(award_id for award_id, *place in found if tuple(place) in wanted) if wanted else ()


# ---- what follows for awards ----------------------------------------------------------------------------------


def _follow(award_ids: Sequence[int], state: str, *, actor: Actor, at: datetime) -> None:
    """Let awards take the state that their bits give them; whoever holds them was told when it happened."""
    awards = Award.objects.filter(pk__in=award_ids).select_related("organization")
    by_organization: dict[UUID, list[Entry]] = {}
    for award in awards:
        entry = Entry(
            ("award", award.public_id), old={"state": award.state}, new={"state": state, "recovered": True}
        )
        by_organization.setdefault(award.organization.public_id, []).append(entry)
    moments = _bits_set(award_ids, PURPOSES[state], at=at)
    AwardChange.objects.bulk_create(
        AwardChange(award=award, kind=state, reason=FORGOTTEN, at=moments[award.pk]) for award in awards
    )
    for organization_id, entries in by_organization.items():
        action = f"award.{state}"
        audit_record_many(actor=actor, at=at, action=action, organization_id=organization_id, entries=entries)
    Award.objects.filter(pk__in=award_ids).update(state=state)
    if state == "revoked":
        claim_mails_cancel([award.public_id for award in awards], at=at)


def _bits_set(award_ids: Sequence[int], purpose: str, *, at: datetime) -> dict[int, datetime]:
    """Let all documents of these awards say so, as when it was done here; give when each award's first did."""
    documents = AwardDocument.objects.filter(award__in=award_ids).select_related("reservation__slot")
    slots = {row.reservation.slot: row.award_id for row in documents.defer("reservation__sealed_prepared")}
    if slots:
        status_change_many(slots=list(slots), purpose=purpose, value=True, at=at)
    owners = {slot.pk: award_id for slot, award_id in slots.items()}
    moments: dict[int, datetime] = {}
    events = StatusEvent.objects.filter(slot__among=list(owners), status_list__purpose=purpose, value=True)
    for slot_id, moment in events.order_by("at").values_list("slot_id", "at"):
        moments.setdefault(owners[slot_id], moment)
    return moments


def _wishes_abandon(
    revoked: Sequence[int], waiting: Mapping[tuple[UUID, int], _Waiting], *, actor: Actor, at: datetime
) -> None:
    """Give up the next documents of awards that are revoked now."""
    ids = dict(Award.objects.filter(pk__in=revoked).values_list("pk", "public_id"))
    for award_id, wish in _wishes_open().items():
        if award_id not in ids:
            continue
        if (following := waiting.get((ids[award_id], wish.number))) is not None:
            reservation_abandon(following.reservation, reason="revoked", actor=actor, at=at)
        wish.abandoned_at = at
        wish.save(update_fields=["abandoned_at"])


# ---- what was being signed at the backup ----------------------------------------------------------------------


def _stop(one: _Waiting, *, actor: Actor, at: datetime) -> bool:
    """Keep a first document from being signed as if nothing had happened; say whether it had to be.

    Whoever has it holds a document whose list says what became of it. Here nobody can say why: a registrar has to
    look. Those of a run have no award yet that could be held; the run finishes them, the sweep takes them back.
    """
    reservation = one.reservation
    if not one.is_first or not one.said & {"revocation", "suspension"}:
        return False
    origin = {"origin_kind": reservation.origin_kind, "origin_id": reservation.origin_id}
    hold, is_new = AwardHold.objects.get_or_create(
        **origin,
        released_at=None,
        defaults={
            "organization": reservation.organization,
            "reason": STOPPED["revoked" if "revocation" in one.said else "suspended"],
            "held_at": at,
        },
    )
    if is_new:
        _hold_audit(hold, "award.held", actor=actor, at=at)
    if reservation.origin_kind == DECISION:
        reservation_abandon(reservation, reason="held", actor=actor, at=at)
    return True


def recovered_follow(at: datetime) -> None:
    """Take back what runs signed meanwhile of that which was taken back before; nobody gets a mail of it."""
    made = Award.objects.filter(origin_kind=OuterRef("origin_kind"), origin_id=OuterRef("origin_id"))
    signed = Exists(made.exclude(state=Award.State.RESERVED))
    waiting = AwardHold.objects.filter(signed, released_at__isnull=True).exclude(origin_kind=DECISION)
    for hold in waiting.order_by("id"):
        try:
            _hold_follow(hold.pk, at=at)
        except Exception:  # one that cannot be taken back holds up no other; the log has its traceback
            log.exception("%s %s cannot be taken back", hold.origin_kind, hold.origin_id)


@transaction.atomic
def _hold_follow(hold_pk: int, *, at: datetime) -> None:
    hold = AwardHold.objects.select_for_update().select_related("organization").get(pk=hold_pk)
    awards = Award.objects.select_for_update().exclude(state=Award.State.RESERVED)
    award = awards.filter(origin_kind=hold.origin_kind, origin_id=hold.origin_id).first()
    if award is None or hold.released_at is not None:
        return
    state = "suspended" if hold.reason == STOPPED["suspended"] else "revoked"
    if award.state == Award.State.ISSUED:
        claim_mails_cancel([award.public_id], at=at)
        _follow([award.pk], state, actor=FOLLOW, at=at)
    hold.released_at = at
    hold.save(update_fields=["released_at"])
    _hold_audit(hold, "award.released", actor=FOLLOW, at=at)


def _hold_audit(hold: AwardHold, action: str, *, actor: Actor, at: datetime) -> None:
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=(hold.origin_kind, hold.origin_id),
        organization_id=hold.organization.public_id,
        new={"hold": str(hold.public_id), "recovered": True},
    )
