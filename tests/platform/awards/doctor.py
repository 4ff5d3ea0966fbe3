"""Ask every check of every domain, as `insignia doctor` does."""

from __future__ import annotations

from insignia.audit.services import audit_sequence
from insignia.cli.doctor import every_check
from tests.platform.factories import AT


def findings(*, deep: bool = False) -> list[str]:
    """Give every finding as one line that begins with its invariant."""
    audit_sequence(AT)
    return [
        f"{finding.invariant} {finding.subject}: {finding.message}"
        for check in every_check()
        for finding in check.run(deep)
    ]
