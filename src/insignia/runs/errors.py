"""What can be wrong with a table of people or with a run, named for what happened."""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Invalid, NotFound


class TableUnreadable(Invalid):
    """The bytes are no table that we read: another format, locked, or damaged. `row` says where, if anywhere."""

    code = "table-unreadable"


class TextDamaged(Invalid):
    """The text is UTF-8, yet in line `row` it holds bytes that are none, or it ends in the middle of a letter."""

    code = "text-damaged"


class TableEmpty(Invalid):
    """There is no row in it."""

    code = "table-empty"


class TableTooLarge(Invalid):
    """More rows, columns or bytes than are taken at once; `limit` says how many are."""

    code = "table-too-large"


class CellTooLong(Invalid):
    """One cell, in `row`, holds more than `limit` characters."""

    code = "cell-too-long"


class LineTooLong(Invalid):
    """One line of a stream, `row`, is longer than `limit` bytes."""

    code = "line-too-long"


class LineUnreadable(Invalid):
    """One line of a stream, `row`, is no JSON object of plain values."""

    code = "line-unreadable"


class MappingUnusable(Invalid):
    """The choice of columns names one that is not there, or the same one twice, or none with an address."""

    code = "mapping-unusable"


class GroupUnknown(NotFound):
    """Nobody here belongs to a class or cohort of this name."""

    code = "group-unknown"


class BadgeNotAwardable(Conflict):
    """The badge is a draft or retired: nobody gets it any more."""

    code = "badge-not-awardable"


class RunNotFound(NotFound):
    """No such run, or none the viewer may know of."""

    code = "run-not-found"


class RunKeyTaken(Conflict):
    """Another run has this key: for another badge, with other rows, or with a table of another kind."""

    code = "run-key-taken"


class RowKeyTwice(Invalid):
    """Two rows of one run have the same key."""

    code = "row-key-twice"


class RunStateWrong(Conflict):
    """The run is at another point (`state`) than the one where this can be done."""

    code = "run-state-wrong"


class RunNothingDue(Conflict):
    """No row of the run would lead to a badge."""

    code = "run-nothing-due"


class UndoOver(Conflict):
    """The time in which nothing was mailed yet is over; revoking is what is left."""

    code = "undo-over"


class NothingToUndo(Conflict):
    """The time to undo is over, and no badge was given in it: stopping the run is what is left."""

    code = "nothing-to-undo"


class OverrideNotNeeded(Conflict):
    """No row of the run waits for an exception."""

    code = "override-not-needed"


class OverrideReasonMissing(Invalid):
    """An exception from assessment names its reason."""

    code = "override-reason-missing"
