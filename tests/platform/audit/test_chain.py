from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from tests.platform.factories import AT, SETUP, make_person

from insignia.audit.models import AuditEntry, AuditLink
from insignia.audit.rules import link_hash
from insignia.audit.services import (
    audit_record,
    audit_sequence,
    audit_verify,
    checkpoint_path,
    checkpoint_read,
)

pytestmark = pytest.mark.django_db


def record(count: int) -> None:
    for number in range(count):
        audit_record(
            actor=SETUP, at=AT, action="thing.changed", subject=("thing", uuid4()), new={"n": number}
        )


class TestAuditChain:
    def test_numbers_every_row_once_without_gaps(self) -> None:
        record(5)
        assert audit_sequence(AT) == 5
        record(3)
        assert audit_sequence(AT) == 3
        assert audit_sequence(AT) == 0
        assert list(AuditLink.objects.order_by("number").values_list("number", flat=True)) == list(
            range(1, 9)
        )
        assert audit_verify().broken == ""
