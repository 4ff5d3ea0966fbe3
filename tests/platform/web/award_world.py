"""A school with awards in every state, given a month ago by the real clock, for the pages to show."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from insignia.accounts.models import Person
from insignia.audit.actor import Actor
from insignia.awards.models import Award
from insignia.awards.services import award_converge, award_revoke, award_suspend, claim_path, visibility_set
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import make_person, this_hour

ADULT = date(1990, 5, 1)


class Answer(Protocol):
    """What the test client gives back, as far as these tests read it."""

    status_code: int

    @property
    def content(self) -> bytes: ...


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def a_month_ago() -> datetime:
    return this_hour() - timedelta(days=30)


def minor_born() -> date:
    return (now() - timedelta(days=15 * 365)).date()


def make_past_world(*, months: int | None = 36, at: datetime | None = None) -> World:
    return make_world(months=months, at=at or a_month_ago())


def make_award(
    world: World,
    *,
    learner: Person | None = None,
    born_on: date | None = ADULT,
    name: str = "Itzel Marroquín Ñ",
    at: datetime | None = None,
    visibility: str = "private",
) -> Award:
    """Let somebody earn the world's badge; `visibility` is what they chose."""
    moment = at or a_month_ago()
    person = learner or make_person(name, born_on=born_on)
    decision = make_decision(world, learner=person, at=moment)
    award_converge(moment)
    award = Award.objects.select_related("learner", "organization", "version").get(origin_id=decision.public_id)
    if visibility != "private":
        visibility_set(award_id=award.public_id, visibility=visibility, actor=Actor.person(person), at=now())
    return Award.objects.select_related("learner", "organization", "version").get(pk=award.pk)


def make_revoked(world: World) -> Award:
    award = make_award(world, visibility="public")
    award_revoke(award_id=award.public_id, reason="Issued in error.", actor=world.registrar_acts, at=now())
    return award


def make_suspended(world: World) -> Award:
    award = make_award(world, visibility="public")
    award_suspend(
        award_id=award.public_id, reason="A question is being looked into", actor=world.registrar_acts, at=now()
    )
    return award


def claim_address(award: Award) -> str:
    return claim_path(str(award.public_id))
