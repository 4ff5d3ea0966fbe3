"""Writing the record: one row for each change, in the transaction of the change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from insignia.audit.actor import Actor
from insignia.audit.models import AuditEntry
from insignia.foundation.bulk import bulk_insert
from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import OpenKey, seal
from insignia.foundation.wake import wake

PERSONAL_PURPOSE = "audit"


def audit_record(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    subject: tuple[str, UUID],
    organization_id: UUID | None = None,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    personal: tuple[DataKey, dict[str, Any]] | None = None,
) -> AuditEntry:
    """Insert one row, in the transaction of the change it tells of.

    `personal` holds values about a person (old and new names, texts); they lie sealed under that key.
    """
    key, sealed = None, None
    if personal is not None:
        key = personal[0]
        sealed = seal(json.dumps(personal[1]).encode(), key=key, purpose=PERSONAL_PURPOSE)
    entry = AuditEntry.objects.create(
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        organization_id=organization_id,
        old=old or {},
        new=new or {},
        data_key=key,
        sealed_personal=sealed,
    )
    wake("audit.sequence")
    return entry


@dataclass(frozen=True)
class Entry:
    """One change of many: what it happened to, by kind and id, with its old and new values.

    `personal` holds values about a person, with the id of the key that seals them and that key.
    """

    subject: tuple[str, UUID]
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    personal: tuple[int, OpenKey, dict[str, Any]] | None = None

    @property
    def sealed(self) -> tuple[int | None, bytes | None]:
        """Give what is personal as it is stored: the key's id, and the values sealed under it."""
        if self.personal is None:
            return None, None
        key_id, key, values = self.personal
        return key_id, key.seal(json.dumps(values).encode(), purpose=PERSONAL_PURPOSE)


ENTRY_COLUMNS = (
    "public_id", "at", "actor_kind", "actor_id", "actor_name", "action", "subject_kind", "subject_id",
    "organization_id", "old", "new", "data_key_id", "sealed_personal",
)  # fmt: skip


def audit_record_many(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    organization_id: UUID | None,
    entries: Sequence[Entry],
) -> None:
    """Insert one row for each of many like changes, in the transaction of the changes."""
    who = (actor.kind, actor.id, actor.name)
    bulk_insert(
        AuditEntry,
        ENTRY_COLUMNS,
        [
            (new_id(), at, *who, action, *entry.subject, organization_id, entry.old, entry.new, *entry.sealed)
            for entry in entries
        ],
    )
    wake("audit.sequence")
