"""An award's documents and its standing on a day, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insignia.awards.history import PastDocument, documents_of, standing_on

if TYPE_CHECKING:
    from insignia.awards.models import Award

FACTS: Mapping[str, Promise] = {
    "name": gettext_lazy("the name"),
    "awarded_at": gettext_lazy("the day it was awarded"),
    "valid_from": gettext_lazy("its first day"),
    "valid_until": gettext_lazy("its last day"),
}
ON_THAT_DAY: Mapping[str, Promise] = {
    "not-yet": gettext_lazy("On %(day)s it did not exist yet."),
    "valid": gettext_lazy("On %(day)s it was in force."),
    "expired": gettext_lazy("On %(day)s it had expired."),
    "suspended": gettext_lazy("On %(day)s it was paused."),
    "revoked": gettext_lazy("On %(day)s it was revoked."),
}
MARKS = {"not-yet": "skipped"}


@dataclass(frozen=True)
class DayAnswer:
    """How the award stood on the day that was asked for, or that no day was understood."""

    asked: str
    standing: str = ""
    sentence: str = ""
    is_unclear: bool = False

    @property
    def mark(self) -> str:
        """Name the mark that goes with the sentence."""
        return MARKS.get(self.standing, self.standing)


@dataclass(frozen=True)
class DocumentLine:
    """One later document on the rail: what was done, where it is, what became of the one before."""

    past: PastDocument
    title: str
    sentence: str

    @property
    def earlier(self) -> int:
        """Give the number of the document that this one replaced."""
        return self.past.number - 1


def day_answer(award: Award, asked: str, *, today: date) -> DayAnswer | None:
    """Answer `?on=`; None where nothing is asked."""
    if not asked:
        return None
    day = _day(asked)
    if day is None or day > today:
        return DayAnswer(asked=asked[:40], is_unclear=True)
    standing = standing_on(award, day)
    sentence = str(ON_THAT_DAY[standing]) % {"day": formats.date_format(day)}
    return DayAnswer(asked=day.isoformat(), standing=standing, sentence=sentence)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def later_documents(award: Award) -> tuple[DocumentLine, ...]:
    """Tell of every document after the first, oldest first."""
    documents = documents_of(award)
    return tuple(_line(documents[place - 1], documents[place], award) for place in range(1, len(documents)))


def _line(before: PastDocument, past: PastDocument, award: Award) -> DocumentLine:
    if past.kind == "reissue":
        return DocumentLine(past, _("Signed again"), _("It says the same, signed with the issuer's new key."))
    if past.kind == "renewal":
        return DocumentLine(past, _("Renewed"), _renewed(past.valid_until, award))
    facts = get_text_list([str(FACTS[fact]) for fact in past.changed], _("and"))
    became = _("The earlier copy no longer counts.") if before.is_revoked else _("The earlier copy is replaced.")
    return DocumentLine(past, _("Corrected"), _("Corrected: %(facts)s.") % {"facts": facts} + f" {became}")


def _renewed(until: datetime | None, award: Award) -> str:
    if until is None:
        return _("It does not expire any more.")
    day = timezone.localtime(until, ZoneInfo(award.organization.time_zone)).date()
    return _("It is in force until %(day)s.") % {"day": formats.date_format(day)}
