"""Pure rules of awards: who may see one, which change of state is legal, when one expires."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from insignia.foundation.localized import localized_pick

if TYPE_CHECKING:
    from insignia.achievements.rules import AchievementContent

CLAIM_VALIDITY = timedelta(days=180)
SHARE_VALIDITY = timedelta(days=90)
SHARE_LONGEST = timedelta(days=731)


RUN_ROW, EXAM_RESULT, OVERRIDE = "run-row", "exam-result", "override"
"""Kinds of origin besides a decision: a row of a registrar's run, an imported exam result, an exception."""


def recipient_key(*, number: str = "", address: str = "") -> str:
    """Say how an organization tells somebody apart from others: by its own number, else by address."""
    return f"number:{number}" if number else f"email:{address.lower()}"


def person_key(person_id: UUID) -> str:
    """Say how an organization tells a member with an account apart."""
    return f"person:{person_id}"


class Sight(StrEnum):
    """In what capacity somebody sees an award; it decides what of it they see."""

    LEARNER = "learner"
    ISSUER = "issuer"
    LINK = "link"
    PUBLIC = "public"


@dataclass(frozen=True)
class Openness:
    """What the learner chose, and what bounds the choice on this day."""

    visibility: str
    is_minor: bool
    has_consent: bool
    links_allowed: bool

    @property
    def may_be_public(self) -> bool:
        """Say whether everyone may see it: an adult's, or a minor's with consent in force."""
        return not self.is_minor or self.has_consent

    @property
    def may_be_linked(self) -> bool:
        """Say whether a link may open it: an adult's, or a minor's where the organization allows links."""
        return not self.is_minor or self.links_allowed or self.has_consent


def sight(openness: Openness, *, is_learner: bool, is_issuer: bool, has_link: bool) -> Sight | None:
    """Decide in what capacity the viewer sees the award; None means that for them there is none."""
    if is_learner:
        return Sight.LEARNER
    if is_issuer:
        return Sight.ISSUER
    if openness.visibility == "public" and openness.may_be_public:
        return Sight.PUBLIC
    if openness.visibility != "private" and has_link and openness.may_be_linked:
        return Sight.LINK
    return None


CHANGES: dict[str, dict[str, str]] = {
    "issued": {"suspended": "suspended", "revoked": "revoked"},
    "suspended": {"reinstated": "issued", "revoked": "revoked"},
}
"""State -> change -> next state. What is not here is refused; nothing leads out of `revoked`."""


def state_after(state: str, change: str) -> str | None:
    """Give the state that follows, or None when the change is illegal there."""
    return CHANGES.get(state, {}).get(change)


def expiry(valid_from: datetime, *, months: int | None, time_zone: str) -> datetime | None:
    """Compute the last second of validity: end of the day, in the organization's zone, `months` later.

    A day that the month lacks becomes its last day: 31 January plus one month is 28 or 29 February.
    """
    if not months:
        return None
    zone = ZoneInfo(time_zone)
    end = time(23, 59, 59)
    return datetime.combine(months_later(valid_from.astimezone(zone).date(), months), end, zone).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """Add calendar months to a date, clipped to the length of the month reached."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@lru_cache(maxsize=256)
def moment(at: datetime) -> str:
    """Write a moment as documents do: UTC, whole seconds, Z (VC Data Model 2.0, dateTimeStamp)."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


EXPIRY_DAYS = (90, 60, 30, 7)
"""How many days before the end learners are told, unless their organization chose other days."""
RENEWABLE_BEFORE = timedelta(days=90)
RENEWABLE_AFTER = timedelta(days=365)
THIRD_OF_A_MONTH = timedelta(days=10)


def renewable_before(months: int) -> timedelta:
    """Say how long before its end a badge that holds for so many months is renewed: a third of them, or 90 days.

    What is renewed early ends later by a whole validity, so what holds briefly could be renewed again at once.
    """
    return min(RENEWABLE_BEFORE, months * THIRD_OF_A_MONTH)


def is_renewable(valid_until: datetime | None, *, months: int | None, on: datetime) -> bool:
    """Say whether it is time to renew what holds for so many months: up to a year after its end."""
    if valid_until is None or not months:
        return False
    return valid_until - renewable_before(months) <= on <= valid_until + RENEWABLE_AFTER


def renewed_until(valid_until: datetime, *, months: int, on: datetime, time_zone: str) -> datetime:
    """Compute the new end: counted from the old one while that lies ahead, so nobody loses days; else from now."""
    following = expiry(max(valid_until, on), months=months, time_zone=time_zone)
    if following is None:
        raise ValueError("a badge without validity is not renewed")
    return following


def expiry_days_checked(days: Collection[int]) -> tuple[int, ...]:
    """Give the days in order, longest before first, each once.

    Raises:
        ValueError: none, more than eight, or a day outside 1 to 365.
    """
    chosen = tuple(sorted(set(days), reverse=True))
    if not 1 <= len(chosen) <= 8 or not all(1 <= day <= 365 for day in chosen):
        raise ValueError("one to eight numbers of days, each from 1 to 365")
    return chosen


@dataclass(frozen=True)
class Said:
    """What a document says that a correction may say otherwise. Moments are in whole seconds."""

    name: str
    awarded_at: datetime
    valid_from: datetime
    valid_until: datetime | None


def said_to_json(said: Said) -> dict[str, str | None]:
    """Write what a document says as JSON, moments as documents write them."""
    return {
        "name": said.name,
        "awarded_at": moment(said.awarded_at),
        "valid_from": moment(said.valid_from),
        "valid_until": moment(said.valid_until) if said.valid_until is not None else None,
    }


def said_from_json(stored: Mapping[str, str | None]) -> Said:
    """Read what `said_to_json` wrote."""
    until = stored["valid_until"]
    return Said(
        name=str(stored["name"]),
        awarded_at=datetime.fromisoformat(str(stored["awarded_at"])),
        valid_from=datetime.fromisoformat(str(stored["valid_from"])),
        valid_until=datetime.fromisoformat(until) if until is not None else None,
    )


def corrected_facts(old: Said, new: Said) -> tuple[str, ...]:
    """Name the facts that differ, in the order in which people read them."""
    return tuple(fact.name for fact in fields(Said) if getattr(old, fact.name) != getattr(new, fact.name))


def is_awarded_ahead(old: Said, new: Said, *, at: datetime) -> bool:
    """Say whether a correction moves the award itself to a moment to come. It may begin to hold later."""
    return new.awarded_at != old.awarded_at and new.awarded_at > at


def is_substantial(changed: Collection[str]) -> bool:
    """Say whether the earlier document must stop counting, because somebody would rely on a day it says.

    A name spelt better leaves the earlier document true; it is replaced, not revoked.
    """
    return bool(set(changed) - {"name"})


@dataclass(frozen=True)
class EvidenceEntry:
    """One entry of evidence as signed documents count it: one per requirement that was answered.

    `number` is the requirement's place in the template, from 1, so that it never depends on what was left out.
    """

    number: int
    requirement_id: str
    name: str
    genre: str


def evidence_listed(
    content: AchievementContent, *, answered: frozenset[str], language: str
) -> tuple[EvidenceEntry, ...]:
    """List the entries an award rests on, in the order of the template."""
    return tuple(
        EvidenceEntry(number, wanted.id, localized_pick(wanted.name, language), wanted.genre)
        for number, wanted in enumerate(content.requirements, start=1)
        if wanted.id in answered
    )
