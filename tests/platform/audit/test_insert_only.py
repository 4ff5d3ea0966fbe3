from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError

from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.services import audit_record, audit_sequence
from tests.platform.factories import AT, SETUP

pytestmark = pytest.mark.django_db(transaction=True)


class TestAuditRows:
    """The database itself refuses to change or remove them."""

    @pytest.fixture(autouse=True)
    def one_row(self) -> None:
        audit_record(actor=SETUP, at=AT, action="thing.changed", subject=("thing", uuid4()))
        audit_sequence(AT)

    @pytest.mark.parametrize("model", [AuditEntry, AuditLink])
    def test_cannot_be_removed(self, model: type[AuditEntry] | type[AuditLink]) -> None:
        with pytest.raises(DatabaseError, match="insert-only"):
            model.objects.all()._raw_delete("default")

    def test_entries_cannot_be_changed(self) -> None:
        with pytest.raises(DatabaseError, match="insert-only"):
            AuditEntry.objects.update(action="nothing")

    def test_links_cannot_be_changed(self) -> None:
        with pytest.raises(DatabaseError, match="insert-only"):
            AuditLink.objects.update(hash=b"0" * 32)
