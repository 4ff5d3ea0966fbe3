"""Many reservations at once: each step with as many queries for a thousand rows as for one.

A row that cannot be reserved is named and leaves the others as they are.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.foundation.bulk import bulk_insert, ids_take
from insignia.foundation.ids import new_id
from insignia.issuing.guard import mark_require
from insignia.issuing.models import Reservation, StatusSlot
from insignia.issuing.prepared import PREPARED_PURPOSE
from insignia.issuing.services.intents import intents_record
from insignia.issuing.services.shapes import Slots
from insignia.issuing.shapes import shape_opened
from insignia.issuing.signers import approval_require
from insignia.vc.errors import VcError

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.foundation.sealing import OpenKey
    from insignia.issuing.models import Approval, DocumentShape
    from insignia.organizations.models import Organization

SLOT_COLUMNS = ("id", "public_id", "status_set_id", "index", "state")
RESERVATION_COLUMNS = (
    "id",
    "public_id",
    "organization_id",
    "issuer_id",
    "data_key_id",
    "origin_kind",
    "origin_id",
    "award_public_id",
    "document_number",
    "slot_id",
    "ed25519_key_id",
    "p256_key_id",
    "approval_id",
    "intent_id",
    "created_at",
    "shape_id",
    "sealed_prepared",
    "state",
    "state_reason",
)


@dataclass(frozen=True)
class Intent:
    """One document to reserve: what it follows from, its index, the key that seals it, what fills its holes."""

    origin: tuple[str, UUID]
    award_id: UUID
    index: int
    data_key_id: int
    key: OpenKey
    shape: DocumentShape
    values: tuple[str, ...]
    number: int = 1


@dataclass(frozen=True)
class Refused:
    """An intent that breaks a rule: nothing was reserved for it, and its index stays unused."""

    intent: Intent
    error: VcError


@dataclass(frozen=True)
class Reserved:
    """What came of a chunk's intents: the reservation's public id for each origin, and what was refused."""

    ids: Mapping[tuple[str, UUID], UUID]
    refused: Sequence[Refused]


@transaction.atomic
def reserve_many(
    *,
    organization: Organization,
    slots: Slots,
    approval: Approval,
    intents: Sequence[Intent],
    actor: Actor,
    at: datetime,
) -> Reserved:
    """Reserve the documents of a chunk in the caller's first transaction; name those that break a rule.

    Raises:
        MarkMissing, DatabaseBehindMark: the database cannot be trusted to be the newest.
        ApprovalWithdrawn: what allowed this was taken back.
        IntegrityError: another worker reserved for one of the origins meanwhile.
    """
    mark_require(slots.issuer)
    approval_require(approval)
    refused = [found for found in (_refusal(intent, at=at) for intent in intents) if found]
    wrong = {found.intent.origin for found in refused}
    kept = [intent for intent in intents if intent.origin not in wrong]
    slot_ids = ids_take(StatusSlot, len(kept))
    reserved = StatusSlot.State.RESERVED.value
    bulk_insert(
        StatusSlot,
        SLOT_COLUMNS,
        [
            (slot_id, new_id(), slots.status_set.pk, intent.index, reserved)
            for slot_id, intent in zip(slot_ids, kept, strict=True)
        ],
    )
    ids, intent_id = [new_id() for _ in kept], new_id()
    keys = tuple(key.pk for key in slots.keys)
    bulk_insert(
        Reservation,
        RESERVATION_COLUMNS,
        [
            (
                row_id,
                public_id,
                organization.pk,
                slots.issuer.pk,
                intent.data_key_id,
                *intent.origin,
                intent.award_id,
                intent.number,
                slot_id,
                *keys,
                approval.pk,
                intent_id,
                at,
                intent.shape.pk,
                intent.key.seal(json.dumps(intent.values).encode(), purpose=PREPARED_PURPOSE),
                Reservation.State.RESERVED.value,
                "",
            )
            for row_id, public_id, slot_id, intent in zip(
                ids_take(Reservation, len(kept)), ids, slot_ids, kept, strict=True
            )
        ],
    )
    if kept:
        intents_record(
            intent_id, ids, organization=organization, keys=slots.keys, approval=approval, actor=actor, at=at
        )
    return Reserved({intent.origin: public_id for intent, public_id in zip(kept, ids, strict=True)}, refused)


def _refusal(intent: Intent, *, at: datetime) -> Refused | None:
    try:
        shape_opened(intent.shape).prepare(intent.values, created=at)
    except VcError as error:
        return Refused(intent, error)
    return None


@transaction.atomic
def reservations_finish(reservations: Sequence[Reservation]) -> None:
    """Close the reservations of a chunk, which the caller holds locked, in the caller's second transaction."""
    slots = StatusSlot.objects.filter(pk__among=[one.slot_id for one in reservations])
    slots.update(state=StatusSlot.State.ISSUED)
    rows = Reservation.objects.filter(pk__among=[one.pk for one in reservations])
    rows.update(state=Reservation.State.FINISHED)


def reservations_waiting(origins: Collection[tuple[str, UUID]]) -> dict[tuple[str, UUID], UUID]:
    """Give, of these origins, those whose first document waits for its signature, with its reservation's id."""
    rows = Reservation.objects.filter(
        origin_kind__in={kind for kind, _ in origins},
        origin_id__among=[origin_id for _, origin_id in origins],
        document_number=1,
        state=Reservation.State.RESERVED,
    )
    found = rows.values_list("origin_kind", "origin_id", "public_id").order_by("id")
    return {(kind, origin_id): public_id for kind, origin_id, public_id in found if (kind, origin_id) in origins}


def reservations_open(award_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Give, of these awards, those with a document that waits for its signature, with its reservation's id."""
    rows = Reservation.objects.filter(award_public_id__among=list(award_ids), state=Reservation.State.RESERVED)
    return dict(rows.order_by("id").values_list("award_public_id", "public_id"))


def reservations_lock(ids: Collection[int]) -> frozenset[int]:
    """Lock, of these reservations, those that nobody closed meanwhile, to the end of the caller's transaction."""
    rows = Reservation.objects.select_for_update().filter(pk__among=ids, state=Reservation.State.RESERVED)
    return frozenset(rows.order_by("id").values_list("pk", flat=True))
