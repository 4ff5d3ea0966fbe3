"""After an older copy of the database was put back: burn what may have been used, and revoke again.

The lost awards do not come back; whoever holds one holds a document that still verifies. What must never
happen is a used index handed out again, or a revoked badge that counts again.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from insignia.audit.services import audit_record
from insignia.foundation.ids import new_id
from insignia.foundation.sealing import seal, unseal
from insignia.issuing.errors import RecoveryListsMissing
from insignia.issuing.mark import mark_advance, mark_forget, mark_read
from insignia.issuing.models import Issuer, Purpose, StatusList, StatusSet, StatusSlot
from insignia.issuing.rules import Mark, slot_indexes
from insignia.issuing.selectors import counters_now, issuer_addresses, sets_lost
from insignia.issuing.services.forgotten_keys import KeysRecovered, keys_recover
from insignia.issuing.services.reimport import (
    PublishedList,
    list_handed_in,
    lists_import,
    lists_kept,
    lists_missing,
    lists_newer,
    lists_serve,
    says_all,
)
from insignia.issuing.services.status import ORDER_PURPOSE, publish_on_commit

if TYPE_CHECKING:
    from insignia.audit.actor import Actor


@dataclass(frozen=True)
class RecoveryReport:
    """What was done: indexes burned, bits set again, whole sets put back, sets that nothing here knows.

    `lists_lost` are addresses of lists whose newest publication is not here, and which were given up as lost.
    `keys_unknown` names keys that signed after the backup and whose public half is lost; `keyless` the issuers
    whose keys have to be renewed before anything is signed for them.
    `lifted` names the slots (set, index) that are paused here, while a newer list says that they are not.
    """

    burned: int
    set_again: int
    sets_restored: int = 0
    sets_lost: int = 0
    lists_lost: tuple[str, ...] = ()
    keys_restored: int = 0
    keys_unknown: tuple[str, ...] = ()
    keyless: tuple[str, ...] = ()
    lifted: tuple[tuple[int, int], ...] = ()


@transaction.atomic
def recover(
    *,
    documents: Sequence[bytes] = (),
    burn: int = 0,
    accept_lost_lists: bool = False,
    actor: Actor,
    at: datetime,
) -> RecoveryReport:
    """Bring an older copy up to the mark: burn the gap, re-import published lists, publish anew.

    The copies of published lists that this machine keeps are imported by themselves.

    Args:
        documents: further published status list credentials of ours, fetched before or found in caches.
        burn: further indexes to burn in each set, when the mark itself was lost.
        accept_lost_lists: go on though the newest publication of a list is not here: what it revoked is lost.
        actor: the command that asked.
        at: now.

    Raises:
        RecoveryDocumentUnusable: a document is not a status list that one of our issuers signed.
        RecoveryListsMissing: a list was published later than any of it that is here.
    """
    mark, kept = mark_read() or Mark(), lists_kept()
    keys = keys_recover(lists_newer(kept), actor=actor, at=at)
    restored = _sets_restore(kept, at=at)
    published = [*kept, *(list_handed_in(document, at=at) for document in documents)]
    missing = lists_missing(published, mark)
    if missing and not accept_lost_lists:
        raise _missing(missing)
    burned = sum(_burn(row, mark, burn=burn) for row in StatusSet.objects.select_for_update().order_by("id"))
    imported = lists_import(published, at=at)
    lists_serve(kept)
    _lists_due(mark, kept, keyless=keys.keyless)
    now = counters_now()
    lost = sets_lost(mark, now)
    mark_forget(sets=lost, lists=set(mark.epochs) - set(now.epochs))
    mark_advance(now)
    for status_set in StatusSet.objects.order_by("id"):
        publish_on_commit(status_set, at=at)
    report = RecoveryReport(
        burned,
        imported.set_again,
        sets_restored=restored,
        sets_lost=len(lost),
        lists_lost=tuple(missing),
        keys_restored=sum(keys.restored.values()),
        keys_unknown=tuple(name for names in keys.unknown.values() for name in names),
        keyless=tuple(map(str, Issuer.objects.filter(pk__in=keys.keyless).order_by("id"))),
        lifted=imported.lifted,
    )
    _audit(report, keys, actor=actor, at=at)
    return report


def _lists_due(mark: Mark, kept: Sequence[PublishedList], *, keyless: Collection[int]) -> None:
    """Let every list be published anew, counting on from its newest publication.

    One that no key can sign waits for a new key, and is served as it is meanwhile, if that says all there is.
    """
    epochs = mark.merged(Mark(epochs={str(one.list_id): one.copy.epoch for one in kept if one.copy})).epochs
    for row in StatusList.objects.select_for_update(of=("self",)).select_related("status_set").order_by("id"):
        row.epoch = max(row.epoch, epochs.get(str(row.public_id), 0))
        if row.status_set.issuer_id in keyless and says_all(row):
            row.published_events = row.event_count
        else:
            row.published_at = None
        row.save(update_fields=["epoch", "published_at", "published_events"])


def _missing(addresses: Sequence[str]) -> RecoveryListsMissing:
    return RecoveryListsMissing(
        f"Nothing was changed: of {len(addresses)} status lists the newest publication is not here, and what was "
        "revoked since would count again. Hand it in with --status-list FILE, or go on without it with "
        "--accept-lost-lists.",
        lists=tuple(addresses),
    )


def _sets_restore(kept: Sequence[PublishedList], *, at: datetime) -> int:
    """Put back the sets that were opened after the backup, as far as their issuer is known."""
    known = set(StatusSet.objects.values_list("public_id", flat=True))
    issuers = {issuer_addresses(issuer).did: issuer for issuer in Issuer.objects.all()}
    by_set: dict[UUID, dict[str, PublishedList]] = {}
    for one in kept:
        if one.copy is not None and one.copy.set_id not in known and one.issuer_did in issuers:
            by_set.setdefault(one.copy.set_id, {})[one.copy.purpose] = one
    for set_id, lists in by_set.items():
        issuer = issuers[next(one.issuer_did for one in lists.values())]
        _set_restore(set_id, lists, issuer=issuer, at=at)
    return len(by_set)


def _set_restore(set_id: UUID, lists: Mapping[str, PublishedList], *, issuer: Issuer, at: datetime) -> None:
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
            public_id=lists[purpose].list_id if purpose in lists else new_id(),
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


def _audit(report: RecoveryReport, keys: KeysRecovered, *, actor: Actor, at: datetime) -> None:
    for issuer in Issuer.objects.select_related("organization").order_by("id"):
        audit_record(
            actor=actor,
            at=at,
            action="issuer.recovered",
            subject=("issuer", issuer.public_id),
            organization_id=issuer.organization.public_id,
            new={
                **asdict(report),
                "lists_lost": _own(report.lists_lost, issuer),
                "keys_restored": keys.restored[issuer.pk],
                "keys_unknown": list(keys.unknown.get(issuer.pk, ())),
                "keyless": issuer.pk in keys.keyless,
                "lifted": len(report.lifted),
            },
        )


def _own(addresses: Sequence[str], issuer: Issuer) -> list[str]:
    """Keep what may be this issuer's: its record says nothing of another's lists, and something of nobody's."""
    others = StatusList.objects.exclude(status_set__issuer=issuer).select_related("status_set__issuer")
    rows = others.defer("bits", "document")
    foreign = {issuer_addresses(row.status_set.issuer).status_list(row.public_id) for row in rows}
    return [address for address in addresses if address not in foreign]
