"""Where an award stands, for the line above the double rule: the last check of this document, with its time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from insignia.awards.register import standing_of
from insignia.awards.selectors import CredentialState, award_json
from insignia.issuing.selectors import lists_of_set
from insignia.vc.verify import CredentialSummary, Report
from insignia.verification.selectors import bytes_judged
from insignia.verification.summary import Summary, summary_of
from insignia.web.verification.findings import Finding, counted, finding_of, register_check, standing_sentence
from insignia.web.verification.words import CheckWords, check_words

if TYPE_CHECKING:
    from insignia.awards.models import Award
    from insignia.awards.selectors import AwardView
    from insignia.awards.story import StoryChange

KEPT_SECONDS = 600
SHOWN = ("signature", "controller", "status.revocation", "expiry", "schema")
NOBODY = CredentialSummary(id=None, name=None, issuer=None)


@dataclass(frozen=True)
class Standing:
    """The word, the sentence, and the few checks that stand beside the record."""

    status: str
    sentence: str
    stands_above: bool
    checks: tuple[CheckWords, ...]
    summary: Summary


def standing_now(view: AwardView, changes: tuple[StoryChange, ...], *, at: datetime) -> Standing:
    """Say how an award stands; revoked, paused and expired stand above everything else."""
    award = view.award
    report, checked_at = report_kept(view, at=at)
    summary = summary_of(report, at=checked_at)
    own = standing_of(award, on=at)
    status = own if own != "valid" else summary.standing
    above = own in {"revoked", "suspended", "expired"}
    sentence = _told(award, own, changes) if above else _counted_at(summary, award)
    words = [check_words(report.check(name)) for name in SHOWN]
    state = own_state(award, changes)
    if state is not None and (paused := register_check(state)):
        words.insert(0, check_words(paused, zone_day=_day(state.since, award)))
    return Standing("invalid" if status == "changed" else status, sentence, above, tuple(words), summary)


def report_kept(view: AwardView, *, at: datetime) -> tuple[Report, datetime]:
    """Give the last report on this document and these lists, or make one; names of people are not kept."""
    key = _key(view, at)
    kept: tuple[Report, datetime] | None = cache.get(key)
    if kept is None:
        report = bytes_judged(raw=award_json(view), at=at)
        kept = (replace(report, document=None, credential=NOBODY), at)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def finding_fresh(view: AwardView, changes: tuple[StoryChange, ...], *, at: datetime) -> Finding:
    """Check the document again, now, and keep the result for the page."""
    report = bytes_judged(raw=award_json(view), at=at)
    cache.set(_key(view, at), (replace(report, document=None, credential=NOBODY), at), KEPT_SECONDS)
    return finding_of(report, at=at, own=own_state(view.award, changes))


def own_state(award: Award, changes: tuple[StoryChange, ...]) -> CredentialState | None:
    """Give what the register says of an award that is not plainly in force."""
    if award.state not in {"revoked", "suspended"} or not changes:
        return None
    last = changes[-1]
    return CredentialState(
        state=str(award.state),
        since=last.at,
        reason=last.reason,
        is_replaced=False,
        time_zone=award.organization.time_zone,
    )


def _key(view: AwardView, at: datetime) -> str:
    epochs = "-".join(str(row.epoch) for row in lists_of_set(view.document.reservation.slot.status_set))
    over = view.award.valid_until is not None and view.award.valid_until < at
    return f"standing:{view.document.public_id}:{epochs}:{int(over)}"


def _told(award: Award, status: str, changes: tuple[StoryChange, ...]) -> str:
    zone = ZoneInfo(award.organization.time_zone)
    if status == "expired" and award.valid_until is not None:
        return standing_sentence("expired", since=award.valid_until, reason="", zone=zone)
    last = changes[-1]
    return standing_sentence(status, since=last.at, reason=last.reason, zone=zone)


def _counted_at(summary: Summary, award: Award) -> str:
    local = timezone.localtime(summary.at, ZoneInfo(award.organization.time_zone))
    return _("%(counted)s Checked on %(moment)s.") % {
        "counted": counted(summary),
        "moment": f"{formats.date_format(local, 'DATETIME_FORMAT')} {local.tzname()}",
    }


def _day(moment: datetime, award: Award) -> str:
    return formats.date_format(timezone.localtime(moment, ZoneInfo(award.organization.time_zone)).date())
