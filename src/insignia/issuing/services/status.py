"""Status lists: taking slots, changing bits, publishing.

The events are the truth. `bits` follow from them in the same transaction; a published document follows from
`bits`: read under the lock, signed outside it, and put in place only if nobody published meanwhile.
"""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from insignia.foundation.errors import InsigniaError
from insignia.foundation.ids import new_id
from insignia.foundation.sealing import seal, unseal
from insignia.issuing.errors import ListBusy, ReservationNotOpen, RevocationIsFinal, SignerUnavailable
from insignia.issuing.guard import mark_hold, mark_require, signing_stopped
from insignia.issuing.mark import mark_advance
from insignia.issuing.models import (
    LIST_LENGTH,
    LONGEST_LIST,
    Issuer,
    Purpose,
    StatusEvent,
    StatusList,
    StatusSet,
    StatusSlot,
)
from insignia.issuing.published import Copy, copy_keep
from insignia.issuing.rules import LIST_VALIDITY, Mark, list_is_due, set_length, slot_indexes
from insignia.issuing.signers import ListDocument, signing_backend
from insignia.vc.errors import VcError
from insignia.vc.status import BitstringList

log = logging.getLogger(__name__)
ORDER_PURPOSE = "status-order"
PUBLISH_TRIES = 5
SILENCES_MOST = 3
"""How often in one sweep a signer may fail to answer before it is left alone: each time may take a minute."""


def set_open(issuer: Issuer, *, number: int, at: datetime, length: int = LIST_LENGTH) -> StatusSet:
    """Open a set of three empty lists; the mark learns of it before anyone can rely on it."""
    public_id = new_id()
    status_set = StatusSet.objects.create(
        public_id=public_id,
        issuer=issuer,
        number=number,
        length=length,
        sealed_order=seal(secrets.token_bytes(32), key=None, purpose=ORDER_PURPOSE),
        created_at=at,
    )
    lists = StatusList.objects.bulk_create(
        StatusList(status_set=status_set, purpose=purpose, bits=bytes(length // 8)) for purpose in Purpose
    )
    mark_advance(Mark({str(public_id): 0}, {str(row.public_id): 0 for row in lists}))
    return status_set


def slot_take(issuer: Issuer, *, at: datetime) -> StatusSlot:
    """Take the next slot in the caller's transaction."""
    return slots_take(issuer, 1, at=at)[0]


@transaction.atomic
def slots_take(issuer: Issuer, count: int, *, at: datetime) -> list[StatusSlot]:
    """Take slots of one set: one rise of its counter, then their random indexes.

    The counter stays locked until the transaction around this ends. A caller with long work to do takes its slots
    in a transaction before: one that dies between leaves indexes unused, never an index used twice.
    """
    status_set, indexes = indexes_take(issuer, count, at=at)
    return StatusSlot.objects.bulk_create(StatusSlot(status_set=status_set, index=index) for index in indexes)


@transaction.atomic
def indexes_take(issuer: Issuer, count: int, *, at: datetime) -> tuple[StatusSet, list[int]]:
    """Take fresh indexes of one set by one rise of its counter; whoever takes them makes their slots."""
    status_set = set_with_room(issuer, room=count, at=at)
    indexes: list[int] = []
    while len(indexes) < count:
        # what recovery knows as used stays so, and others take its place
        indexes += _indexes_fresh(status_set, count - len(indexes))
    return status_set, indexes


def _indexes_fresh(status_set: StatusSet, count: int) -> list[int]:
    drawn = _indexes_next(status_set, count)
    status_set.reserved += count
    status_set.save(update_fields=["reserved"])
    slots = StatusSlot.objects.filter(status_set=status_set, index__among=drawn)
    known = set(slots.values_list("index", flat=True))
    return [index for index in drawn if index not in known]


def _indexes_next(status_set: StatusSet, count: int) -> list[int]:
    key = unseal(bytes(status_set.sealed_order), key=None, purpose=ORDER_PURPOSE)
    counters = range(status_set.reserved, status_set.reserved + count)
    return slot_indexes(counters, key=key, length=status_set.length)


@transaction.atomic
def set_with_room(issuer: Issuer, *, room: int, at: datetime) -> StatusSet:
    """Give the newest set, locked, if it has room for so many slots; else open one that has.

    Whoever knows of a large run asks for all of its room at once, so that the run lies in one set.

    Raises:
        MarkMissing, DatabaseBehindMark: the database cannot be trusted to be the newest.
    """
    room = min(room, LONGEST_LIST)
    newest = StatusSet.objects.select_for_update().filter(issuer=issuer).order_by("-number").first()
    # Before the counter rises: in an old copy it would catch up with the mark, and nothing tell the copy any more.
    mark_require(issuer)
    if newest is not None and newest.reserved + room <= newest.length:
        return newest
    number = newest.number + 1 if newest else 1
    length = set_length(room, shortest=LIST_LENGTH, longest=LONGEST_LIST)
    try:
        with transaction.atomic():
            publish_on_commit(set_open(issuer, number=number, at=at, length=length), at=at)
    except IntegrityError:
        log.info("another worker opened set %s of issuer %s", number, issuer.public_id)
    return set_with_room(issuer, room=room, at=at)


def status_change(*, slot: StatusSlot, purpose: str, value: bool, at: datetime) -> None:
    """Set or clear one bit and publish the list as soon as the caller's transaction is committed.

    The same value again changes nothing.

    Raises:
        RevocationIsFinal: clearing a bit that may only ever be set.
        ReservationNotOpen: the slot has no signed document.
    """
    status_change_many(slots=[slot], purpose=purpose, value=value, at=at)


@transaction.atomic
def status_change_many(*, slots: Sequence[StatusSlot], purpose: str, value: bool, at: datetime) -> int:
    """Set or clear many bits with as few queries as one; give how many were not so before.

    All of them or none; each list they lie in is published once, as soon as the caller's transaction is committed.

    Raises:
        RevocationIsFinal: clearing a bit that may only ever be set.
        ReservationNotOpen: a slot has no signed document.
    """
    if not value and purpose != Purpose.SUSPENSION:
        raise RevocationIsFinal("A revocation is final. Issue the badge again instead.")
    found = _issued_require(slots)
    by_set = defaultdict(list)
    for slot in found:
        by_set[slot.status_set_id].append(slot)
    for issuer in Issuer.objects.filter(status_sets__in=by_set).distinct():
        mark_require(issuer)
    # by id, so that two who change the same lists wait for each other instead of both for ever
    rows = StatusList.objects.select_for_update().filter(status_set__in=by_set, purpose=purpose).order_by("id")
    return sum(_bits_change(row, by_set[row.status_set_id], value=value, at=at) for row in rows)


def _issued_require(slots: Sequence[StatusSlot]) -> list[StatusSlot]:
    wanted = {slot.pk for slot in slots}
    found = StatusSlot.objects.in_bulk(wanted)
    if len(found) < len(wanted) or any(slot.state != StatusSlot.State.ISSUED for slot in found.values()):
        raise ReservationNotOpen("This slot has no signed document.")
    return list(found.values())


def _bits_change(row: StatusList, slots: Sequence[StatusSlot], *, value: bool, at: datetime) -> int:
    bits = BitstringList(bytes(row.bits))
    changed = [slot for slot in slots if bits.get(slot.index) != value]
    if not changed:
        return 0
    for slot in changed:
        bits.set(slot.index, value)
    StatusEvent.objects.bulk_create(
        StatusEvent(status_list=row, sequence=sequence, slot=slot, value=value, at=at)
        for sequence, slot in enumerate(changed, start=row.event_count + 1)
    )
    row.bits, row.event_count = bytes(bits), row.event_count + len(changed)
    row.save(update_fields=["bits", "event_count"])
    transaction.on_commit(_publisher(row.pk, at), robust=True)
    return len(changed)


def publish_on_commit(status_set: StatusSet, *, at: datetime) -> None:
    """Publish the three lists of a set as soon as the caller's transaction is committed."""
    for row in status_set.lists.all():
        transaction.on_commit(_publisher(row.pk, at), robust=True)


def lists_sign_anew(issuer: Issuer, *, at: datetime) -> None:
    """Let every list of an issuer be signed again with today's key, whether or not its bits changed."""
    rows = StatusList.objects.select_for_update().filter(status_set__issuer=issuer).order_by("id")
    lists = StatusList.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
    lists.update(published_at=None)
    if not signing_stopped(issuer):  # an old copy may not catch up with the mark; recovery signs all of its lists
        # so that a slow publisher, who signed with the key of before, loses
        lists.update(epoch=F("epoch") + 1)
    for status_set in issuer.status_sets.order_by("id"):
        publish_on_commit(status_set, at=at)


def _publisher(list_id: int, at: datetime) -> Callable[[], None]:
    # If publishing stumbles after the commit, Django logs it and the job "issuing.publish" repeats it.
    return lambda: list_publish(list_id=list_id, at=at)


def lists_republish(at: datetime) -> int:
    """Publish every list with unpublished events or past half of its life; return how many.

    Also lifts the mark to what is committed and keeps the copies that lack: a crash after the commit leaves both.
    One list or issuer that fails holds up no other: the first failure is raised when everything else is done.

    Raises:
        InsigniaError: a list cannot be signed now, or the database is an old copy.
    """
    done, failed = 0, list[Exception]()
    rows = StatusList.objects.select_related("status_set__issuer").defer("bits", "document")
    for row in rows.order_by("id"):
        with _failing_alone(f"status list {row.public_id}", failed):
            done += _kept_up(row, failed, at=at)
    for issuer in Issuer.objects.order_by("id"):
        with _failing_alone(f"the mark of issuer {issuer.public_id}", failed):
            mark_hold(issuer)
    if failed:
        raise failed[0]
    return done


@contextmanager
def _failing_alone(subject: str, failed: list[Exception]) -> Iterator[None]:
    try:
        yield
    except (InsigniaError, VcError) as error:
        log.warning("%s waits: %s (%s)", subject, error, error.code)
        failed.append(error)
    except Exception as error:  # whatever it is, the others are published; the log has its traceback
        log.exception("%s cannot be kept up", subject)
        failed.append(error)


def _kept_up(row: StatusList, failed: Sequence[Exception], *, at: datetime) -> bool:
    """Publish a list that is due, or keep its copy when that lacks; say whether it was published."""
    if _is_due(row, at):
        if sum(isinstance(error, SignerUnavailable) for error in failed) >= SILENCES_MOST:
            return False
        list_publish(list_id=row.pk, at=at)
        return True
    if not _copy_of(row, epoch=row.epoch).path.exists():
        copy_keep(_copy_of(row, epoch=row.epoch), bytes(row.document))
    return False


def _is_due(row: StatusList, at: datetime) -> bool:
    waiting = row.published_events < row.event_count
    return waiting or list_is_due(published_at=row.published_at, valid_until=row.valid_until, at=at)


def list_publish(*, list_id: int, at: datetime) -> None:
    """Publish one list if it is due.

    Raises:
        DatabaseBehindMark: the database is an old copy.
        ListBusy: other publishers won every try.
    """
    for _ in range(PUBLISH_TRIES):
        row = _list_read(list_id)
        if not _is_due(row, at):
            return
        mark_require(row.status_set.issuer)
        made = signing_backend().list_document(row.public_id, at=at)
        if _swap(row.pk, made, at=at):
            mark_advance(Mark(epochs={str(row.public_id): made.epoch + 1}))
            copy_keep(_copy_of(row, epoch=made.epoch + 1), made.document)
            return
    raise ListBusy("This status list is being published elsewhere. It will be up to date in a moment.")


def _copy_of(row: StatusList, *, epoch: int) -> Copy:
    return Copy(row.status_set.public_id, row.public_id, row.purpose, epoch)


@transaction.atomic
def _list_read(list_id: int) -> StatusList:
    """Read where a list stands, once nobody is changing it."""
    StatusList.objects.select_for_update().get(pk=list_id)
    return StatusList.objects.select_related("status_set__issuer").defer("bits", "document").get(pk=list_id)


def _swap(list_id: int, made: ListDocument, *, at: datetime) -> bool:
    """Put the document in place unless somebody published since it was read: the slower one loses."""
    swapped = StatusList.objects.filter(pk=list_id, epoch=made.epoch).update(
        epoch=made.epoch + 1,
        document=made.document,
        published_events=made.events,
        published_at=at,
        valid_until=at + LIST_VALIDITY,
    )
    return swapped == 1
