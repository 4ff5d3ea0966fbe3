"""A report as people read it: the verdict, who says what of whom, then the checks, the worst first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from insignia.cli.terminal import plain, say, say_columns, styled
from insignia.vc.verify import Outcome, Policy, Verdict

if TYPE_CHECKING:
    from insignia.vc.verify import CheckResult, Report

MARKS = {
    Outcome.FAILED: ("✘", "failed", "red"),
    Outcome.UNDETERMINED: ("?", "undetermined", "magenta"),
    Outcome.PASSED: ("✔", "passed", "green"),
    Outcome.SKIPPED: ("\N{EN DASH}", "skipped", "bright_black"),
}
HEADS = {
    Verdict.VALID: (Outcome.PASSED, "VALID"),
    Verdict.INVALID: (Outcome.FAILED, "INVALID"),
    Verdict.UNDETERMINED: (Outcome.UNDETERMINED, "UNDETERMINED"),
}
ORDER = tuple(MARKS)
ADVICE = {
    "readable": "Ask for the file as it was issued: JSON, token, PNG or SVG.",
    "signature": "Changed after signing, or signed by somebody else. Do not rely on it; ask for a fresh copy.",
    "expiry": "Ask the issuer whether there is a newer one.",
    "status.revocation": "It no longer counts.",
    "status.suspension": "Paused by the issuer. Ask when it counts again.",
    "status.refresh": "Ask for the newer copy.",
}
ADVICE_UNKNOWN = {
    "context": "If you trust the context, give it: --context URL=FILE.",
    "key": "The issuer's keys are not at hand. Try again, or give them: --did-document FILE.",
    "status.revocation": "We cannot say if this is in force; it may well be genuine. Or give: --status-list FILE.",
    "status.suspension": "We cannot say if this is in force; it may well be genuine. Or give: --status-list FILE.",
}
SCOPE = "What no check can know: who is showing you this."


def say_report(report: Report, *, at: datetime, policy: Policy) -> None:
    """Print a report."""
    _say_head(report, at)
    say()
    for result in sorted(report.checks, key=lambda check: ORDER.index(check.outcome)):
        _say_check(result, policy)
    say()
    say(_counts(report))
    say(styled(SCOPE, dim=True))


def _say_head(report: Report, at: datetime) -> None:
    outcome, word = HEADS[report.verdict]
    mark, _word, colour = MARKS[outcome]
    named = report.credential
    say(f"{styled(f'{mark} {word}', fg=colour, bold=True)}  {plain(named.name or 'no name')}".rstrip())
    say()
    facts = (("recipient", named.recipient), ("issuer", named.issuer), ("credential", named.id))
    for label, value in facts:
        if value:
            say_columns([("", 2), (label, 12)], plain(value))
    say_columns([("", 2), ("as of", 12)], at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"))


def _say_check(result: CheckResult, policy: Policy) -> None:
    mark, word, colour = MARKS[result.outcome]
    troubled = result.outcome in {Outcome.FAILED, Outcome.UNDETERMINED}
    label = styled(f"{mark} {word}", fg=colour, bold=troubled)
    aside = " (informs, does not decide)" if troubled and result.check_id not in policy.required else ""
    say_columns([("", 2), (label, 16), (result.check_id, 19)], plain(result.message) + aside)
    if advice := _advice(result):
        say_columns([("", 18), ("", 19)], f"→ {advice}")


def _advice(result: CheckResult) -> str | None:
    if result.outcome is Outcome.FAILED:
        return ADVICE.get(result.check_id)
    return ADVICE_UNKNOWN.get(result.check_id) if result.outcome is Outcome.UNDETERMINED else None


def _counts(report: Report) -> str:
    order = (Outcome.PASSED, Outcome.FAILED, Outcome.UNDETERMINED, Outcome.SKIPPED)
    counted = {outcome: sum(check.outcome is outcome for check in report.checks) for outcome in order}
    return ", ".join(f"{number} {MARKS[outcome][1]}" for outcome, number in counted.items())
