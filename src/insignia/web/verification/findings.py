"""A report as the result page shows it: a word and a sentence, what the file says, the checks, worst first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from insignia.awards.selectors import CredentialState, credential_state
from insignia.vc.verify import CheckResult, Outcome, Report
from insignia.verification.summary import Summary, checks_worst_first, summary_of
from insignia.web.verification.words import CheckWords, check_words

if TYPE_CHECKING:
    from insignia.vc.model.json import Json

LONGEST = 300
DAY = timedelta(days=1)
TRUSTED = ("signature", "controller")


@dataclass(frozen=True)
class Claim:
    """One thing the file says of itself."""

    name: str
    value: str
    day: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """What a page says about one credential."""

    status: str
    sentence: str
    summary: Summary
    checks: tuple[CheckWords, ...]
    skipped: tuple[CheckWords, ...]
    claims: tuple[Claim, ...]
    is_signed: bool
    is_readable: bool
    own_address: str


def finding_of(report: Report, *, at: datetime, own: CredentialState | None = None) -> Finding:
    """Put a report into words. `own` is what our register says, for a credential of ours whose signature holds."""
    signed = all(report.check(name).outcome is Outcome.PASSED for name in TRUSTED)
    state = own or (_own_state(report) if signed else None)
    ordered = checks_worst_first(report)
    if state is not None and (paused := register_check(state)):
        ordered = (paused, *ordered)
    summary = summary_of(report, at=at)
    status = state.state if state is not None and state.state in {"revoked", "suspended"} else summary.standing
    words = tuple(check_words(check, zone_day=_day(check, state)) for check in ordered)
    return Finding(
        status="invalid" if status == "changed" else status,
        sentence=_sentence(status, summary, words, state),
        summary=summary,
        checks=tuple(check for check in words if check.status != "skipped"),
        skipped=tuple(check for check in words if check.status == "skipped"),
        claims=_claims(report),
        is_signed=signed,
        is_readable=report.check("readable").outcome is Outcome.PASSED,
        own_address=str(report.credential.id) if state is not None else "",
    )


def _own_state(report: Report) -> CredentialState | None:
    identifier = report.credential.id
    return credential_state(identifier) if identifier else None


def register_check(state: CredentialState) -> CheckResult | None:
    """Give what our register adds to the signed file: a pause stands in no file, and a reason in no list."""
    codes = {"suspended": "paused-here", "revoked": "revoked-here"}
    if state.state not in codes:
        return None
    data = {"code": codes[state.state], "reason": state.reason}
    return CheckResult(
        "register", Outcome.FAILED, f"The register of this installation says {state.state}.", "Insignia", data
    )


def _day(check: CheckResult, state: CredentialState | None) -> str:
    if check.check_id != "register" or state is None:
        return ""
    return formats.date_format(timezone.localtime(state.since, ZoneInfo(state.time_zone)).date())


def _sentence(status: str, summary: Summary, words: tuple[CheckWords, ...], state: CredentialState | None) -> str:
    if status == "valid":
        return counted(summary)
    if state is not None and status in {"revoked", "suspended"}:
        zone = ZoneInfo(state.time_zone)
        return standing_sentence(status, since=state.since, reason=state.reason, zone=zone)
    first = words[0]
    return f"{first.sentence} {first.advice}".strip()


def counted(summary: Summary) -> str:
    """Say how many checks ended how."""
    return _("%(passed)s checks passed, %(failed)s failed, %(undetermined)s undetermined.") % {
        "passed": summary.passed,
        "failed": summary.failed,
        "undetermined": summary.undetermined,
    }


def standing_sentence(status: str, *, since: datetime, reason: str, zone: Any = None) -> str:  # noqa: ANN401  - a tzinfo or None, as Django takes it
    """Say what a reader is told of a badge that is revoked, paused or expired: date, reason, consequence."""
    day = formats.date_format(timezone.localtime(since, zone).date())
    facts = {"day": day, "reason": reason.strip().rstrip(".")}
    if status == "revoked":
        return _("Revoked on %(day)s: %(reason)s. It no longer counts.") % facts
    if status == "suspended":
        return _("Paused by the issuer on %(day)s: %(reason)s.") % facts
    return _("Expired on %(day)s. It was in force until then.") % facts


def _claims(report: Report) -> tuple[Claim, ...]:
    document: Mapping[str, Json] = report.document or {}
    said = report.credential
    rows = [
        Claim(_("Badge"), _short(said.name)),
        Claim(_("Given to"), _short(said.recipient)),
        Claim(_("Issuer"), _short(said.issuer)),
        _dated(_("Valid from"), document.get("validFrom")),
        _dated(_("Valid until"), document.get("validUntil")),
        Claim(_("Address"), _short(said.id)),
    ]
    return tuple(row for row in rows if row.value or row.day)


def _short(value: str | None) -> str:
    text = value or ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _dated(name: str, value: Json) -> Claim:
    text = value if isinstance(value, str) else ""
    try:
        moment = datetime.fromisoformat(text)
        _ = moment - DAY, moment + DAY  # it has to be in the calendar of any zone that it may be shown in
    except (ValueError, OverflowError):
        return Claim(name, _short(text))
    return Claim(name, "", moment) if moment.tzinfo else Claim(name, _short(text))
