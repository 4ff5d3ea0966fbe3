"""Proving the chain: every link follows the one before and covers its row, up to the checkpoint outside."""

from __future__ import annotations

from dataclasses import dataclass

from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.rules import GENESIS, entry_bytes, link_hash
from insignia.audit.selectors import entry_facts, link_newest, links_in_order
from insignia.audit.services.checkpoint import checkpoint_read


@dataclass(frozen=True)
class ChainReport:
    """What a walk of the chain found: `broken` names the first bad row, or is empty."""

    length: int
    unnumbered: int
    broken: str = ""


def audit_verify(*, newest: int | None = None) -> ChainReport:
    """Walk the chain and compare it with the checkpoint; name the first broken row.

    `newest` walks so many rows at the end only: a page can ask for that at any length of the record.
    """
    previous, expected = _start_before(newest)
    checkpoint_number, checkpoint_hash = checkpoint_read()
    for link in links_in_order(after=expected):
        expected += 1
        if broken := _break_at(link, expected, previous):
            return ChainReport(expected, _unnumbered(), broken)
        previous = bytes(link.hash)
        if expected == checkpoint_number and previous.hex() != checkpoint_hash:
            return ChainReport(
                expected, _unnumbered(), f"row {expected}: the chain left the checkpoint kept outside"
            )
    if expected < checkpoint_number:
        message = f"row {expected + 1}: rows up to {checkpoint_number} were numbered once and are gone"
        return ChainReport(expected, _unnumbered(), message)
    return ChainReport(expected, _unnumbered())


def _start_before(newest: int | None) -> tuple[bytes, int]:
    head = link_newest()
    if newest is None or head is None or head.number <= newest:
        return GENESIS, 0
    before = AuditLink.objects.filter(number__lte=head.number - newest).order_by("-number").first()
    return (bytes(before.hash), before.number) if before else (GENESIS, 0)


def _break_at(link: AuditLink, expected: int, previous: bytes) -> str:
    if link.number != expected:
        return f"row {expected}: missing; the next one is {link.number}"
    if bytes(link.previous_hash) != previous:
        return f"row {expected}: does not follow the row before it"
    if link_hash(link.number, previous, entry_bytes(entry_facts(link.entry))) != bytes(link.hash):
        return f"row {expected} ({link.entry.action}, {link.entry.public_id}): changed after it was written"
    return ""


def _unnumbered() -> int:
    numbered = AuditLink.objects.count()  # first: a row that gets its number between the two is none too many
    return AuditEntry.objects.count() - numbered
