"""A list of a million entries with two in a hundred set: change one more and publish it, several times."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.inside.found import SCHOOL
from benchmarks.inside.step import begin, end

if TYPE_CHECKING:
    from insignia.issuing.models import StatusList, StatusSlot

SEED = 2026
SHARE_SET = 0.02


def main() -> None:
    """Measure; the answer holds the seconds of each change."""
    arguments = begin()
    revoked, slots = _prepare(arguments["entries"], arguments["changes"])
    end({"length": revoked.status_set.length, "seconds": [_change(slot, revoked) for slot in slots]})


def _prepare(entries: int, changes: int) -> tuple[StatusList, list[StatusSlot]]:
    """Open a long set as a large run would, with slots to change and a list as full as after some years."""
    from insignia.issuing.models import Issuer, Purpose, StatusList, StatusSlot
    from insignia.issuing.services import lists_republish, slots_take
    from insignia.issuing.services.status import set_with_room

    at = datetime.now(UTC)
    issuer = Issuer.objects.get(organization__slug=SCHOOL)
    status_set = set_with_room(issuer, room=entries, at=at)
    slots = slots_take(issuer, changes + 1, at=at)
    StatusSlot.objects.filter(status_set=status_set).update(state=StatusSlot.State.ISSUED)
    revoked = StatusList.objects.get(status_set=status_set, purpose=Purpose.REVOCATION)
    taken = {slot.index for slot in slots}
    revoked.bits = _bits(revoked.status_set.length, without=taken)
    revoked.save(update_fields=["bits"])
    lists_republish(at)
    _change(slots[0], revoked)  # the first one also fills caches
    return revoked, slots[1:]


def _bits(length: int, *, without: set[int]) -> bytes:
    from insignia.vc.status import BitstringList

    bits, chance = BitstringList(length), random.Random(SEED)  # noqa: S311  - a made-up list
    for index in chance.sample(range(length), round(length * SHARE_SET)):
        if index not in without:
            bits.set(index, value=True)
    return bytes(bits)


def _change(slot: StatusSlot, revoked: StatusList) -> float:
    """Revoke one, up to the moment at which the new list is published."""
    from insignia.issuing.models import Purpose, StatusList
    from insignia.issuing.services import status_change

    epoch = StatusList.objects.values_list("epoch", flat=True).get(pk=revoked.pk)
    began = time.perf_counter()
    status_change(slot=slot, purpose=Purpose.REVOCATION, value=True, at=datetime.now(UTC))
    taken = time.perf_counter() - began
    if StatusList.objects.values_list("epoch", flat=True).get(pk=revoked.pk) != epoch + 1:
        raise RuntimeError("The changed list was not published.")
    return taken


if __name__ == "__main__":
    main()
