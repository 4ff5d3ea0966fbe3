"""Taking awards back before anybody was told: their mails are never sent, and they are revoked without a word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.audit.services import Entry, audit_record_many
from insignia.awards.models import Award, AwardChange, AwardDocument
from insignia.awards.services.changes import award_revoke
from insignia.awards.services.claims import claim_mails_cancel
from insignia.awards.services.documents import reservation_give_up
from insignia.awards.services.recording import reason_checked, registrar_require
from insignia.issuing.selectors import reservation_get
from insignia.issuing.services import reservations_waiting, status_change_many

if TYPE_CHECKING:
    from insignia.audit.actor import Actor

REVOCABLE = (Award.State.ISSUED, Award.State.SUSPENDED)


@transaction.atomic
def awards_undo(*, award_ids: Collection[UUID], reason: str, actor: Actor, at: datetime) -> int:
    """Revoke these awards of one organization, silently where no mail told of them; give how many. Safe twice.

    Raises:
        NotFound, NotAllowed: only the issuer's registrars and owners can.
        ReasonMissing: no reason.
    """
    text = reason_checked(reason)
    rows = Award.objects.select_for_update(of=("self",)).select_related("organization")
    awards = list(rows.filter(public_id__among=list(award_ids), state__in=REVOCABLE).order_by("pk"))
    if not awards:
        return 0
    registrar_require(actor, awards[0].organization)
    told = claim_mails_cancel([award.public_id for award in awards], at=at)
    _revoke_silently([award for award in awards if award.public_id not in told], text, actor=actor, at=at)
    for award_id in told:
        award_revoke(award_id=award_id, reason=text, actor=actor, at=at)
    return len(awards)


def _revoke_silently(awards: Sequence[Award], reason: str, *, actor: Actor, at: datetime) -> None:
    if not awards:
        return
    documents = AwardDocument.objects.filter(award__in=awards).select_related("reservation__slot")
    slots = [document.reservation.slot for document in documents]
    status_change_many(slots=slots, purpose="revocation", value=True, at=at)
    person = registrar_require(actor, awards[0].organization)
    AwardChange.objects.bulk_create(
        AwardChange(award=award, kind=AwardChange.Kind.REVOKED, reason=reason, at=at, by=person)
        for award in awards
    )
    entries = [
        Entry(("award", award.public_id), old={"state": award.state}, new={"state": "revoked", "undone": True})
        for award in awards
    ]
    audit_record_many(
        actor=actor,
        at=at,
        action="award.revoked",
        organization_id=awards[0].organization.public_id,
        entries=entries,
    )
    Award.objects.filter(pk__among=[award.pk for award in awards]).update(state=Award.State.REVOKED)


def origins_settle(
    *, kinds: Sequence[str], origin_ids: Collection[UUID], actor: Actor, at: datetime
) -> dict[UUID, UUID]:
    """Close origins from which nothing more may follow: give their awards, give up what is only reserved.

    Call it when the approval is withdrawn: then nobody reserves again behind it.
    """
    for reservation_id in reservations_waiting(
        {(kind, origin_id) for kind in kinds for origin_id in origin_ids}
    ).values():
        reservation_give_up(reservation_get(reservation_id), reason="stopped", actor=actor, at=at)
    made = Award.objects.filter(origin_kind__in=kinds, origin_id__among=list(origin_ids))
    return dict(made.exclude(state=Award.State.RESERVED).values_list("origin_id", "public_id"))
