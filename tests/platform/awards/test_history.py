"""How an award stood on a day: by the document and the lists of that day, whatever came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from insignia.achievements.rules import Renewal
from insignia.awards.credential import said_by
from insignia.awards.history import documents_of, standing_on
from insignia.awards.models import Award
from insignia.awards.selectors import award_by_id, document_current, document_json
from insignia.awards.services import (
    award_correct,
    award_from_decision,
    award_reinstate,
    award_renew,
    award_revoke,
    award_suspend,
)
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import AT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return make_world(months=2, renewal=Renewal.ATTESTATION)


@pytest.fixture
def award(world: World) -> Award:
    return award_from_decision(decision_id=make_decision(world).public_id, at=AT)


def stood(award: Award, *days: int) -> list[str]:
    fresh = award_by_id(award.public_id)
    return [standing_on(fresh, (AT + day * DAY).date()) for day in days]


class TestStanding:
    def test_follows_every_change_of_state(self, world: World, award: Award) -> None:
        for change, day in ((award_suspend, 2), (award_reinstate, 4), (award_revoke, 6)):
            change(award_id=award.public_id, reason="Why", actor=world.registrar_acts, at=AT + day * DAY)
        assert stood(award, -1, 0, 1) == ["not-yet", "valid", "valid"]
        assert stood(award, 2, 3, 4, 5, 6, 900) == [
            "suspended",
            "suspended",
            "valid",
            "valid",
            "revoked",
            "revoked",
        ]

    def test_ends_with_its_last_day_where_the_organization_is(self, award: Award) -> None:
        fresh = award_by_id(award.public_id)
        assert [standing_on(fresh, date(2026, 7, day)) for day in (14, 15)] == ["valid", "expired"]

    def test_leaves_the_gap_before_a_late_renewal_open(self, world: World, award: Award) -> None:
        award_renew(award_id=award.public_id, reason="Late", actor=world.registrar_acts, at=AT + 80 * DAY)
        assert stood(award, 60, 70, 80, 100) == ["valid", "expired", "valid", "valid"]

    def test_is_not_changed_by_a_later_correction(self, world: World, award: Award) -> None:
        fresh = award_by_id(award.public_id)
        said = said_by(document_json(fresh, document_current(fresh)))
        award_correct(
            award_id=award.public_id,
            said=replace(said, valid_until=AT + 20 * DAY),
            reason="Two weeks were meant",
            actor=world.registrar_acts,
            at=AT + 30 * DAY,
        )
        assert stood(award, 25, 29, 30, 31) == ["valid", "valid", "expired", "expired"]


class TestDocuments:
    def test_tell_what_became_of_each(self, world: World, award: Award) -> None:
        fresh = award_by_id(award.public_id)
        said = said_by(document_json(fresh, document_current(fresh)))
        corrections = ({"name": "Itzel"}, {"name": "Itzel", "valid_until": AT + 40 * DAY})
        for day, facts in enumerate(corrections, start=1):
            award_correct(
                award_id=award.public_id,
                said=replace(said, **facts),  # type: ignore[arg-type]  # the facts of Said
                reason=f"Reason {day}",
                actor=world.registrar_acts,
                at=AT + day * DAY,
            )
        documents = documents_of(award_by_id(award.public_id))
        assert [row.kind for row in documents] == ["first", "correction", "correction"]
        assert [row.changed for row in documents] == [(), ("name",), ("valid_until",)]
        assert [row.is_revoked for row in documents] == [False, True, False]
        assert [row.superseded_at for row in documents] == [AT + DAY, AT + 2 * DAY, None]
        assert [row.reason for row in documents] == ["", "Reason 1", "Reason 2"]
        assert documents[-1].valid_until == AT + 40 * DAY
