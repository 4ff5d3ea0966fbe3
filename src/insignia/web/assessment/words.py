"""The domain's sentences in the reader's language, and what each state means for who reads it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from insignia.foundation.errors import InsigniaError

SENTENCES: dict[str, Promise] = {
    "submission-not-found": _("There is no such work of yours."),
    "assignment-not-found": _("There is no such work in your hands."),
    "evidence-not-found": _("There is no such piece of evidence here."),
    "decision-not-found": _("There is no such decision about your work."),
    "queue-empty": _("Nothing is waiting. We mail you when work arrives."),
    "own-work": _("This is your own work, so someone else judges it."),
    "illegal-move": _("This work moved on meanwhile. Look at where it stands now."),
    "stale-version": _("This was saved in another window meanwhile. Your text is kept; compare both."),
    "lease-taken": _("Another assessor has this work now. Take the next one."),
    "lease-lost": _("You no longer hold this work: it was withdrawn, put back or taken by someone else."),
    "rating-locked": _("This rating was locked; the decision stands."),
    "not-open": _("This version takes no new work. Look in the catalogue for the current one."),
    "nothing-to-hand-in": _("Nothing is handed in for this badge: the organization gives it by itself."),
    "nothing-to-judge-by": _("This badge has no rubric, so nothing can be judged by it. Return the work."),
    "already-met": _("You have met this badge already. It is under My badges."),
    "rating-incomplete": _("Choose a level for each criterion, and say what is missing below the bar."),
    "level-unknown": _("The rubric has no such level. Load the page again."),
    "criterion-frozen": _("This criterion was met in an earlier attempt and stays met."),
    "evidence-unusable": _("This cannot be added here. Load the page again and look at what is asked for."),
    "link-unusable": _("Start the link with https:// and name a page, such as https://example.org/work."),
    "text-too-long": _("This is too long. Shorten it, or add it as a file."),
    "too-many-parts": _("100 pieces are the most. Remove one, or put several into one file."),
    "file-empty": _("This file is empty. Choose another one."),
    "archive-bomb": _("We do not take this archive: unpacked it is far too large. Add its files one by one."),
    "archive-unreadable": _("This archive cannot be read. Pack it again, or add the files one by one."),
}
MODE_MISSING = _("Say whether you worked alone or in a group.")
PART_MISSING = _("Say which part of the group's work is yours.")
NOTE_MISSING = _("Say what the learner should mend.")
EVIDENCE_MISSING = _("Add a file, a link or a few sentences for this.")
AUTHORSHIP_MISSING = _("Say who made this work.")

# Where a work stands: mark, word, what the learner does next.
STATES: dict[str, tuple[str, Promise, Promise]] = {
    "draft": ("draft", _("Draft"), _("Add what is asked for, then hand it in.")),
    "returned": ("not-yet", _("Came back"), _("Something could not be judged. Mend it and hand in again.")),
    "almost": ("almost", _("Almost"), _("See what is missing and redo that part.")),
    "not_yet": ("not-yet", _("Not yet"), _("See what is missing; hand in again when ready.")),
    "submitted": ("waiting", _("Handed in"), _("Nothing for you to do: an assessor takes it next.")),
    "in_review": ("waiting", _("With an assessor"), _("Nothing for you to do: it is being judged.")),
    "met": ("met", _("Met"), _("See the decision.")),
    "withdrawn": ("skipped", _("Withdrawn"), _("You took this work back. Start again from the badge.")),
}


def clock(at: datetime, zone: str) -> str:
    """Write the time of day where the school is, such as 10:42."""
    return formats.date_format(timezone.localtime(at, ZoneInfo(zone)), "TIME_FORMAT")


def in_words(error: InsigniaError) -> str:
    """Say an error of this domain in the reader's language; one we have no words for speaks for itself."""
    if error.code == "body-too-large":
        most = error.data.get("limit", settings.INSIGNIA_EVIDENCE_FILE_BYTES) // 2**20
        return gettext("This file is over %(most)s MB. Make it smaller, or add a link to it.") % {"most": most}
    sentence = SENTENCES.get(error.code)
    return str(sentence) if sentence is not None else error.message
