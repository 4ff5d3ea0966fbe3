"""What a run says: states, classes, and for each reason a sentence and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.foundation.errors import InsigniaError
from insignia.web.awards.words import SENTENCES, in_words
from insignia.web.runs.forms import FIELD_WORDS

if TYPE_CHECKING:
    from insignia.runs.models import RunRow

STATES: Mapping[str, Promise] = {
    "draft": _("Columns to be chosen"),
    "checking": _("Being looked at"),
    "checked": _("Ready to start"),
    "running": _("Being signed"),
    "paused": _("Paused"),
    "finished": _("Finished"),
    "cancelled": _("Stopped"),
}
CLASSES: Mapping[str, Promise] = {
    "new": _("get the badge"),
    "renewal": _("get it again: theirs is ending"),
    "duplicate": _("have it already"),
    "needs-evidence": _("need an assessment first"),
    "blocked": _("cannot get it"),
    "invalid": _("have something to mend"),
}
OUTCOMES: Mapping[str, Promise] = {
    "pending": _("Waiting"),
    "issued": _("Signed"),
    "refused": _("No badge"),
    "cancelled": _("Stopped"),
}


@dataclass(frozen=True)
class ReasonWords:
    """A sentence about a row, in which `%(value)s` and the like are filled, and what to do about it.

    `bare` says it where a row came to it only while it was signed: then nothing is there to fill in.
    """

    sentence: Promise
    fix: Promise
    bare: Promise | None = None


NOTHING = _("Nothing to do. The row is skipped.")
LATER = _("Send this row again in a new run.")
REASONS: Mapping[str, ReasonWords] = {
    "email-missing": ReasonWords(_("There is no e-mail address."), _("Add the address, or take the row out.")),
    "email-unusable": ReasonWords(_("“%(value)s” is not an address."), _("Write it like name@school.org.")),
    "letters-lost": ReasonWords(
        _("%(field)s: “%(value)s” has letters that could not be read."), _("Save the table as UTF-8 or as .xlsx.")
    ),
    "signs-unseen": ReasonWords(
        _("%(field)s: “%(value)s” holds signs that nobody sees."), _("Type the cell again by hand.")
    ),
    "too-long": ReasonWords(_("%(field)s: “%(value)s…” is too long."), _("Shorten the cell.")),
    "language-unknown": ReasonWords(
        _("“%(value)s” is no language we write in."), _("Write en or es, or nothing.")
    ),
    "date-unusable": ReasonWords(_("%(field)s: “%(value)s” is no day."), _("Write it like 2026-05-14.")),
    "date-ahead": ReasonWords(
        _("%(field)s: “%(value)s” has not come yet."),
        _("Correct the day, or give the badge then."),
        _("The day it was earned has not come yet."),
    ),
    "expiry-past": ReasonWords(
        _("%(field)s: “%(value)s” is over, or before the badge begins."),
        _("Correct the day, or leave it empty."),
        _("The last day it would be in force is over."),
    ),
    "yes-or-no-missing": ReasonWords(_("%(field)s: there is nothing."), _("Write yes or no.")),
    "yes-or-no-unusable": ReasonWords(_("%(field)s: “%(value)s” is neither yes nor no."), _("Write yes or no.")),
    "cells-beside": ReasonWords(
        _("“%(value)s” stands beside the last column."), _("Give it a column, or put the text in quotation marks.")
    ),
    "same-person": ReasonWords(
        _("Means the same person as row %(row)s."), NOTHING, _("Means the same person as a row before it.")
    ),
    "has-it": ReasonWords(
        _("Has this badge since %(since)s; will be skipped."),
        NOTHING,
        _("Has this badge already; will be skipped."),
    ),
    "being-signed": ReasonWords(_("This badge is being signed for them now."), NOTHING),
    "decision-met": ReasonWords(
        _("An assessor decided that their work is met; the badge comes by itself."), NOTHING
    ),
    "expires": ReasonWords(
        _("Theirs ends on %(until)s; this one follows it."),
        _("Nothing to do."),
        _("Theirs is ending; this one follows it."),
    ),
    "expired": ReasonWords(
        _("Theirs ended on %(until)s; this is a new one."),
        _("Nothing to do."),
        _("Theirs has ended; this is a new one."),
    ),
    "suspended": ReasonWords(_("Theirs is paused."), _("Lift the pause, or revoke it first.")),
    "erased": ReasonWords(_("This person asked to be erased."), _("Take the row out.")),
    "member-gone": ReasonWords(_("This person is no member here now."), _("Take the row out.")),
    "decision-held": ReasonWords(_("A registrar stopped this badge for them."), _("Release it under Awards.")),
    "exam-not-passed": ReasonWords(_("The exam was not passed."), _("Send the result again once it is.")),
    "exam-not-proctored": ReasonWords(
        _("Nobody supervised the exam, and this badge certifies application."),
        _("Let the work be assessed, or have a registrar give a reason."),
    ),
    "assessment-missing": ReasonWords(
        _("This badge certifies application, and no assessment is here."),
        _("Let the work be assessed, or have a registrar give a reason."),
    ),
    "undone": ReasonWords(_("The run was taken back before anybody was told."), LATER),
    "approval-withdrawn": ReasonWords(_("The run was stopped before this row was signed."), LATER),
    "lint-refused": ReasonWords(
        _("The badge would break a rule of Open Badges."), _("Shorten or correct the cells.")
    ),
    "text-unusable": ReasonWords(_("A text of it cannot be kept."), _("Correct the cells.")),
    "no-address": ReasonWords(_("There is no address to mail to."), _("Add the address.")),
    "unexpected": ReasonWords(
        _("We fell over this row; the others went on."),
        _("Send it again; if it happens again, tell the operator."),
    ),
}
DATES = ("since", "until")
FILLED = re.compile(r"%\((\w+)\)s")
NOTHING_TOLD = dict.fromkeys(("value", "field", "row", "since", "until"), "")

REFUSALS: Mapping[str, Promise] = {
    "table-unreadable": _("This is no table that we read. Save it as .xlsx without a password, or as CSV."),
    "text-damaged": _(
        "Line %(row)s holds a letter that cannot be read, or the file ends in the middle of one. "
        "Save the table again, as UTF-8 or as .xlsx."
    ),
    "table-empty": _("There is no row in it. Put the names of the columns first, and the people below."),
    "table-too-large": _("There is more in it than we take at once: 1,000,000 rows, 100 columns. Split it."),
    "cell-too-long": _("Row %(row)s has a cell of more than %(limit)s characters. Is a quotation mark open?"),
    "line-too-long": _("Line %(row)s is longer than %(limit)s bytes."),
    "line-unreadable": _("Line %(row)s is no JSON object of plain values."),
    "archive-bomb": _("This workbook would unpack to far more than it is. Save it as CSV."),
    "archive-unreadable": _("This workbook is damaged. Open it, and save it again."),
    "mapping-unusable": _("Choose each column once, and the one with the e-mail addresses."),
    "group-unknown": _("Nobody belongs to this class now."),
    "badge-not-awardable": _("This badge is not given to anybody now. Publish it first."),
    "run-not-found": _("There is no such run here."),
    "run-key-taken": _(
        "This form made another run before. Nothing changed. Send it once more to make a run of what it says now."
    ),
    "run-state-wrong": _("The run has moved on meanwhile. Nothing changed."),
    "run-nothing-due": _("No row leads to a badge. Correct the rows, and look at them again."),
    "nothing-to-undo": _("No badge of this run was given. Stop the run instead."),
    "undo-over": _("The mails have gone out. Revoke the badges that are wrong."),
    "override-not-needed": _("No row needs an exception. Nothing changed."),
    "override-reason-missing": _("Write a reason of 1 to 500 characters. It is kept in the record for good."),
}


def refusal(error: InsigniaError) -> str:
    """Say why something about a run cannot be done, in the language of the page."""
    sentence = REFUSALS.get(error.code)
    if sentence is None:
        return in_words(error)
    data = {name: _grouped(value) for name, value in error.data.items()}
    return str(sentence) % data if "%(" in str(sentence) else str(sentence)


def trouble(code: str) -> str:
    """Say what a run waits for."""
    sentence = SENTENCES.get(code)
    return str(sentence) if sentence else str(_("Signing is not possible now (%(code)s).")) % {"code": code}


def _grouped(value: object) -> object:
    return formats.number_format(value, force_grouping=True) if isinstance(value, int) else value


def reason_sentence(row: RunRow, zone: str) -> str:
    """Say of one row why it is in its class, or what became of it; nothing where there is nothing to say."""
    words = REASONS.get(row.code)
    if words is None:
        return str(row.code)
    shown = _shown(row.data, zone)
    if words.bare is not None and not set(FILLED.findall(str(words.sentence))) <= shown.keys():
        return str(words.bare)
    return str(words.sentence) % {**NOTHING_TOLD, **shown}


def _shown(data: Mapping[str, Any], zone: str) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, value in data.items():
        shown[name] = value
        if name == "field":
            shown[name] = FIELD_WORDS.get(str(value), value)
        elif name in DATES:
            moment = timezone.localtime(datetime.fromisoformat(str(value)), ZoneInfo(zone))
            shown[name] = formats.date_format(moment.date())
    return shown
