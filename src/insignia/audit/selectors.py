"""Reading the record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.rules import moment


def entry_facts(entry: AuditEntry) -> dict[str, Any]:
    """Give the facts of an entry that the chain covers; sealed values count by their hash."""
    sealed = entry.sealed_personal
    return {
        "id": str(entry.public_id),
        "at": moment(entry.at),
        "actor": [entry.actor_kind, str(entry.actor_id or ""), entry.actor_name],
        "action": entry.action,
        "subject": [entry.subject_kind, str(entry.subject_id)],
        "organization": str(entry.organization_id or ""),
        "old": entry.old,
        "new": entry.new,
        "personal": "" if sealed is None else hashlib.sha256(bytes(sealed)).hexdigest(),
    }


def entries_of(*, subject_kind: str, subject_id: UUID) -> list[AuditEntry]:
    """List what happened to one thing, oldest first."""
    return list(AuditEntry.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id"))


def links_in_order() -> Iterator[AuditLink]:
    """Walk the chain from its first link."""
    return AuditLink.objects.select_related("entry").order_by("number").iterator(chunk_size=2000)


def action_happened(action: str) -> bool:
    """Say whether the record has an entry of this kind."""
    return AuditEntry.objects.filter(action=action).exists()
