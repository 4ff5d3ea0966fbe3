"""Reading the record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.rules import Facts

WITHDRAWING = ("issuer.keys-rotated", "issuer.keys-withdrawn")
"""What the record calls it when an issuer says that somebody else may hold keys: at once, or later."""


def entry_facts(entry: AuditEntry) -> Facts:
    """Give the facts of an entry that the chain covers."""
    return Facts(*(getattr(entry, name) for name in Facts._fields))


def entries_of(*, subject_kind: str, subject_id: UUID) -> list[AuditEntry]:
    """List what happened to one thing, oldest first."""
    return list(AuditEntry.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id"))


def entry_newest(*, subject_kind: str, subject_id: UUID) -> int | None:
    """Give the row id of the newest entry about one thing: it changes whenever something happens to the thing."""
    entries = AuditEntry.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-id")
    return entries.values_list("id", flat=True).first()


def entries_in(
    *, organization_id: UUID, subject_kinds: Collection[str] = (), subject_id: UUID | None = None
) -> QuerySet[AuditEntry]:
    """Give what happened in one organization, newest first; of some kinds of subject or one subject only."""
    rows = AuditEntry.objects.filter(organization_id=organization_id)
    if subject_kinds:
        rows = rows.filter(subject_kind__in=subject_kinds)
    if subject_id is not None:
        rows = rows.filter(subject_id=subject_id)
    return rows.order_by("-id")


def links_in_order(*, after: int = 0) -> Iterator[AuditLink]:
    """Walk the chain from its first link, or from the one behind number `after`."""
    links = AuditLink.objects.filter(number__gt=after).select_related("entry")
    return links.order_by("number").iterator(chunk_size=2000)


def link_newest() -> AuditLink | None:
    """Give the head of the chain."""
    return AuditLink.objects.order_by("-number").first()


def links_about(subject_id: UUID, *, action: str) -> Iterator[AuditLink]:
    """Walk the chain's links of one kind about one thing, with their entries, oldest first."""
    links = AuditLink.objects.filter(entry__action=action, entry__subject_id=subject_id)
    return links.select_related("entry").order_by("number").iterator()


def entries_doing(action: str) -> Iterator[tuple[str, UUID, dict[str, Any]]]:
    """Walk all rows of one action: the kind and id of what each is about, and its new values."""
    rows = AuditEntry.objects.filter(action=action).order_by("id")
    return rows.values_list("subject_kind", "subject_id", "new").iterator()


def withdrawals_of(issuer_id: UUID) -> dict[UUID, int]:
    """Give, for each key an issuer withdrew as compromised, the place in the chain where it says so."""
    links = AuditLink.objects.filter(entry__action__in=WITHDRAWING, entry__subject_id=issuer_id)
    return {
        UUID(key): link.number
        for link in links.select_related("entry").order_by("number")
        if link.entry.new.get("compromised")
        for key in link.entry.old.get("keys", [])
    }
