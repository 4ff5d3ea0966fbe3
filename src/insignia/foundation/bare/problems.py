"""Why a file has no copy without metadata: the codes that pages turn into sentences."""

from __future__ import annotations

from enum import StrEnum


class CopyProblem(StrEnum):
    """`NONE`: there is a clean copy, or nothing to clean. The public sees nothing that has another one."""

    NONE = ""
    KEPT = "metadata-kept"
    LARGE = "copy-too-large"
    UNREADABLE = "copy-unreadable"
    ENCRYPTED = "copy-encrypted"


OWN_EYES_ONLY = frozenset({CopyProblem.UNREADABLE, CopyProblem.ENCRYPTED})
"""With these, nobody but the learner opens the file: what it holds cannot be told."""
