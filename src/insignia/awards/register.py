"""The registrar's list: what an organization gave, what is being signed, what was stopped, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from insignia.achievements.selectors import versions_all, versions_named
from insignia.assessment.selectors import decisions_final_met
from insignia.awards.decisions import DECISION, judgement_get
from insignia.awards.errors import AwardNotFound
from insignia.awards.models import Award, AwardChange, AwardHold, MassChange, Recipient
from insignia.awards.rules import RENEWABLE_AFTER
from insignia.awards.selection import states_at
from insignia.awards.selectors import RELATED, award_of_origin, holds_in, reservation_open_of
from insignia.organizations.selectors import permission_require

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.assessment.models import Decision
    from insignia.foundation.localized import Localized
    from insignia.organizations.models import Organization

STATES = ("valid", "signing", "suspended", "revoked", "expired")


def standing_of(award: Award, *, on: datetime) -> str:
    """Say where an award stands: signing, valid, suspended, revoked or expired."""
    if award.state == Award.State.RESERVED:
        return "signing"
    if award.state != Award.State.ISSUED:
        return str(award.state)
    return "expired" if award.valid_until is not None and award.valid_until < on else "valid"


def is_quarantined(award: Award) -> bool:
    """Say whether signing stopped because what came back was not what was reserved."""
    reservation = reservation_open_of(award) if award.state == Award.State.RESERVED else None
    return reservation is not None and reservation.state == "quarantined"


def register_of(
    *, organization: Organization, viewer: Person, on: datetime, state: str = "", query: str = ""
) -> QuerySet[Award]:
    """List what an organization gave, newest first, by state and by name of person or badge.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    permission_require(person=viewer, organization=organization, role="registrar")
    rows = Award.objects.select_related(*RELATED).filter(organization=organization)
    if state:
        rows = rows.filter(states_at(on).get(state, Q()))
    if words := query.strip()[:100]:
        rows = rows.filter(Q(recipient__in=_called(words, organization)) | Q(version__in=versions_named(words)))
    return rows.order_by("-id")


def _called(words: str, organization: Organization) -> QuerySet[Recipient]:
    """Find recipients by a part of their name, once for each of them and not once for each of their awards."""
    named = Q(name__icontains=words) | Q(person__display_name__icontains=words)
    return Recipient.objects.filter(named, organization=organization)


def award_in(*, organization: Organization, award_id: UUID, viewer: Person) -> Award:
    """Give one award of the organization to its registrar, in any state.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there, or there is no such award there.
    """
    permission_require(person=viewer, organization=organization, role="registrar")
    rows = Award.objects.select_related(*RELATED).filter(organization=organization, public_id=award_id)
    award = rows.first()
    if award is None:
        raise AwardNotFound("There is no such badge here.")
    return award


def changes_of(award: Award) -> list[AwardChange]:
    """List what was done to an award after it was signed, oldest first."""
    return list(AwardChange.objects.filter(award=award).select_related("by").order_by("id"))


def badges_given(organization: Organization) -> list[tuple[UUID, Localized]]:
    """List the badges an organization gave at least once, by lineage, with the newest name of each."""
    of_version = Award.objects.filter(version=OuterRef("pk"), organization=organization)
    given = versions_all().filter(Exists(of_version)).order_by("number")
    names = dict(given.values_list("achievement__public_id", "content__name"))
    return sorted(names.items(), key=lambda row: sorted(row[1].values()))


def mass_changes_in(*, organization: Organization, viewer: Person, limit: int) -> list[MassChange]:
    """List the newest changes of many awards.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    permission_require(person=viewer, organization=organization, role="registrar")
    return list(MassChange.objects.filter(organization=organization).order_by("-id")[:limit])


def mass_change_in(*, organization: Organization, change_id: UUID, viewer: Person) -> MassChange:
    """Give one change of many awards.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there, or there is no such change there.
    """
    permission_require(person=viewer, organization=organization, role="registrar")
    rows = MassChange.objects.filter(organization=organization, public_id=change_id).select_related("by")
    mass = rows.first()
    if mass is None:
        raise AwardNotFound("There is no such change here.")
    return mass


ENDING_DAYS = (90, 60, 30, 7)
"""The windows of the expiry board: what ends within so many days; 0 stands for what ended within a year."""


def ending_in(*, organization: Organization, viewer: Person, on: datetime, days: int) -> QuerySet[Award]:
    """List the awards in force that end within so many days, the nearest first; for 0 those that ended.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    permission_require(person=viewer, organization=organization, role="registrar")
    rows = Award.objects.select_related(*RELATED).filter(organization=organization, state=Award.State.ISSUED)
    if not days:
        return rows.filter(valid_until__lt=on, valid_until__gte=on - RENEWABLE_AFTER).order_by(
            "-valid_until", "-id"
        )
    until = on + timedelta(days=days)
    return rows.filter(valid_until__gte=on, valid_until__lte=until).order_by("valid_until", "id")


def ending_counts(*, organization: Organization, viewer: Person, on: datetime) -> dict[int, int]:
    """Count what each window of the expiry board holds.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    windows = (*ENDING_DAYS, 0)
    return {
        days: ending_in(organization=organization, viewer=viewer, on=on, days=days).count() for days in windows
    }


@dataclass(frozen=True)
class Stopped:
    """An award that a registrar stopped, or one whose signing has not begun: whose, which badge, since when."""

    decision_id: UUID
    learner: str
    badge: Localized
    since: datetime
    reason: str
    held_by: str
    award: Award | None


def stopped_in(*, organization: Organization, viewer: Person) -> list[Stopped]:
    """List the organization's awards on hold, oldest first.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    return [_stopped(hold) for hold in holds_in(organization=organization, viewer=viewer)]


def _stopped(hold: AwardHold) -> Stopped:
    facts = judgement_get(hold.origin_id)
    return Stopped(
        decision_id=hold.origin_id,
        learner=facts.learner.display_name,
        badge=facts.version.content["name"],
        since=hold.held_at,
        reason=hold.reason,
        held_by=hold.held_by.display_name if hold.held_by else "",
        award=award_of_origin(hold.origin_kind, hold.origin_id),
    )


def waiting_in(*, organization: Organization, viewer: Person) -> list[Stopped]:
    """List decisions that say met and whose award is not made yet, oldest first; normally none.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    permission_require(person=viewer, organization=organization, role="registrar")
    made = Award.objects.filter(origin_kind=DECISION).values_list("origin_id", flat=True)
    held = {hold.origin_id for hold in holds_in(organization=organization, viewer=viewer)}
    found = decisions_final_met(excluding=made, limit=1000)
    return [_waiting(row) for row in found if row.organization_id == organization.pk and row.public_id not in held]


def _waiting(decision: Decision) -> Stopped:
    return Stopped(
        decision_id=decision.public_id,
        learner=decision.learner.display_name,
        badge=decision.version.content["name"],
        since=decision.decided_at,
        reason="",
        held_by="",
        award=None,
    )
