"""What can be wrong with frameworks.

NotFound   FrameworkNotFound, FrameworkItemNotFound
Conflict   FrameworkBusy
Invalid    FrameworkFileInvalid
           ├── NotAFramework          a file of some other kind
           ├── FrameworkUnreadable    broken, or beyond a limit of its format
           ├── FrameworkEmpty         the right kind, with nothing in it
           └── FrameworkTooLarge      more than we take
"""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Invalid, NotFound


class FrameworkNotFound(NotFound):
    """There is no such framework here."""

    code = "framework-not-found"


class FrameworkItemNotFound(NotFound):
    """There is no such item here."""

    code = "framework-item-not-found"


class FrameworkBusy(Conflict):
    """Somebody imported the same framework at the same moment."""

    code = "framework-busy"


class FrameworkFileInvalid(Invalid):
    """The file cannot become a framework; nothing was changed."""

    code = "framework-file-invalid"


class NotAFramework(FrameworkFileInvalid):
    """The file is something else than a competency framework."""

    code = "not-a-framework"


class FrameworkUnreadable(FrameworkFileInvalid):
    """The file is broken, ambiguous or beyond a limit of its format; `data["reason"]` has the kernel's code."""

    code = "framework-unreadable"


class FrameworkEmpty(FrameworkFileInvalid):
    """The file has the right shape and not one item."""

    code = "framework-empty"


class FrameworkTooLarge(FrameworkFileInvalid):
    """The file has more bytes, items or associations than we take; `data["limit"]` says how many."""

    code = "framework-too-large"
