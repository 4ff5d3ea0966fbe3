"""What can be wrong with a request before any domain is asked."""

from __future__ import annotations

from insignia.foundation.errors import Invalid, TooLarge, TooOften, Unidentified, Unreadable, WrongKind


class TokenMissing(Unidentified):
    """The request shows no token."""

    code = "token-missing"


class RequestsTooMany(TooOften):
    """The token, or the machine, used up its requests of this minute."""

    code = "too-many-requests"


class BodyTooLarge(TooLarge):
    """The body is longer than is taken."""

    code = "request-too-large"


class BatchTooLarge(TooLarge):
    """More rows at once than are taken in one JSON text; a stream of lines takes any number."""

    code = "batch-too-large"


class RowUnknown(Invalid):
    """One row of a stream has a member that no row has."""

    code = "row-unknown"


class BodyUnreadable(Unreadable):
    """The body is not JSON, or its lines are not."""

    code = "body-unreadable"


class BodyCutOff(Unreadable):
    """The connection ended before the body did; nothing was started."""

    code = "body-cut-off"


class EndMissing(Unreadable):
    """A stream of unknown length did not say at its end how many rows it had; nothing was started."""

    code = "end-missing"


class MediaTypeUnsupported(WrongKind):
    """The body's Content-Type is not one that is taken here."""

    code = "media-type-unsupported"


class IdempotencyKeyUnusable(Unreadable):
    """The header Idempotency-Key is missing where it is needed, empty, too long, or has strange characters."""

    code = "idempotency-key-unusable"


class IdempotencyKeyReused(Invalid):
    """The key was used before for another request."""

    code = "idempotency-key-reused"
