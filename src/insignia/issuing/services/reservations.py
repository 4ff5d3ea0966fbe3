"""What surrounds the sign step (reliability, section 2).

`reserve` runs inside the caller's first transaction and leaves unsigned bytes, keys, slot, approval and a
`signing.intended` row. What is signed afterwards is held against it by a second code path.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.audit.services import audit_record
from insignia.foundation.sealing import seal
from insignia.issuing.errors import SignedBytesDiffer
from insignia.issuing.guard import mark_require
from insignia.issuing.models import Approval, Issuer, Reservation, SigningKey, StatusSlot
from insignia.issuing.prepared import PREPARED_PURPOSE, prepared_of
from insignia.issuing.selectors import issuer_addresses, issuer_of
from insignia.issuing.services.intents import intent_record
from insignia.issuing.services.shapes import Frozen, keys_now, slots_of
from insignia.issuing.services.status import slot_take
from insignia.issuing.signers import approval_require, open_require
from insignia.issuing.sources import OwnIssuers, context_loader
from insignia.vc.errors import SignedBytesMismatch, VcError
from insignia.vc.issue import PreparedCredential, SignedCredential, check_signed, prepare
from insignia.vc.keys import PublicKey
from insignia.vc.verify import NoStatusLists, Outcome, Sources, verify, verify_jwt

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.foundation.models import DataKey
    from insignia.organizations.models import Organization
    from insignia.vc.model.json import JsonObject

SAMPLED_ONE_IN = 1000
"""One signature in so many is also verified by the general path, the one that strangers use."""
VALIDITY = "expiry"
"""The one check that says nothing of what was signed: whether the badge holds today."""


@transaction.atomic
def approval_grant(*, organization: Organization, kind: str, subject_id: UUID, granted_at: datetime) -> Approval:
    """Record (once) what allows signing: the publication of a version, a run, an override."""
    approval, _ = Approval.objects.get_or_create(
        organization=organization, kind=kind, subject_id=subject_id, defaults={"granted_at": granted_at}
    )
    return approval


@transaction.atomic
def approval_withdraw(*, approval: Approval, actor: Actor, at: datetime) -> None:
    """Take an approval back: what is reserved under it and not yet signed never will be."""
    row = Approval.objects.select_for_update().get(pk=approval.pk)
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    audit_record(
        actor=actor,
        at=at,
        action="approval.withdrawn",
        subject=("approval", row.public_id),
        organization_id=row.organization.public_id,
        new={"kind": row.kind, "subject": str(row.subject_id)},
    )


@transaction.atomic
def reserve(
    *,
    organization: Organization,
    data_key: DataKey,
    origin: tuple[str, UUID],
    award_public_id: UUID,
    document_number: int,
    approval: Approval,
    render: Callable[[Frozen], JsonObject],
    actor: Actor,
    at: datetime,
) -> Reservation:
    """Freeze slot, keys and time; render, lint and rehearse the document; store its bytes and the intent.

    Raises:
        IssuerMissing: the organization cannot sign yet.
        MarkMissing, DatabaseBehindMark: the database cannot be trusted to be the newest.
        ApprovalWithdrawn: what allowed this was taken back.
        LintRefused: the document breaks a rule of the specification.
    """
    issuer = issuer_of(organization)
    mark_require(issuer)
    approval_require(approval)
    keys = keys_now(issuer)
    slot = slot_take(issuer, at=at)
    frozen = slots_of(issuer, slot.status_set, at=at).frozen(slot.index)
    prepared = _rehearsed(render(frozen), issuer=issuer, keys=keys, at=at)
    reservation = Reservation.objects.create(
        organization=organization,
        issuer=issuer,
        data_key=data_key,
        origin_kind=origin[0],
        origin_id=origin[1],
        award_public_id=award_public_id,
        document_number=document_number,
        slot=slot,
        ed25519_key=keys[0],
        p256_key=keys[1],
        approval=approval,
        created_at=at,
        sealed_prepared=seal(prepared.stored(), key=data_key, purpose=PREPARED_PURPOSE),
    )
    intent_record(reservation, actor=actor, at=at)
    return reservation


def _rehearsed(
    document: JsonObject, *, issuer: Issuer, keys: tuple[SigningKey, SigningKey], at: datetime
) -> PreparedCredential:
    addresses = issuer_addresses(issuer)
    return prepare(
        document,
        verification_method=addresses.method(keys[0].public_id),
        jwt_kid=addresses.key(keys[1].public_id),
        created=at,
        loader=context_loader(),
    )


def signed_check(reservation: Reservation, signed: SignedCredential) -> None:
    """Hold a stored document against its reservation, by the code path that did not sign it (I3).

    Args:
        reservation: with its keys and shape; who checks many reads them along.
        signed: the stored document's two forms.

    Raises:
        VcError: the bytes differ, or a signature does not fit the recorded key.
        Erased: the person was erased.
    """
    _compare(reservation, prepared_of(reservation), signed)


def _compare(reservation: Reservation, prepared: PreparedCredential, signed: SignedCredential) -> None:
    check_signed(
        signed,
        prepared,
        data_integrity_key=_public(reservation.ed25519_key.public_multibase),
        jwt_key=_public(reservation.p256_key.public_multibase),
    )


@lru_cache(maxsize=64)
def _public(multibase: str) -> PublicKey:
    return PublicKey.from_multibase(multibase)


def signed_hold(
    reservation: Reservation,
    prepared: PreparedCredential,
    signed: SignedCredential,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Hold what was signed against its reservation by a second code path, a sample also by the general path.

    Raises:
        SignedBytesDiffer: it does not fit; the reservation is quarantined now.
    """
    try:
        _compare(reservation, prepared, signed)
        if reservation.public_id.int % SAMPLED_ONE_IN == 0:
            _verify_whole(reservation, signed)
    except VcError as error:
        _quarantine(reservation, reason=error.code, actor=actor, at=at)
        raise SignedBytesDiffer("The signature does not fit the reserved document. It was set aside.") from error


def _verify_whole(reservation: Reservation, signed: SignedCredential) -> None:
    """Verify a sample as a stranger would, from the published keys alone; also of badges that are over by now."""
    sources = Sources(resolver=OwnIssuers(), status_lists=NoStatusLists(), loader=context_loader())
    for report in (
        verify(signed.json_bytes, at=reservation.created_at, sources=sources),
        verify_jwt(signed.jwt, at=reservation.created_at, sources=sources),
    ):
        failed = [
            check.check_id
            for check in report.checks
            if check.outcome is Outcome.FAILED and check.check_id != VALIDITY
        ]
        if failed:
            raise SignedBytesMismatch(f"The general path refuses the signed document: {', '.join(failed)}.")


@transaction.atomic(durable=True)
def _quarantine(reservation: Reservation, *, reason: str, actor: Actor, at: datetime) -> None:
    row = Reservation.objects.select_for_update().get(pk=reservation.pk)
    row.state, row.state_reason = Reservation.State.QUARANTINED, reason
    row.save(update_fields=["state", "state_reason"])
    _audit(row, "signing.quarantined", actor=actor, at=at, new={"reason": reason})


@transaction.atomic
def reservation_finish(reservation: Reservation) -> None:
    """Close a reservation whose document is stored, in the caller's second transaction."""
    row = Reservation.objects.select_for_update().get(pk=reservation.pk)
    open_require(row)
    row.state = Reservation.State.FINISHED
    row.save(update_fields=["state"])
    StatusSlot.objects.filter(pk=row.slot_id).update(state=StatusSlot.State.ISSUED)


@transaction.atomic
def reservation_abandon(reservation: Reservation, *, reason: str, actor: Actor, at: datetime) -> None:
    """Give up a reservation that was not finished: its slot is burned, never handed out again.

    Raises:
        ReservationNotOpen: it is finished; undo is revocation now.
    """
    row = Reservation.objects.select_for_update().get(pk=reservation.pk)
    open_require(row)
    row.state, row.state_reason = Reservation.State.ABANDONED, reason
    row.save(update_fields=["state", "state_reason"])
    StatusSlot.objects.filter(pk=row.slot_id).update(state=StatusSlot.State.BURNED)
    _audit(row, "signing.abandoned", actor=actor, at=at, new={"reason": reason})


def _audit(reservation: Reservation, action: str, *, actor: Actor, at: datetime, new: dict[str, object]) -> None:
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=("reservation", reservation.public_id),
        organization_id=reservation.organization.public_id,
        new=new,
    )
