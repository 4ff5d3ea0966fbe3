"""Ask every check of every domain, as `insignia doctor` does."""

from __future__ import annotations

from datetime import UTC, datetime

from insignia.audit.services import audit_sequence
from insignia.cli.doctor import every_check
from tests.platform.factories import AT

END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)


def findings(*, deep: bool = False, at: datetime = END_OF_TIME) -> list[str]:
    """Give every finding as one line that begins with its invariant.

    Tests live in days of their own: unless one says what day it is, nothing lies in the future.
    """
    audit_sequence(AT)
    return [
        f"{finding.invariant} {finding.subject}: {finding.message}"
        for check in every_check(at)
        for finding in check.run(deep)
    ]
