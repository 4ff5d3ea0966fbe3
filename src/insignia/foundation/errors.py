"""The families of domain errors, by what the caller can do about them.

    InsigniaError
    ├── NotAllowed        somebody else may do this: sign in, or ask for the role
    │   └── Unidentified  say first who you are
    ├── NotFound          nothing here that you may see
    │   └── Gone          it was here and is gone for good
    ├── Conflict          the thing has moved on: load it again, then decide
    ├── Invalid           mend the named fields and send it again
    │   ├── Unreadable    it cannot even be read: mend how it is written
    │   ├── TooLarge      send less at a time
    │   └── WrongKind     send it in a form that is taken here
    └── Unavailable       try again later
        └── TooOften      try again when the time that is named is over

Domains raise subclasses named for what happened; the doors map the families once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class InsigniaError(Exception):
    """The root of every error a domain raises on purpose. `code` is stable and kebab-case."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, **data: Any) -> None:  # noqa: ANN401  - typed by each subclass's reader
        super().__init__(message)
        self.message = message
        self.data = data


class NotAllowed(InsigniaError):
    """The actor is known and lacks the right."""

    code = "not-allowed"


class Unidentified(NotAllowed):
    """Nobody is known to be asking (answered as HTTP 401)."""

    code = "unidentified"


class NotFound(InsigniaError):
    """There is nothing here that the viewer may know of."""

    code = "not-found"


class Gone(NotFound):
    """It was here, and was removed for good (answered as HTTP 410)."""

    code = "gone"


class Conflict(InsigniaError):
    """The thing is not in the state the caller believed."""

    code = "conflict"


class Invalid(InsigniaError):
    """What was sent cannot be used; `fields` says which part and why."""

    code = "invalid"

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None, **data: Any) -> None:  # noqa: ANN401  - as above
        super().__init__(message, **data)
        self.fields: Mapping[str, str] = dict(fields or {})


class Unreadable(Invalid):
    """What was sent is not written as it says it is (answered as HTTP 400)."""

    code = "unreadable"


class TooLarge(Invalid):
    """What was sent is more than is taken at a time (answered as HTTP 413)."""

    code = "too-large"


class WrongKind(Invalid):
    """What was sent is of a kind that is not taken here (answered as HTTP 415)."""

    code = "wrong-kind"


class Unavailable(InsigniaError):
    """Something we need did not answer."""

    code = "unavailable"


class TooOften(Unavailable):
    """It was asked for more often than a minute allows (answered as HTTP 429)."""

    code = "too-often"
