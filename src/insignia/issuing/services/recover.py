"""After an older copy of the database was put back: burn what may have been used, and revoke again.

The lost awards do not come back; whoever holds one holds a document that still verifies. What must never
happen is a used index handed out again, or a revoked badge that counts again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from insignia.audit.services import audit_record
from insignia.foundation.sealing import unseal
from insignia.issuing.errors import RecoveryDocumentUnusable
from insignia.issuing.mark import mark_advance, mark_read
from insignia.issuing.models import Issuer, StatusEvent, StatusList, StatusSet, StatusSlot
from insignia.issuing.rules import Mark, slot_indexes
from insignia.issuing.selectors import counters_now, issuer_addresses
from insignia.issuing.services.status import ORDER_PURPOSE, context_loader, publish_on_commit
from insignia.issuing.sources import OwnIssuers
from insignia.vc.errors import VcError
from insignia.vc.status import BitstringList, parse_list
from insignia.vc.verify import NoStatusLists, Outcome, Sources, verify

if TYPE_CHECKING:
    from insignia.audit.actor import Actor


@dataclass(frozen=True)
class RecoveryReport:
    """What was done: indexes burned, bits set again from published lists."""

    burned: int
    set_again: int


@transaction.atomic
def recover(*, documents: Sequence[bytes] = (), burn: int = 0, actor: Actor, at: datetime) -> RecoveryReport:
    """Bring an older copy up to the mark: burn the gap, re-import published lists, publish anew.

    Args:
        documents: published status list credentials of ours, as fetched before or found in caches.
        burn: further indexes to burn in each set, when the mark itself was lost.
        actor: the command that asked.
        at: now.

    Raises:
        RecoveryDocumentUnusable: a document is not a status list that one of our issuers signed.
    """
    mark = mark_read() or Mark()
    burned = sum(_burn(row, mark, burn=burn) for row in StatusSet.objects.select_for_update().order_by("id"))
    for row in StatusList.objects.select_for_update().order_by("id"):
        row.epoch, row.published_at = max(row.epoch, mark.epochs.get(str(row.public_id), 0)), None
        row.save(update_fields=["epoch", "published_at"])
    set_again = sum(_import(document, at=at) for document in documents)
    mark_advance(counters_now())
    for status_set in StatusSet.objects.order_by("id"):
        publish_on_commit(status_set, at=at)
    _audit(burned, set_again, actor=actor, at=at)
    return RecoveryReport(burned=burned, set_again=set_again)


def _burn(row: StatusSet, mark: Mark, *, burn: int) -> int:
    wanted = min(row.length, max(row.reserved, mark.reserved.get(str(row.public_id), 0)) + burn)
    key = unseal(bytes(row.sealed_order), key=None, purpose=ORDER_PURPOSE)
    indexes = slot_indexes(range(row.reserved, wanted), key=key, length=row.length)
    burned = (StatusSlot(status_set=row, index=index, state=StatusSlot.State.BURNED) for index in indexes)
    StatusSlot.objects.bulk_create(burned, ignore_conflicts=True)  # an earlier recovery may know some of them
    row.reserved = wanted
    row.save(update_fields=["reserved"])
    return len(indexes)


def _import(document: bytes, *, at: datetime) -> int:
    row, published = _list_of(document, at=at)
    bits = BitstringList(bytes(row.bits))
    missing = [index for index in _indexes(published) if not bits.get(index)]
    for index in missing:
        slot, _ = StatusSlot.objects.get_or_create(
            status_set=row.status_set, index=index, defaults={"state": StatusSlot.State.BURNED}
        )
        bits.set(index, value=True)
        row.event_count += 1
        StatusEvent.objects.create(status_list=row, sequence=row.event_count, slot=slot, value=True, at=at)
    row.bits = bytes(bits)
    row.save(update_fields=["bits", "event_count"])
    return len(missing)


def _list_of(document: bytes, *, at: datetime) -> tuple[StatusList, BitstringList]:
    """Find our list that a published document is of, once its signature is proven to be ours."""
    refusal = RecoveryDocumentUnusable("This is not a status list that this installation published.")
    sources = Sources(resolver=OwnIssuers(), status_lists=NoStatusLists(), loader=context_loader())
    if verify(document, at=at, sources=sources).check("signature").outcome is not Outcome.PASSED:
        raise refusal
    try:
        published = json.loads(document)
        bits = parse_list(published).bits
    except (VcError, ValueError) as error:
        raise refusal from error
    for row in StatusList.objects.select_for_update().select_related("status_set__issuer"):
        if issuer_addresses(_issuer(row)).status_list(row.public_id) == published["id"]:
            return row, bits
    raise refusal


def _issuer(row: StatusList) -> Issuer:
    issuer: Issuer = row.status_set.issuer
    return issuer


def _indexes(bits: BitstringList) -> Iterator[int]:
    for place, byte in enumerate(bytes(bits)):
        if byte:
            yield from (index for index in range(place * 8, place * 8 + 8) if bits.get(index))


def _audit(burned: int, set_again: int, *, actor: Actor, at: datetime) -> None:
    for issuer in Issuer.objects.select_related("organization").order_by("id"):
        audit_record(
            actor=actor,
            at=at,
            action="issuer.recovered",
            subject=("issuer", issuer.public_id),
            organization_id=issuer.organization.public_id,
            new={"burned": burned, "set_again": set_again},
        )
