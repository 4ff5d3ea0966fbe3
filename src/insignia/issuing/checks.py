"""The invariants of issuing: slots, lists, the mark, keys."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db.models import Count, Max

from insignia.foundation.checks import Check, CheckAt, Finding
from insignia.foundation.errors import InsigniaError
from insignia.issuing.errors import KeyNotHeld, SignerUnavailable
from insignia.issuing.mark import mark_path, mark_read
from insignia.issuing.models import (
    Purpose,
    Reservation,
    SigningKey,
    StatusEvent,
    StatusList,
    StatusSet,
    StatusSlot,
)
from insignia.issuing.rules import CLOCKS_APART, mark_gaps, marks_missing
from insignia.issuing.selectors import counters_now, issuer_addresses, sets_lost
from insignia.issuing.signers import signing_backend
from insignia.vc.errors import VcError
from insignia.vc.limits import DEFAULT_LIMITS
from insignia.vc.status import BitstringList, decode

SLOT_OF = {
    Reservation.State.RESERVED: StatusSlot.State.RESERVED,
    Reservation.State.FINISHED: StatusSlot.State.ISSUED,
    Reservation.State.ABANDONED: StatusSlot.State.BURNED,
    Reservation.State.QUARANTINED: StatusSlot.State.RESERVED,
}


def _indexes(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - the shape of every check
    twice = StatusSlot.objects.values("status_set", "index").annotate(rows=Count("id")).filter(rows__gt=1)
    for row in twice:
        yield Finding(
            "I4", f"status set {row['status_set']}", f"index {row['index']} was handed out {row['rows']} times"
        )
    for status_set in StatusSet.objects.annotate(taken=Count("slots")):
        if status_set.slots.filter(index__gte=status_set.length).exists():
            yield Finding("I4", f"status set {status_set.public_id}", "an index lies outside its lists")
        if status_set.taken > status_set.reserved:
            message = f"{status_set.taken} indexes taken, but the counter says {status_set.reserved}"
            yield Finding("I4", f"status set {status_set.public_id}", message)


def _slots(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    for reservation in Reservation.objects.select_related("slot").defer("sealed_prepared").iterator():
        wanted = SLOT_OF[Reservation.State(reservation.state)]
        if reservation.slot.state != wanted:
            message = f"is {reservation.state}, but its slot says {reservation.slot.state}"
            yield Finding("I4", f"reservation {reservation.public_id}", message)


def _quarantine(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    for row in Reservation.objects.filter(state=Reservation.State.QUARANTINED).defer("sealed_prepared"):
        message = f"set aside: the signature did not fit the reserved bytes ({row.state_reason})"
        yield Finding("I3", f"reservation {row.public_id}", message)


def _lists(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    newest = StatusList.objects.aggregate(at=Max("published_at"))["at"]
    keys = {
        issuer_addresses(key.issuer).method(key.public_id): key
        for key in SigningKey.objects.select_related("issuer")
    }
    for row in StatusList.objects.select_related("status_set").order_by("id").iterator():
        subject = f"status list {row.public_id} ({row.purpose})"
        if _folded(row, upto=row.event_count) != bytes(row.bits):
            yield Finding("I10", subject, "its bits are not what its events say")
        if row.published_events < row.event_count:
            waiting = row.event_count - row.published_events
            yield Finding("I10", subject, f"{waiting} changes are not published; is a worker running?")
        if row.valid_until is not None and newest is not None and row.valid_until < newest:
            yield Finding("I10", subject, "the published document has expired")
        for message in _published(row, keys):
            yield Finding("I10", subject, message)


def _published(row: StatusList, keys: Mapping[str, SigningKey]) -> Iterator[str]:
    if not row.document:
        yield "was never published; credentials that name it cannot be checked"
        return
    try:
        document = json.loads(bytes(row.document))
        published = decode(document["credentialSubject"]["encodedList"], DEFAULT_LIMITS)
        method = document["proof"]["verificationMethod"]
    except (VcError, ValueError, KeyError, TypeError) as error:
        yield f"the published document cannot be read: {error}"
        return
    if published != _folded(row, upto=row.published_events):
        yield "the published document does not say what its events said"
    key = keys.get(method)
    if key is None or key.issuer_id != row.status_set.issuer_id:
        yield f"the published document is signed by {method}, which is no key of its issuer"
    elif key.compromised_at is not None:
        yield f"the published document is signed by key {key.public_id}, which vouches for nothing any more"


def _lists_begun(at: datetime) -> Iterator[Finding]:
    ahead = StatusList.objects.filter(published_at__gt=at + CLOCKS_APART).defer("bits", "document")
    for row in ahead.order_by("id"):
        message = f"dated into the future ({row.published_at:%Y-%m-%d %H:%M} UTC); is the clock right?"
        yield Finding("I10", f"status list {row.public_id} ({row.purpose})", message)


def _folded(row: StatusList, *, upto: int) -> bytes:
    bits = BitstringList(bytes(len(bytes(row.bits))))
    events = StatusEvent.objects.filter(status_list=row, sequence__lte=upto).order_by("sequence")
    for index, value in events.values_list("slot__index", "value"):
        bits.set(index, value)
    return bytes(bits)


def _cleared(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    cleared = StatusEvent.objects.filter(value=False).exclude(status_list__purpose=Purpose.SUSPENSION)
    for event in cleared.select_related("slot", "status_list"):
        message = (
            f"bit {event.slot.index} was cleared; that may never happen in a {event.status_list.purpose} list"
        )
        yield Finding("I11", f"status list {event.status_list.public_id}", message)


def _mark(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    mark, now = mark_read(), counters_now()
    if mark is None:
        if now.reserved:
            yield Finding("I12", mark_path().name, "is missing: nothing is signed until insignia recover has run")
        return
    for name in marks_missing(mark, now):
        yield Finding(
            "I12", f"counter {name}", "the mark outside the database does not know it; nothing is signed"
        )
    for gap in mark_gaps(mark, now):
        yield Finding("I12", "database", f"is an older copy: {gap}; nothing is signed")
    for name in sets_lost(mark, now):
        yield Finding("I12", "database", f"is an older copy: status set {name} is not in it; nothing is signed")


def _keys(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    for key in SigningKey.objects.order_by("id"):
        subject = f"key {key.public_id}"
        try:
            fits = signing_backend().key_public(key).multibase == key.public_multibase
        except KeyNotHeld as error:
            if key.retired_at is None:  # one that signs no more may lie with the signer of its time
                yield Finding("I13", subject, f"nothing can be signed with it: {error}")
            continue
        except SignerUnavailable as error:
            yield Finding("I13", "signer", f"no key can be seen: {error}")
            break
        except (InsigniaError, VcError) as error:
            yield Finding("I13", subject, f"its envelope does not open: {error}")
            continue
        if not fits:
            yield Finding("I13", subject, "its private half does not belong to its published half")
    master = mark_path().with_name("master-key")
    if master.exists() and stat.S_IMODE(master.stat().st_mode) & 0o077:
        yield Finding("I13", "master-key", "others may read it; set its mode to 600")


def _keys_in_time(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - as above
    rows = Reservation.objects.select_related("ed25519_key", "p256_key").defer("sealed_prepared")
    for row in rows.iterator():
        for key in (row.ed25519_key, row.p256_key):
            if key.created_at > row.created_at or (key.retired_at and key.retired_at < row.created_at):
                message = f"key {key.public_id} was not active when it was reserved"
                yield Finding("I13", f"reservation {row.public_id}", message)


CHECKS = (
    Check("I3", "no reservation is quarantined", _quarantine),
    Check("I4", "no status index was handed out twice", _indexes),
    Check("I4", "every slot is what became of its reservation", _slots),
    Check("I10", "status lists say what happened, and are published", _lists),
    Check("I11", "no revocation was ever cleared", _cleared),
    Check("I12", "the database is not behind the mark kept outside it", _mark),
    Check("I13", "every private key opens and fits its published half", _keys),
    Check("I13", "keys were active when they were reserved", _keys_in_time),
)
CHECKS_AT = (CheckAt("I10", "status lists have begun to hold", _lists_begun),)
