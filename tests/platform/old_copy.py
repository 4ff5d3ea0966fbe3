"""An older copy of the database is put back, while the files beside it go on remembering."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

from insignia.audit.services import audit_sequence, checkpoint_recover
from tests.platform.factories import AT, SETUP


def put_back(live_on: Callable[[], object]) -> None:
    """Live on, then put the database back as it was before."""
    audit_sequence(AT)
    before = connection.savepoint() or ""
    live_on()
    audit_sequence(AT)
    connection.savepoint_rollback(before)
    checkpoint_recover(actor=SETUP, at=AT)
