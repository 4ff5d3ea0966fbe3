"""What can be wrong with a mail."""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Invalid, NotFound


class RecipientUnusable(Invalid):
    """The address holds characters no mail header may carry."""

    code = "recipient-unusable"


class StopLinkUnusable(NotFound):
    """No mail has this link."""

    code = "stop-link-unusable"


class MailNotFound(NotFound):
    """The organization has no such mail."""

    code = "mail-not-found"


class MailNotReturned(Conflict):
    """No server said that this mail's address has no mailbox, or it was cleared already."""

    code = "mail-not-returned"


class LetterTextUnusable(Invalid):
    """A text lacks a placeholder it needs, has an unknown one, or is empty or too long."""

    code = "letter-text-unusable"


class LetterTextFixed(NotFound):
    """An organization cannot word this kind of mail itself."""

    code = "letter-text-fixed"


class LetterTextOutdated(Conflict):
    """The text in use is not the one that was looked at."""

    code = "letter-text-outdated"
