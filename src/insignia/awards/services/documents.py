"""Storing what was signed: the steps that a first document and every later one share."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from insignia.awards.errors import AwardQuarantined, DocumentDiffers
from insignia.awards.models import AwardDocument
from insignia.awards.selectors import DOCUMENT_PURPOSE_JSON, DOCUMENT_PURPOSE_JWT
from insignia.foundation.ids import new_id
from insignia.foundation.sealing import seal
from insignia.issuing.errors import ReservationNotOpen
from insignia.issuing.services import reservation_abandon, reservation_finish

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.awards.models import Award
    from insignia.foundation.sealing import OpenKey
    from insignia.issuing.models import Reservation
    from insignia.issuing.services import SignedReservation
    from insignia.vc.issue import SignedCredential

log = logging.getLogger(__name__)
DOCUMENT_COLUMNS = (
    "id", "public_id", "award_id", "number", "reservation_id", "sealed_json", "sealed_jwt", "ed25519_signature",
    "es256_signature", "json_sha256", "jwt_sha256", "signed_at", "superseded_at",
)  # fmt: skip


def document_known(award: Award, reservation: Reservation, signed: SignedCredential) -> bool:
    """Say whether an earlier try stored this very document.

    Raises:
        DocumentDiffers: one with this number is there, and it is another one.
    """
    stored = AwardDocument.objects.filter(award=award, number=reservation.document_number).first()
    if stored is None:
        return False
    if (stored.json_sha256, stored.jwt_sha256) != digests_of(signed):
        raise DocumentDiffers("This award has a document already, and it is another one.")
    return True


def document_store(
    award: Award, reservation: Reservation, signed: SignedCredential, *, at: datetime
) -> AwardDocument:
    """Store a signed document, sealed, and close its reservation, in the caller's second transaction."""
    key = award.recipient.data_key
    json_sha256, jwt_sha256 = digests_of(signed)
    reservation_finish(reservation)
    return AwardDocument.objects.create(
        award=award,
        number=reservation.document_number,
        reservation=reservation,
        sealed_json=seal(signed.json_bytes, key=key, purpose=DOCUMENT_PURPOSE_JSON),
        sealed_jwt=seal(signed.jwt.encode(), key=key, purpose=DOCUMENT_PURPOSE_JWT),
        json_sha256=json_sha256,
        jwt_sha256=jwt_sha256,
        signed_at=signed_moment(reservation, at=at),
    )


def document_row(
    pk: int, award_pk: int, one: SignedReservation, *, key: OpenKey, at: datetime
) -> tuple[object, ...]:
    """Write a signed document as a row of `DOCUMENT_COLUMNS`; of one with a shape only the signatures are kept."""
    reservation = one.reservation
    if reservation.shape_id is None:
        sealed = (
            key.seal(one.signed.json_bytes, purpose=DOCUMENT_PURPOSE_JSON),
            key.seal(one.signed.jwt.encode(), purpose=DOCUMENT_PURPOSE_JWT),
        )
        kept: tuple[bytes, ...] = (*sealed, b"", b"")
    else:
        kept = (b"", b"", one.signatures.ed25519, one.signatures.es256)
    return (
        pk, new_id(), award_pk, reservation.document_number, reservation.pk, *kept, *digests_of(one.signed),
        signed_moment(reservation, at=at), None,
    )  # fmt: skip


def signed_moment(reservation: Reservation, *, at: datetime) -> datetime:
    """Say when a document counts as signed: never before it was reserved, even if the clock was set back."""
    return max(at, reservation.created_at)


def digests_of(signed: SignedCredential) -> tuple[str, str]:
    """Hash both secured forms, as their row notes them."""
    return hashlib.sha256(signed.json_bytes).hexdigest(), hashlib.sha256(signed.jwt.encode()).hexdigest()


def quarantine_refuse(reservation: Reservation) -> None:
    """Go no further with a reservation whose signature was set aside.

    Raises:
        AwardQuarantined: an operator has to look.
    """
    if reservation.state == reservation.State.QUARANTINED:
        raise AwardQuarantined("A signature of this badge did not fit and was set aside. Run insignia doctor.")


@transaction.atomic(durable=True)
def reservation_give_up(reservation: Reservation, *, reason: str, actor: Actor, at: datetime) -> None:
    """Abandon a reservation that may not be signed any more, unless somebody closed it meanwhile."""
    try:
        reservation_abandon(reservation, reason=reason, actor=actor, at=at)
    except ReservationNotOpen:
        log.info("reservation %s was closed meanwhile", reservation.public_id)
