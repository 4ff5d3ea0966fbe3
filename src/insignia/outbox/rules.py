"""What a mail server's answer means, when to try again, which mails may be turned off, what a text may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from insignia.foundation.localized import localized_pick

TRIES = 12
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=6)


class Answer(StrEnum):
    """What a refusal means: come again, never send this mail, or never write to this address."""

    LATER = "later"
    REFUSED = "refused"
    BOUNCED = "bounced"


NO_SUCH_MAILBOX = frozenset({550, 551, 553})
ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
OUR_FAULT = "7"
"""The subject of an enhanced status code (RFC 3463) for security and policy: relaying, sender, reputation."""


def recipient_answer(code: int, text: str) -> Answer:
    """Judge an answer to the recipient's address (RFC 5321, RFC 3463)."""
    if code < 500:
        return Answer.LATER
    enhanced = ENHANCED.search(text)
    if enhanced and enhanced[2] == OUR_FAULT:
        return Answer.LATER  # the server does not let us send; that says nothing about the address
    return Answer.BOUNCED if code in NO_SUCH_MAILBOX else Answer.REFUSED


def content_answer(code: int, text: str) -> Answer:
    """Judge an answer to the mail itself; some servers know only then that there is no such mailbox."""
    if code < 500:
        return Answer.LATER
    enhanced = ENHANCED.search(text)
    return Answer.BOUNCED if enhanced and enhanced[2] == "1" else Answer.REFUSED


TOO_LARGE, NO_ROOM = ("5", "3", "4"), 552


def is_too_large(code: int, text: str) -> bool:
    """Say whether a server that was told the size of a mail takes none of that size (RFC 1870)."""
    if enhanced := ENHANCED.search(text):
        return enhanced.groups() == TOO_LARGE
    return code == NO_ROOM


def delay(attempts: int) -> timedelta:
    """Say how long to wait after so many tries: doubled each time, six hours at most."""
    doubled: timedelta = SHORTEST * 2 ** min(attempts, 20)
    return min(doubled, LONGEST)


CANCELLED = "cancelled"
"""Why a mail that was taken back in time is never sent."""
ERASED, UNSUBSCRIBED, UNUSABLE, BOUNCED_BEFORE = "erased", "unsubscribed", "unusable", "address-bounced"
"""Why else a mail is never sent, as its row says it."""

# ---- which mails may be turned off ----------------------------------------------------------------------

REMINDERS, WORK = "reminders", "work"
TOPICS: Mapping[str, str] = {"award-ends": REMINDERS, "work-waiting": WORK}
"""Mails nobody has to get, by kind. All others carry what somebody asked for or has a right to."""
ASKED_FOR = ("signin-", "invitation")
"""Mails somebody waits for now: tried even where a mail came back before."""


def topic_of(kind: str) -> str:
    """Name the topic a person can turn off, or nothing for a mail that is always sent."""
    return TOPICS.get(kind, "")


def is_asked_for(kind: str) -> bool:
    """Say whether somebody waits for this mail at this moment."""
    return kind.startswith(ASKED_FOR)


ASKED, OTHERS = 0, 1
"""The order in which due mails go: what somebody waits for at this moment, then the rest."""


def rank_of(kind: str) -> int:
    """Say which mails this one goes with."""
    return ASKED if is_asked_for(kind) else OTHERS


def others_share(per_minute: int) -> int:
    """Say how many of a minute's mails may be such as nobody waits for: a tenth is kept back, of few one."""
    return per_minute - max(per_minute // 10, 1) if per_minute > 1 else per_minute


def address_key(address: str) -> str:
    """Write an address the one way it is compared."""
    return address.strip().lower()


# ---- texts of an organization's own ---------------------------------------------------------------------


@dataclass(frozen=True)
class Placeholder:
    """A name that stands in braces in a text; `source` is what the mail's context calls it."""

    source: str
    is_link: bool = False
    is_required: bool = False


COMMON = {"name": Placeholder("name"), "badge": Placeholder("badge"), "organization": Placeholder("organization")}
PLACEHOLDERS: Mapping[str, Mapping[str, Placeholder]] = {
    "award-issued": {
        **COMMON,
        "claim_link": Placeholder("claim_path", is_link=True, is_required=True),
        "days": Placeholder("days"),
    },
    "award-ends": {
        **COMMON,
        "until": Placeholder("until", is_required=True),
        "award_link": Placeholder("award_path", is_link=True),
        "badge_link": Placeholder("badge_path", is_link=True),
    },
}
"""Mails an organization may word itself, and what may stand in braces there."""
SUBJECT_LONGEST, BODY_LONGEST = 160, 5000
HOLE = re.compile(r"\{([^{}\n]{0,40})\}")


def text_problems(kind: str, *, subject: str, body: str) -> dict[str, str]:
    """Say by field why a text cannot be used: a code, with the names at fault behind a colon."""
    problems = {}
    for field, text, longest in (("subject", subject, SUBJECT_LONGEST), ("body", body, BODY_LONGEST)):
        if not text:
            problems[field] = "empty"
        elif len(text) > longest or "\x00" in text:
            problems[field] = "too-long"
        elif unknown := unknown_holes(kind, text):
            problems[field] = f"unknown:{', '.join(unknown)}"
    if "body" not in problems and (missing := missing_holes(kind, body)):
        problems["body"] = f"missing:{', '.join(missing)}"
    return problems


def holes_of(text: str) -> set[str]:
    """Name what stands in braces."""
    return set(HOLE.findall(text))


def missing_holes(kind: str, body: str) -> list[str]:
    """Name the placeholders without which the mail would be of no use."""
    found = holes_of(body)
    return [name for name, one in PLACEHOLDERS[kind].items() if one.is_required and name not in found]


def unknown_holes(kind: str, text: str) -> list[str]:
    """Name what stands in braces and is not a placeholder of this mail."""
    return sorted(holes_of(text) - PLACEHOLDERS[kind].keys())


def filled(kind: str, text: str, context: Mapping[str, object], *, origin: str, language: str) -> str:
    """Put values in place of the placeholders, once and as they are: no value can bring one of its own."""

    def value(found: re.Match[str]) -> str:
        one = PLACEHOLDERS[kind].get(found[1])
        if one is None:
            return found[0]
        held = context.get(one.source, "")
        written = localized_pick(held, language) if isinstance(held, Mapping) else str(held)
        return f"{origin}{written}" if one.is_link else written

    return HOLE.sub(value, text)
