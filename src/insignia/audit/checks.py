"""The invariants of the record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Max

from insignia.audit.models import AuditEntry
from insignia.audit.services import audit_verify
from insignia.foundation.checks import Check, Finding

WAIT = timedelta(seconds=60)


def _chain(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - the shape of every check
    report = audit_verify()
    if report.broken:
        yield Finding("I7", "audit chain", report.broken)


def _waiting(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - as above
    newest = AuditEntry.objects.aggregate(at=Max("at"))["at"]
    if newest is None:
        return
    for entry in AuditEntry.objects.filter(link__isnull=True, at__lt=newest - WAIT)[:20]:
        yield Finding(
            "I7", f"audit entry {entry.public_id}", "waits over 60 s for its number; is a worker running?"
        )


CHECKS = (
    Check("I7", "the audit chain is whole and reaches its checkpoint", _chain),
    Check("I7", "no audit row waits long for its number", _waiting),
)
