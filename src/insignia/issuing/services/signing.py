"""The sign step for the reservations of a chunk: read together, judged and signed one by one.

Like `sign_reservation` it takes ids and reads the committed rows itself; what it may not sign it names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from insignia.foundation.errors import InsigniaError
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import sealed_open
from insignia.issuing.models import Approval, DocumentShape, Issuer, Reservation, SigningKey
from insignia.issuing.prepared import prepared_of
from insignia.issuing.services.guard import mark_follow, mark_require
from insignia.issuing.services.reservations import approval_require, keys_require, open_require, signed_hold
from insignia.issuing.services.status import signer_of
from insignia.vc.errors import VcError
from insignia.vc.issue import SignedCredential, assemble

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.vc.keys import LocalSigner


@dataclass(frozen=True)
class Signatures:
    """The two signatures over what one reservation holds, 64 bytes each."""

    ed25519: bytes
    es256: bytes


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


def sign_reservations(ids: Sequence[UUID], *, actor: Actor, at: datetime) -> list[SignedReservation | Unsigned]:
    """Sign what committed reservations hold, in the order asked for. Twice gives the same bytes.

    Raises:
        MarkMissing, DatabaseBehindMark: the database cannot be trusted to be the newest.
    """
    rows, sealed_keys = _read_committed(ids)
    for issuer in {row.issuer_id: row.issuer for row in rows.values()}.values():
        mark_require(issuer)
        mark_follow(issuer)
    signers: dict[int, LocalSigner] = {}
    return [_sign(public_id, rows.get(public_id), sealed_keys, signers, actor=actor, at=at) for public_id in ids]


def _read_committed(ids: Sequence[UUID]) -> tuple[dict[UUID, Reservation], dict[int, bytes | memoryview | None]]:
    """Read the reservations and their data keys; what many of them share is read once, not a thousand times."""
    # durable: refuses to run inside another transaction, whose reservations might yet be rolled back
    with transaction.atomic(durable=True):
        rows = list(Reservation.objects.filter(public_id__among=ids))
        sealed = DataKey.objects.filter(pk__among={row.data_key_id for row in rows})
        keys = dict(sealed.values_list("pk", "sealed"))
        for name, model in (
            ("issuer", Issuer.objects.select_related("organization")),
            ("ed25519_key", SigningKey.objects.all()),
            ("p256_key", SigningKey.objects.all()),
            ("approval", Approval.objects.all()),
            ("shape", DocumentShape.objects.defer("compiled")),
        ):
            _attach(rows, name, model)
    return {row.public_id: row for row in rows}, keys


def _attach(rows: Sequence[Reservation], name: str, found: QuerySet[Any]) -> None:
    shared = found.in_bulk({getattr(row, f"{name}_id") for row in rows} - {None})
    for row in rows:
        if (key := getattr(row, f"{name}_id")) is not None:
            setattr(row, name, shared[key])


def _sign(
    public_id: UUID,
    row: Reservation | None,
    sealed_keys: Mapping[int, bytes | memoryview | None],
    signers: dict[int, LocalSigner],
    *,
    actor: Actor,
    at: datetime,
) -> SignedReservation | Unsigned:
    if row is None:
        return Unsigned(public_id, "reservation-not-open")
    try:
        open_require(row)
        approval_require(row.approval)
        keys_require(row)
        prepared = prepared_of(row, key=sealed_open(sealed_keys[row.data_key_id]))
        for key in (row.ed25519_key, row.p256_key):
            if key.pk not in signers:
                signers[key.pk] = signer_of(key)
        signatures = Signatures(
            ed25519=signers[row.ed25519_key.pk].sign(prepared.data_integrity_input),
            es256=signers[row.p256_key.pk].sign(prepared.jwt_signing_input),
        )
        signed = assemble(prepared, ed25519=signatures.ed25519, es256=signatures.es256)
        signed_hold(row, prepared, signed, actor=actor, at=at)
    except (InsigniaError, VcError) as error:
        return Unsigned(public_id, error.code)
    return SignedReservation(row, signatures, signed)
