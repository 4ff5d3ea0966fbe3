"""The sign step: reservations read together, signed by whoever holds the keys, held against what was reserved.

It takes ids and reads the committed rows itself; what may not be signed is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.foundation.errors import InsigniaError
from insignia.foundation.sealing import Erased
from insignia.issuing import errors
from insignia.issuing.models import KeptSignature
from insignia.issuing.services.reservations import signed_hold
from insignia.issuing.signers import (
    Reading,
    Refusal,
    Signatures,
    reservations_read,
    signable_require,
    signing_backend,
)
from insignia.vc.errors import VcError
from insignia.vc.issue import SignedCredential, assemble

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.issuing.models import Reservation

REFUSALS: Mapping[str, type[InsigniaError]] = {
    kind.code: kind
    for kind in (
        errors.ApprovalWithdrawn,
        errors.KeyNotHeld,
        errors.KeyRetired,
        errors.ReservationNotOpen,
        errors.ReservedElsewhere,
        errors.SignerLimitReached,
        Erased,
    )
}
"""What a signer may answer instead of a signature, as the errors they are here."""


@dataclass(frozen=True)
class SignedReservation:
    """A reservation, its signatures, and both secured forms as they will be stored."""

    reservation: Reservation
    signatures: Signatures
    signed: SignedCredential


@dataclass(frozen=True)
class Unsigned:
    """A reservation that was not signed, and the code of why."""

    reservation_id: UUID
    code: str


def sign_reservation(reservation_id: UUID, *, actor: Actor, at: datetime) -> SignedCredential:
    """Sign what a committed reservation holds. Twice gives the same bytes.

    Raises:
        ReservationNotOpen: finished, abandoned or quarantined.
        ApprovalWithdrawn, KeyRetired: abandon it and burn the slot.
        MarkMissing, DatabaseBehindMark: the database cannot be trusted to be the newest.
        SignerUnavailable, SignerLimitReached, KeyNotHeld: it waits, and is signed later.
        SignedBytesDiffer: the signer gave back something else; the reservation is quarantined now.
        Erased: the person was erased meanwhile.
    """
    reading = reservations_read([reservation_id])
    signable_require(reading.row(reservation_id))
    reading.prepared(reservation_id)
    (answer,) = _signatures(reading, at=at)
    if isinstance(answer, Refusal):
        raise _refused(answer)
    return _held(reading, reservation_id, answer, actor=actor, at=at).signed


def _refused(refusal: Refusal) -> InsigniaError:
    kind = REFUSALS.get(refusal.code, errors.SigningRefused)
    return kind(f"The signer refused this document ({refusal.code}).", reason=refusal.code)


def sign_reservations(ids: Sequence[UUID], *, actor: Actor, at: datetime) -> list[SignedReservation | Unsigned]:
    """Sign what committed reservations hold, in the order asked for. Twice gives the same bytes.

    Raises:
        MarkMissing, DatabaseBehindMark: the database cannot be trusted to be the newest.
        SignerUnavailable: all of them wait, and are signed later.
    """
    reading = reservations_read(ids)
    answers = _signatures(reading, at=at)
    return [
        _taken(reading, public_id, answer, actor=actor, at=at)
        for public_id, answer in zip(reading.ids, answers, strict=True)
    ]


def _signatures(reading: Reading, *, at: datetime) -> Sequence[Signatures | Refusal]:
    answers = signing_backend().signatures(reading, at=at)
    made = {
        reading.row(public_id).pk: answer
        for public_id, answer in zip(reading.ids, answers, strict=True)
        if isinstance(answer, Signatures) and not answer.repeatable
    }
    if not made:
        return answers
    kept = _first_kept(made, at=at)
    return [
        answer if isinstance(answer, Refusal) else kept.get(reading.row(public_id).pk, answer)
        for public_id, answer in zip(reading.ids, answers, strict=True)
    ]


@transaction.atomic(durable=True)
def _first_kept(made: Mapping[int, Signatures], *, at: datetime) -> dict[int, Signatures]:
    """Keep signatures that cannot be made again, or give those that were kept before: the first ones count."""
    KeptSignature.objects.bulk_create(
        (
            KeptSignature(reservation_id=pk, ed25519=one.ed25519, es256=one.es256, kept_at=at)
            for pk, one in made.items()
        ),
        ignore_conflicts=True,
    )
    rows = KeptSignature.objects.filter(pk__among=list(made))
    return {row.pk: Signatures(bytes(row.ed25519), bytes(row.es256), repeatable=False) for row in rows}


def _taken(
    reading: Reading, public_id: UUID, answer: Signatures | Refusal, *, actor: Actor, at: datetime
) -> SignedReservation | Unsigned:
    if isinstance(answer, Refusal):
        return Unsigned(public_id, answer.code)
    try:
        return _held(reading, public_id, answer, actor=actor, at=at)
    except (InsigniaError, VcError) as error:
        return Unsigned(public_id, error.code)


def _held(
    reading: Reading, public_id: UUID, signatures: Signatures, *, actor: Actor, at: datetime
) -> SignedReservation:
    row, prepared = reading.row(public_id), reading.prepared(public_id)
    signed = assemble(prepared, ed25519=signatures.ed25519, es256=signatures.es256)
    signed_hold(row, prepared, signed, actor=actor, at=at)
    return SignedReservation(row, signatures, signed)
