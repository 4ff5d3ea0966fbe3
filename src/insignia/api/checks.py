"""The invariant of keys: one key, one request, one answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.models import Count

from insignia.api.models import IdempotencyKey
from insignia.foundation.checks import Check, Finding

HASH = re.compile(r"[0-9a-f]{64}")


def _one_answer(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - the shape of every check
    doubled = IdempotencyKey.objects.values("organization_id", "key").annotate(rows=Count("id"))
    for found in doubled.filter(rows__gt=1):
        subject = f"key {found['key']} of organization {found['organization_id']}"
        yield Finding("I17", subject, f"stands in {found['rows']} rows; a key has one request and one answer")
    for row in IdempotencyKey.objects.order_by("id").iterator():
        if not HASH.fullmatch(row.request_hash) or not 200 <= row.status < 300:
            yield Finding("I17", f"key {row.public_id}", "has no answer of its own: something else wrote this row")


CHECKS = (Check("I17", "every idempotency key has one request and one answer", _one_answer),)
