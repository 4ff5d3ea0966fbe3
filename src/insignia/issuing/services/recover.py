"""After an older copy of the database was put back: burn what may have been used, and revoke again.

The lost awards do not come back; whoever holds one holds a document that still verifies. What must never
happen is a used index handed out again, or a revoked badge that counts again.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from insignia.audit.services import audit_record
from insignia.foundation.ids import new_id
from insignia.foundation.sealing import seal, unseal
from insignia.issuing.errors import RecoveryDocumentUnusable
from insignia.issuing.mark import mark_advance, mark_forget_sets, mark_read
from insignia.issuing.models import Issuer, Purpose, StatusEvent, StatusList, StatusSet, StatusSlot
from insignia.issuing.published import Copy, copies_kept
from insignia.issuing.rules import Mark, slot_indexes
from insignia.issuing.selectors import counters_now, issuer_addresses, sets_lost
from insignia.issuing.services.status import ORDER_PURPOSE, publish_on_commit
from insignia.issuing.sources import OwnIssuers, context_loader
from insignia.vc.errors import VcError
from insignia.vc.status import BitstringList, parse_list
from insignia.vc.verify import NoStatusLists, Outcome, Sources, verify

if TYPE_CHECKING:
    from insignia.audit.actor import Actor


@dataclass(frozen=True)
class RecoveryReport:
    """What was done: indexes burned, bits set again, whole sets put back, sets that nothing here knows."""

    burned: int
    set_again: int
    sets_restored: int = 0
    sets_lost: int = 0


@dataclass(frozen=True)
class KeptList:
    """One published list as this machine kept it. Like the mark beside it, it is trusted for where it lies."""

    copy: Copy
    issuer_did: str
    bits: BitstringList


@transaction.atomic
def recover(*, documents: Sequence[bytes] = (), burn: int = 0, actor: Actor, at: datetime) -> RecoveryReport:
    """Bring an older copy up to the mark: burn the gap, re-import published lists, publish anew.

    The copies of published lists that this machine keeps are imported by themselves.

    Args:
        documents: further published status list credentials of ours, fetched before or found in caches.
        burn: further indexes to burn in each set, when the mark itself was lost.
        actor: the command that asked.
        at: now.

    Raises:
        RecoveryDocumentUnusable: a document is not a status list that one of our issuers signed.
    """
    mark, kept = mark_read() or Mark(), [_kept(copy) for copy in copies_kept()]
    restored = _sets_restore(kept, at=at)
    burned = sum(_burn(row, mark, burn=burn) for row in StatusSet.objects.select_for_update().order_by("id"))
    for row in StatusList.objects.select_for_update().order_by("id"):
        row.epoch, row.published_at = max(row.epoch, mark.epochs.get(str(row.public_id), 0)), None
        row.save(update_fields=["epoch", "published_at"])
    set_again = sum(_import(one.copy.list_id, one.bits, at=at) for one in kept)
    set_again += sum(_import(*_verified(document, at=at), at=at) for document in documents)
    lost = sets_lost(mark, counters_now())
    mark_forget_sets(lost)
    mark_advance(counters_now())
    for status_set in StatusSet.objects.order_by("id"):
        publish_on_commit(status_set, at=at)
    report = RecoveryReport(burned, set_again, sets_restored=restored, sets_lost=len(lost))
    _audit(report, actor=actor, at=at)
    return report


def _kept(copy: Copy) -> KeptList:
    published = json.loads(copy.path.read_bytes())
    return KeptList(copy, str(published["issuer"]), parse_list(published).bits)


def _sets_restore(kept: Sequence[KeptList], *, at: datetime) -> int:
    """Put back the sets that were opened after the backup, as far as their issuer is known."""
    known = set(StatusSet.objects.values_list("public_id", flat=True))
    issuers = {issuer_addresses(issuer).did: issuer for issuer in Issuer.objects.all()}
    by_set: dict[UUID, dict[str, KeptList]] = {}
    for one in kept:
        if one.copy.set_id not in known and one.issuer_did in issuers:
            by_set.setdefault(one.copy.set_id, {})[one.copy.purpose] = one
    for set_id, lists in by_set.items():
        issuer = issuers[next(one.issuer_did for one in lists.values())]
        _set_restore(set_id, lists, issuer=issuer, at=at)
    return len(by_set)


def _set_restore(set_id: UUID, lists: Mapping[str, KeptList], *, issuer: Issuer, at: datetime) -> None:
    """Open a set under its old name, full: it goes on saying what it said, and hands out nothing."""
    newest = StatusSet.objects.filter(issuer=issuer).aggregate(number=Max("number"))["number"] or 0
    length = max(len(one.bits) for one in lists.values())
    status_set = StatusSet.objects.create(
        public_id=set_id,
        issuer=issuer,
        number=newest + 1,
        length=length,
        reserved=length,
        sealed_order=seal(secrets.token_bytes(32), key=None, purpose=ORDER_PURPOSE),
        created_at=at,
    )
    StatusList.objects.bulk_create(
        StatusList(
            public_id=lists[purpose].copy.list_id if purpose in lists else new_id(),
            status_set=status_set,
            purpose=purpose,
            bits=bytes(length // 8),
        )
        for purpose in Purpose.values
    )


def _burn(row: StatusSet, mark: Mark, *, burn: int) -> int:
    wanted = min(row.length, max(row.reserved, mark.reserved.get(str(row.public_id), 0)) + burn)
    key = unseal(bytes(row.sealed_order), key=None, purpose=ORDER_PURPOSE)
    indexes = slot_indexes(range(row.reserved, wanted), key=key, length=row.length)
    burned = (StatusSlot(status_set=row, index=index, state=StatusSlot.State.BURNED) for index in indexes)
    StatusSlot.objects.bulk_create(burned, ignore_conflicts=True)  # an earlier recovery may know some of them
    row.reserved = wanted
    row.save(update_fields=["reserved"])
    return len(indexes)


def _import(list_id: UUID, published: BitstringList, *, at: datetime) -> int:
    row = StatusList.objects.select_for_update().select_related("status_set").filter(public_id=list_id).first()
    if row is None:
        return 0  # of a set whose issuer this database does not know
    bits = BitstringList(bytes(row.bits))
    missing = [index for index in _indexes(published) if not bits.get(index)]
    slots = _slots_known(row, missing)
    for index in missing:
        bits.set(index, value=True)
    StatusEvent.objects.bulk_create(
        StatusEvent(status_list=row, sequence=sequence, slot=slots[index], value=True, at=at)
        for sequence, index in enumerate(missing, start=row.event_count + 1)
    )
    row.bits, row.event_count = bytes(bits), row.event_count + len(missing)
    row.save(update_fields=["bits", "event_count"])
    return len(missing)


def _slots_known(row: StatusList, indexes: Sequence[int]) -> dict[int, StatusSlot]:
    """Give the slots of these indexes; those that this database never handed out are burned now."""
    if not indexes:
        return {}
    burned = (StatusSlot(status_set=row.status_set, index=one, state=StatusSlot.State.BURNED) for one in indexes)
    StatusSlot.objects.bulk_create(burned, ignore_conflicts=True)
    wanted = set(indexes)
    rows = StatusSlot.objects.filter(status_set=row.status_set).iterator()
    return {slot.index: slot for slot in rows if slot.index in wanted}


def _verified(document: bytes, *, at: datetime) -> tuple[UUID, BitstringList]:
    """Find which list of ours a published document is of, once its signature is proven to be ours."""
    refusal = RecoveryDocumentUnusable("This is not a status list that this installation published.")
    sources = Sources(resolver=OwnIssuers(), status_lists=NoStatusLists(), loader=context_loader())
    if verify(document, at=at, sources=sources).check("signature").outcome is not Outcome.PASSED:
        raise refusal
    try:
        published = json.loads(document)
        bits = parse_list(published).bits
    except (VcError, ValueError) as error:
        raise refusal from error
    for row in StatusList.objects.select_related("status_set__issuer").defer("bits", "document"):
        if issuer_addresses(row.status_set.issuer).status_list(row.public_id) == published["id"]:
            return row.public_id, bits
    raise refusal


def _indexes(bits: BitstringList) -> Iterator[int]:
    for place, byte in enumerate(bytes(bits)):
        if byte:
            yield from (index for index in range(place * 8, place * 8 + 8) if bits.get(index))


def _audit(report: RecoveryReport, *, actor: Actor, at: datetime) -> None:
    for issuer in Issuer.objects.select_related("organization").order_by("id"):
        audit_record(
            actor=actor,
            at=at,
            action="issuer.recovered",
            subject=("issuer", issuer.public_id),
            organization_id=issuer.organization.public_id,
            new=asdict(report),
        )
