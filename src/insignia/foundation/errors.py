"""The families of domain errors, by what the caller can do about them.

    InsigniaError
    ├── NotAllowed    somebody else may do this: sign in, or ask for the role
    ├── NotFound      nothing here that you may see
    │   └── Gone      it was here and is gone for good
    ├── Conflict      the thing has moved on: load it again, then decide
    ├── Invalid       mend the named fields and send it again
    └── Unavailable   try again later

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


class Unavailable(InsigniaError):
    """Something we need did not answer."""

    code = "unavailable"
