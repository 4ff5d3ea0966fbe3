"""The guard before every reservation, signature and publication: is this database the newest we had?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.issuing.errors import DatabaseBehindMark, MarkMissing
from insignia.issuing.mark import mark_advance, mark_read
from insignia.issuing.rules import Mark, mark_gaps, marks_missing
from insignia.issuing.selectors import counters_now, sets_lost

if TYPE_CHECKING:
    from insignia.issuing.models import Issuer


def mark_require(issuer: Issuer) -> None:
    """Refuse to go on when the database is behind the mark (reliability, I12).

    The mark is read first and the database after it: a healthy database can only be ahead.

    Raises:
        MarkMissing: this machine has no mark for the issuer's lists.
        DatabaseBehindMark: an old copy of the database is in place.
    """
    _counters_required(issuer)


def _counters_required(issuer: Issuer) -> Mark:
    mark = mark_read()
    now = counters_now(issuer=issuer)
    if mark is None or marks_missing(mark, now):
        raise MarkMissing("Nothing is signed: this machine has no mark of its counters. Run insignia recover.")
    gaps = (*mark_gaps(mark, now), *(f"status set {name} is not in it" for name in sets_lost(mark, now)))
    if gaps:
        raise DatabaseBehindMark(
            f"Nothing is signed: the database is an older copy ({gaps[0]}). Run insignia recover."
        )
    return now


def signing_stopped(issuer: Issuer) -> str:
    """Give the code of what keeps this installation from signing for the issuer; empty when nothing does."""
    try:
        mark_require(issuer)
    except (MarkMissing, DatabaseBehindMark) as error:
        return error.code
    return ""


def mark_hold(issuer: Issuer) -> None:
    """Go on only in the newest database, and note how far it is: before every signature.

    Raises:
        MarkMissing: this machine has no mark for the issuer's lists.
        DatabaseBehindMark: an old copy of the database is in place.
    """
    mark_advance(_counters_required(issuer))


def mark_hold_apart(issuer: Issuer) -> None:
    """Do the same with a mark of one's own, which nobody tells of new lists: it takes them up when it meets them.

    Raises:
        MarkMissing: the file is gone altogether.
        DatabaseBehindMark: an old copy of the database is in place.
    """
    mark = mark_read()
    if mark is None:
        raise MarkMissing("Nothing is signed: the signer's own mark is gone. See insignia signer --new-mark.")
    now = counters_now(issuer=issuer)
    unknown = set(marks_missing(mark, now))
    if unknown:
        mark_advance(
            Mark(
                {name: count for name, count in now.reserved.items() if name in unknown},
                {name: count for name, count in now.epochs.items() if name in unknown},
            )
        )
    try:
        mark_hold(issuer)
    except DatabaseBehindMark as error:
        raise DatabaseBehindMark(
            f"{error.message} If that was done, the signer's own mark remembers what is lost for good: start the "
            "signer once with --new-mark."
        ) from error


def indexes_unburned(now: Mark) -> int:
    """Count the indexes, in the set that lacks most, which the mark knows as used and a database does not."""
    mark = mark_read() or Mark()
    known = [name for name in mark.reserved if name in now.reserved]
    return max([0, *(mark.reserved[name] - now.reserved[name] for name in known)])


def mark_gives_up(now: Mark) -> tuple[str, ...]:
    """Say, in words, what would be forgotten if these counters took the place of the mark."""
    mark = mark_read() or Mark()
    lists = sorted(name for name, count in mark.epochs.items() if count and name not in now.epochs)
    return (
        *mark_gaps(mark, now),
        *(
            f"status set {name} is not in the database: {mark.reserved[name]} slots of it were handed out"
            for name in sets_lost(mark, now)
        ),
        *(f"status list {name} is not in the database: publications of it {mark.epochs[name]}" for name in lists),
    )
