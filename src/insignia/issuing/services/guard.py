"""The guard before every reservation, signature and publication: is this database the newest we had?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from insignia.accounts.selectors import person_get
from insignia.issuing.errors import DatabaseBehindMark, MarkMissing
from insignia.issuing.mark import mark_advance, mark_read
from insignia.issuing.models import Issuer
from insignia.issuing.rules import mark_gaps, marks_missing
from insignia.issuing.selectors import counters_now, sets_lost
from insignia.organizations.selectors import permission_require

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.organizations.models import Organization


def mark_require(issuer: Issuer) -> None:
    """Refuse to go on when the database is behind the mark (reliability, I12).

    The mark is read first and the database after it: a healthy database can only be ahead.

    Raises:
        MarkMissing: this machine has no mark for the issuer's lists.
        DatabaseBehindMark: an old copy of the database is in place.
    """
    mark = mark_read()
    now = counters_now(issuer=issuer)
    if mark is None or marks_missing(mark, now):
        raise MarkMissing("Nothing is signed: this machine has no mark of its counters. Run insignia recover.")
    gaps = (*mark_gaps(mark, now), *(f"status set {name} is not in it" for name in sets_lost(mark, now)))
    if gaps:
        raise DatabaseBehindMark(
            f"Nothing is signed: the database is an older copy ({gaps[0]}). Run insignia recover."
        )


def signing_stopped(issuer: Issuer) -> str:
    """Give the code of what keeps this installation from signing for the issuer; empty when nothing does."""
    try:
        mark_require(issuer)
    except (MarkMissing, DatabaseBehindMark) as error:
        return error.code
    return ""


def mark_follow(issuer: Issuer) -> None:
    """Raise the mark to where the issuer's committed counters are."""
    mark_advance(counters_now(issuer=issuer))


def role_require(actor: Actor, *, organization: Organization, role: str) -> None:
    """Check the right of a person; jobs and commands of ours act for the installation.

    Raises:
        NotFound: the person is no member.
        NotAllowed: a member without the role.
    """
    if actor.kind == "person":
        person = person_get(actor.id or UUID(int=0))
        permission_require(person=person, organization=organization, role=role)
