"""A report counted, for the line that says whether a badge is valid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from insignia.vc.verify import CheckResult, Outcome, Report, Verdict

ORDER = {Outcome.FAILED: 0, Outcome.UNDETERMINED: 1, Outcome.PASSED: 2, Outcome.SKIPPED: 3}


@dataclass(frozen=True)
class Summary:
    """How many checks ended how, as of when, and what stands above everything else."""

    verdict: Verdict
    passed: int
    failed: int
    undetermined: int
    skipped: int
    at: datetime
    standing: str


def summary_of(report: Report, *, at: datetime) -> Summary:
    """Count a report. `standing` is `revoked`, `suspended`, `expired`, `changed`, or the verdict in lower case."""
    counts = Counter(check.outcome for check in report.checks)
    return Summary(
        verdict=report.verdict,
        passed=counts[Outcome.PASSED],
        failed=counts[Outcome.FAILED],
        undetermined=counts[Outcome.UNDETERMINED],
        skipped=counts[Outcome.SKIPPED],
        at=at,
        standing=_standing(report),
    )


def checks_worst_first(report: Report) -> tuple[CheckResult, ...]:
    """Order checks as a reader needs them: failed, undetermined, passed, skipped."""
    return tuple(sorted(report.checks, key=lambda check: ORDER[check.outcome]))


def _standing(report: Report) -> str:
    failed = {check.check_id: check for check in report.checks if check.outcome is Outcome.FAILED}
    for check_id, word in (
        ("signature", "changed"),
        ("status.revocation", "revoked"),
        ("status.suspension", "suspended"),
        ("expiry", "expired"),
    ):
        if check_id in failed:
            return word
    return report.verdict.value.lower()
