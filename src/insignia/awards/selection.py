"""Which awards of an organization are meant: by run, badge, days, state, or named one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from insignia.achievements.rules import Renewal
from insignia.awards.models import Award, AwardDocument, MassChange
from insignia.awards.rules import (
    CHANGES,
    RENEWABLE_AFTER,
    RENEWABLE_BEFORE,
    THIRD_OF_A_MONTH,
    is_renewable,
    renewable_before,
)

if TYPE_CHECKING:
    from insignia.organizations.models import Organization

RUN_APPROVAL = "run"
"""The kind of approval under which the rows of a run were signed; its subject is the run."""
FROM_STATES = {
    change: tuple(state for state, legal in CHANGES.items() if change in legal)
    for change in ("suspended", "reinstated", "revoked")
} | {"reissued": (Award.State.ISSUED, Award.State.SUSPENDED), "renewed": (Award.State.ISSUED,)}
"""Change -> the states in which an award can take it."""


@dataclass(frozen=True)
class Selection:
    """What an award has to be to be meant; what is empty does not matter. Both days are included."""

    ids: tuple[UUID, ...] = ()
    run: UUID | None = None
    badge: UUID | None = None
    given_from: date | None = None
    given_to: date | None = None
    state: str = ""

    @property
    def is_everything(self) -> bool:
        """Say whether nothing at all is narrowed down."""
        return self == Selection()

    def to_json(self) -> dict[str, Any]:
        """Write it as it is frozen with a change."""
        return {
            "ids": [str(one) for one in self.ids],
            "run": str(self.run) if self.run else "",
            "badge": str(self.badge) if self.badge else "",
            "given_from": self.given_from.isoformat() if self.given_from else "",
            "given_to": self.given_to.isoformat() if self.given_to else "",
            "state": self.state,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Selection:
        """Read what `to_json` wrote."""
        return cls(
            ids=tuple(UUID(one) for one in stored["ids"]),
            run=UUID(stored["run"]) if stored["run"] else None,
            badge=UUID(stored["badge"]) if stored["badge"] else None,
            given_from=date.fromisoformat(stored["given_from"]) if stored["given_from"] else None,
            given_to=date.fromisoformat(stored["given_to"]) if stored["given_to"] else None,
            state=stored["state"],
        )


def states_at(on: datetime) -> Mapping[str, Q]:
    """Give what each state that people choose means at a moment; expiry follows from the day."""
    over = Q(valid_until__isnull=False, valid_until__lt=on)
    in_force = Q(state=Award.State.ISSUED)
    return {
        "valid": in_force & ~over,
        "expired": in_force & over,
        "signing": Q(state=Award.State.RESERVED),
        "suspended": Q(state=Award.State.SUSPENDED),
        "revoked": Q(state=Award.State.REVOKED),
    }


def awards_meant(
    selection: Selection, *, organization: Organization, change: str, on: datetime
) -> QuerySet[Award]:
    """Give the awards that are meant and can take the change, given by this moment, oldest first."""
    rows = Award.objects.filter(organization=organization, state__in=FROM_STATES[change], issued_at__lte=on)
    if change == MassChange.Kind.REISSUED:
        rows = rows.filter(Exists(_signed_with_old_keys()))
    if change == MassChange.Kind.RENEWED:
        rows = rows.filter(_renewable(on), version__content__renewal=Renewal.ATTESTATION.value)
    if selection.ids:
        rows = rows.filter(public_id__in=selection.ids)
    if selection.run is not None:
        rows = rows.filter(Exists(_signed_in_run(selection.run)))
    if selection.badge is not None:
        rows = rows.filter(version__achievement__public_id=selection.badge)
    if selection.state:
        rows = rows.filter(states_at(on)[selection.state])
    return rows.filter(_days(selection, ZoneInfo(organization.time_zone))).order_by("id")


def may_be_renewed(award: Award, *, on: datetime) -> bool:
    """Say of one award what `awards_meant` asks of many: that the organization may renew it on its word now."""
    content = award.version.content
    attested = content.get("renewal") == Renewal.ATTESTATION
    return attested and is_renewable(award.valid_until, months=content.get("validity_months"), on=on)


def _renewable(on: datetime) -> Q:
    whole = RENEWABLE_BEFORE // THIRD_OF_A_MONTH
    due = Q(version__content__validity_months__gte=whole)
    for months in range(1, whole):
        due |= Q(version__content__validity_months=months, valid_until__lte=on + renewable_before(months))
    return due & Q(valid_until__lte=on + RENEWABLE_BEFORE, valid_until__gte=on - RENEWABLE_AFTER)


def _signed_with_old_keys() -> QuerySet[AwardDocument]:
    current = AwardDocument.objects.filter(award=OuterRef("pk"), superseded_at__isnull=True)
    return current.filter(reservation__ed25519_key__retired_at__isnull=False)


def _signed_in_run(run: UUID) -> QuerySet[AwardDocument]:
    approval = {"reservation__approval__kind": RUN_APPROVAL, "reservation__approval__subject_id": run}
    return AwardDocument.objects.filter(award=OuterRef("pk"), **approval)


def _days(selection: Selection, zone: ZoneInfo) -> Q:
    """Turn the first and the last day into moments where the organization is."""
    wanted = Q()
    first, after = _begin(selection.given_from, zone), _begin(selection.given_to, zone, days_later=1)
    if first is not None:
        wanted &= Q(valid_from__gte=first)
    if after is not None:
        wanted &= Q(valid_from__lt=after)
    return wanted


def _begin(day: date | None, zone: ZoneInfo, *, days_later: int = 0) -> datetime | None:
    """Give the moment a day begins; None where it bounds nothing: left open, or at an end of the calendar."""
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=days_later), time(), zone).astimezone(UTC)
    except OverflowError:
        return None
