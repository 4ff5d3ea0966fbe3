"""Mails in words: their kinds, their topics, what may stand in braces, why one did not arrive."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insignia.outbox.rules import REMINDERS, WORK

KIND_WORDS: Mapping[str, Promise] = {
    "award-issued": gettext_lazy("A badge is ready"),
    "award-claim": gettext_lazy("A new link to a badge"),
    "award-corrected": gettext_lazy("A badge was corrected"),
    "award-ends": gettext_lazy("A badge ends soon"),
    "award-renewed": gettext_lazy("A badge was renewed"),
    "award-suspended": gettext_lazy("A badge is paused"),
    "award-reinstated": gettext_lazy("A badge counts again"),
    "award-revoked": gettext_lazy("A badge was revoked"),
    "invitation": gettext_lazy("An invitation"),
    "work-waiting": gettext_lazy("Work is waiting to be judged"),
}
OTHER = gettext_lazy("About work handed in")

TOPIC_WORDS: Mapping[str, Promise] = {
    REMINDERS: gettext_lazy("reminders that a badge ends"),
    WORK: gettext_lazy("mails that work is waiting"),
}

HOLE_WORDS: Mapping[str, Promise] = {
    "name": gettext_lazy("the learner's name"),
    "badge": gettext_lazy("the badge's name"),
    "organization": gettext_lazy("your organization's name"),
    "claim_link": gettext_lazy("the link by which the learner keeps the badge"),
    "days": gettext_lazy("how many days the link works"),
    "until": gettext_lazy("the last day of the badge"),
    "award_link": gettext_lazy("the learner's badge"),
    "badge_link": gettext_lazy("the page that says how the badge is earned"),
}

SAMPLES: Mapping[str, Promise | str | int] = {
    "name": "Itzel Marroquín",
    "badge": gettext_lazy("Reading a data set"),
    "claim_path": "/claim/...",
    "days": 90,
    "until": gettext_lazy("14 May 2029"),
    "award_path": "/awards/...",
    "badge_path": "/badges/...",
    "attested": "",
}
"""What a preview puts in place of a learner's own facts."""


EMPTY = gettext_lazy("Write something here, or go back to the shipped text.")


def kind_in_words(kind: str) -> str:
    """Name a kind of mail."""
    return str(KIND_WORDS.get(kind, OTHER))


def reason_in_words(reason: str) -> str:
    """Say why a mail did not arrive: a sentence of ours, and the server's own words behind it."""
    if reason.startswith("address-bounced"):
        return _("An earlier mail to this address came back.")
    if reason.startswith("unusable"):
        return _("This is no address that a mail can be sent to.")
    if reason[:1] == "5":
        return _("The mail server there refused it: %(words)s") % {"words": reason}
    return _("It was tried for days without success: %(words)s") % {"words": reason}


def problem_in_words(problem: str) -> str:
    """Say what is wrong with a text, by the code that the rules give."""
    code, _colon, names = problem.partition(":")
    braced = ", ".join(f"{{{name.strip()}}}" for name in names.split(",")) if names else ""
    sentences = {
        "empty": str(EMPTY),
        "too-long": _("This is too long. A subject has up to 160 characters, a text up to 5,000."),
        "unknown": _("Nothing stands for %(names)s. Use the names listed below."),
        "missing": _("Put %(names)s into the text: without it the mail is of no use."),
    }
    return sentences[code] % {"names": braced} if names else sentences[code]
