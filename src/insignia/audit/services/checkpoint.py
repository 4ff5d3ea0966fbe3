"""The head of the chain, kept outside the database so that a cut tail shows."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from insignia.audit.actor import Actor
from insignia.audit.models import AuditLink
from insignia.audit.rules import GENESIS, moment
from insignia.audit.selectors import link_newest
from insignia.audit.services.recording import audit_record


def checkpoint_path() -> Path:
    """Say where the last checkpoint lies: outside the database, so that a cut tail shows."""
    return Path(settings.INSIGNIA_DATA) / "audit-checkpoint.json"


def checkpoint_read() -> tuple[int, str]:
    """Read the last checkpoint as (number, hash in hex); (0, "") when there is none."""
    try:
        stored = json.loads(checkpoint_path().read_text())
        return int(stored["number"]), str(stored["hash"])
    except FileNotFoundError:
        return 0, ""


def checkpoint_write(number: int, head: bytes, at: datetime) -> None:
    """Store the head of the chain outside the database; it never goes back."""
    if checkpoint_read()[0] < number:
        _checkpoint_put(number, head, at)


def _checkpoint_put(number: int, head: bytes, at: datetime) -> None:
    path = checkpoint_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{number}")
    with temporary.open("w") as file:
        json.dump({"number": number, "hash": head.hex(), "at": moment(at)}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@transaction.atomic
def checkpoint_recover(*, actor: Actor, at: datetime) -> int:
    """Let the record go on after an older copy of the database was put back; return how many rows are gone.

    A row of the record itself says which numbers are gone, and what the head was that nobody can show any more.
    """
    number, head = checkpoint_read()
    newest = link_newest()
    present = newest.number if newest else 0
    if not number or _hash_at(number) == head:
        return 0
    gone = {"from": present + 1, "to": number, "head": head}
    audit_record(actor=actor, at=at, action="audit.rows-lost", subject=("record", UUID(int=number)), new=gone)
    transaction.on_commit(lambda: _checkpoint_put(present, bytes(newest.hash) if newest else GENESIS, at))
    return max(number - present, 0)


def _hash_at(number: int) -> str:
    link = AuditLink.objects.filter(number=number).first()
    return bytes(link.hash).hex() if link else ""
