"""What published status lists say that the database forgot: read them, and set it again.

A bit of revocation or replacement counts in whichever list it stands, for it is never cleared. Of pauses only the
newest list speaks, since a pause may be lifted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

from insignia.issuing.errors import RecoveryDocumentUnusable
from insignia.issuing.models import Purpose, StatusEvent, StatusList, StatusSlot
from insignia.issuing.published import Copy, copies_kept
from insignia.issuing.rules import LIST_VALIDITY, Mark
from insignia.issuing.selectors import issuer_addresses
from insignia.issuing.sources import OwnIssuers, context_loader
from insignia.vc.errors import VcError
from insignia.vc.status import BitstringList, parse_list
from insignia.vc.verify import NoStatusLists, Outcome, Sources, verify


@dataclass(frozen=True)
class PublishedList:
    """One published list: what it says, of which list, since when it said so, and the key that signed it.

    `copy` is where this machine kept it; without one, somebody handed it in.
    """

    list_id: UUID
    bits: BitstringList
    said_at: datetime
    issuer_did: str
    method: str
    document: bytes
    copy: Copy | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        """Order the documents of one list, the newest last."""
        return self.said_at, self.copy.epoch if self.copy else 0

    def is_newer_than(self, row: StatusList) -> bool:
        """Say whether it was published after what the database knows of the list."""
        if self.copy is not None:
            return self.copy.epoch > row.epoch
        return row.published_at is None or self.said_at > row.published_at


@dataclass(frozen=True)
class Imported:
    """What the lists gave: how many bits were set, and slots (set, index) whose pause a newer list has not."""

    set_again: int
    lifted: tuple[tuple[int, int], ...]


def lists_kept() -> list[PublishedList]:
    """Read the lists this machine kept. Like the mark beside them, they are trusted for where they lie."""
    return [_read(copy.path.read_bytes(), list_id=copy.list_id, copy=copy) for copy in copies_kept()]


def list_handed_in(document: bytes, *, at: datetime) -> PublishedList:
    """Read a list from elsewhere, once its signature is proven to be ours.

    Raises:
        RecoveryDocumentUnusable: it is not a status list that one of our issuers signed.
    """
    refusal = RecoveryDocumentUnusable("This is not a status list that this installation published.")
    sources = Sources(resolver=OwnIssuers(), status_lists=NoStatusLists(), loader=context_loader())
    if verify(document, at=at, sources=sources).check("signature").outcome is not Outcome.PASSED:
        raise refusal
    try:
        address = json.loads(document)["id"]
        for row in StatusList.objects.select_related("status_set__issuer").defer("bits", "document"):
            if issuer_addresses(row.status_set.issuer).status_list(row.public_id) == address:
                return _read(document, list_id=row.public_id)
    except (VcError, ValueError) as error:
        raise refusal from error
    raise refusal


def _read(document: bytes, *, list_id: UUID, copy: Copy | None = None) -> PublishedList:
    published = json.loads(document)
    return PublishedList(
        list_id=list_id,
        bits=parse_list(published).bits,
        said_at=datetime.fromisoformat(published["validFrom"]).astimezone(UTC),
        issuer_did=str(published["issuer"]),
        method=str(published["proof"]["verificationMethod"]),
        document=document,
        copy=copy,
    )


def lists_missing(published: Sequence[PublishedList], mark: Mark) -> list[str]:
    """Give the addresses of lists that were published later than any of them that is here, by the mark's count.

    What is handed in bears no count. It is taken for the newest if it is younger than all that is here.
    """
    by_list = _by_list(published)
    rows = StatusList.objects.select_related("status_set__issuer").defer("bits", "document").order_by("id")
    older = [
        issuer_addresses(row.status_set.issuer).status_list(row.public_id)
        for row in rows
        if not _has_newest(row, by_list[row.public_id], epoch=mark.epochs.get(str(row.public_id), 0))
    ]
    known = {str(list_id) for list_id in by_list} | {str(row.public_id) for row in rows}
    nowhere = sorted(name for name, epoch in mark.epochs.items() if epoch and name not in known)
    # whose they were went with their rows; nearly always this installation has one origin
    return [*older, *(f"{settings.INSIGNIA_ORIGIN}/status/{name}" for name in nowhere)]


def _has_newest(row: StatusList, ones: Sequence[PublishedList], *, epoch: int) -> bool:
    if epoch <= max(row.epoch, *(one.copy.epoch for one in ones if one.copy), 0):
        return True
    return bool(ones) and ones[-1].copy is None and ones[-1].is_newer_than(row)


def _by_list(published: Iterable[PublishedList]) -> dict[UUID, list[PublishedList]]:
    """Sort the documents of each list, the newest last."""
    found: dict[UUID, list[PublishedList]] = defaultdict(list)
    for one in sorted(published, key=lambda one: one.order):
        found[one.list_id].append(one)
    return found


def lists_newer(published: Iterable[PublishedList]) -> list[PublishedList]:
    """Keep, of those this machine kept, the ones published after what the database knows of their lists."""
    rows = {row.public_id: row for row in StatusList.objects.only("public_id", "epoch")}
    return [one for one in published if one.list_id not in rows or one.is_newer_than(rows[one.list_id])]


def lists_serve(published: Iterable[PublishedList]) -> None:
    """Let the newest kept document of each list be served at once: perhaps no key can sign a newer one yet."""
    for list_id, ones in _by_list(lists_newer(published)).items():
        newest = ones[-1]
        StatusList.objects.filter(public_id=list_id).update(
            document=newest.document, published_at=newest.said_at, valid_until=newest.said_at + LIST_VALIDITY
        )


def says_all(row: StatusList) -> bool:
    """Say whether the document that is served has every bit of its list as it is now."""
    return bool(row.document) and bytes(parse_list(json.loads(bytes(row.document))).bits) == bytes(row.bits)


def lists_import(published: Iterable[PublishedList], *, at: datetime) -> Imported:
    """Set every bit again that these lists have and the database has not."""
    set_again, lifted = 0, []
    for list_id, ones in _by_list(published).items():
        row = StatusList.objects.select_for_update().select_related("status_set").filter(public_id=list_id).first()
        if row is None:
            continue  # of a set whose issuer this database does not know
        if row.purpose == Purpose.SUSPENSION:
            ones = [one for one in ones[-1:] if one.is_newer_than(row)]  # noqa: PLW2901  - the others have no say
            lifted += [(row.status_set_id, index) for index in _lifted(row, ones)]
        set_again += _set_again(row, ones, at=at)
    return Imported(set_again, tuple(lifted))


def _lifted(row: StatusList, ones: Sequence[PublishedList]) -> list[int]:
    return [index for index in _indexes(BitstringList(bytes(row.bits))) for one in ones if not one.bits.get(index)]


def _set_again(row: StatusList, ones: Sequence[PublishedList], *, at: datetime) -> int:
    bits = BitstringList(bytes(row.bits))
    said_at: dict[int, datetime] = {}
    for one in ones:
        for index in _indexes(one.bits):
            if not bits.get(index):
                said_at.setdefault(index, one.said_at)
    slots = _slots_known(row, list(said_at))
    for index in said_at:
        bits.set(index, value=True)
    StatusEvent.objects.bulk_create(
        StatusEvent(status_list=row, sequence=sequence, slot=slots[index], value=True, at=when)
        for sequence, (index, when) in enumerate(_moments(said_at, slots, at=at), start=row.event_count + 1)
    )
    row.bits, row.event_count = bytes(bits), row.event_count + len(said_at)
    row.save(update_fields=["bits", "event_count"])
    return len(said_at)


def _moments(
    said_at: Mapping[int, datetime], slots: Mapping[int, StatusSlot], *, at: datetime
) -> Iterator[tuple[int, datetime]]:
    """Date each event: when a list first said so, no earlier than it happened; never before its document."""
    for index, said in said_at.items():
        reservation = getattr(slots[index], "reservation", None)
        yield index, min(at, max(said, reservation.created_at) if reservation else said)


def _slots_known(row: StatusList, indexes: Sequence[int]) -> dict[int, StatusSlot]:
    """Give the slots of these indexes; those that this database never handed out are burned now."""
    if not indexes:
        return {}
    burned = (StatusSlot(status_set=row.status_set, index=one, state=StatusSlot.State.BURNED) for one in indexes)
    StatusSlot.objects.bulk_create(burned, ignore_conflicts=True)
    rows = StatusSlot.objects.filter(status_set=row.status_set, index__among=list(indexes))
    rows = rows.select_related("reservation").defer("reservation__sealed_prepared")
    return {slot.index: slot for slot in rows}


def _indexes(bits: BitstringList) -> Iterator[int]:
    for place, byte in enumerate(bytes(bits)):
        if byte:
            yield from (index for index in range(place * 8, place * 8 + 8) if bits.get(index))
