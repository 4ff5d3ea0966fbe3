"""The demo's world: built on whatever database the suite runs, and nothing in it breaks an invariant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings

from insignia.assessment.models import Submission
from insignia.awards.models import Award, AwardHold
from insignia.awards.selectors import award_public
from insignia.demo.badges import sheets
from insignia.demo.cast import PLAYERS, SCHOOLS
from insignia.demo.main_job import main_job
from insignia.demo.marker import DemoOnly, demo_mark, demo_refuse_elsewhere
from insignia.demo.stage import Stage, stage_found
from insignia.demo.world import DRAFT, RETIRED, SCENES
from insignia.foundation.errors import NotFound
from insignia.issuing.services import lists_republish
from tests.platform.awards import doctor

pytestmark = pytest.mark.django_db


def build() -> Stage:
    """Build the world as the command does."""
    start = datetime.now(UTC).replace(microsecond=0)
    stage = stage_found(start)
    lists_republish(stage.founded)
    for _step in main_job(stage, at=start):
        pass
    for scene in SCENES:
        scene.play(stage)
    lists_republish(datetime.now(UTC))
    return stage


def hidden(award: Award, *, on: datetime) -> bool:
    """Say whether a stranger is told that there is no such award."""
    try:
        award_public(award_id=award.public_id, viewer=None, on=on)
    except NotFound:
        return True
    return False


class TestWorld:
    def test_holds_every_state_and_breaks_no_invariant(self) -> None:
        stage = build()
        assert doctor.findings(deep=True) == []
        assert set(Submission.objects.values_list("state", flat=True)) == set(Submission.States.values)
        assert set(Award.objects.values_list("state", flat=True)) == {"issued", "suspended", "revoked"}
        assert AwardHold.objects.count() == 1
        assert set(Award.objects.values_list("visibility", flat=True)) == set(Award.Visibility.values)
        assert Award.objects.filter(valid_until__lt=stage.start).exists()
        assert set(stage.versions) == set(sheets()) - {DRAFT}
        stage.versions[RETIRED].refresh_from_db()
        assert stage.versions[RETIRED].state == "retired"
        mais = Award.objects.get(learner=stage.people["mai"])
        assert hidden(mais, on=stage.start)


class TestCast:
    def test_has_somebody_in_every_role(self) -> None:
        assert {role for player in PLAYERS for role in player.roles} == {
            "owner",
            "author",
            "assessor",
            "registrar",
        }

    def test_has_an_adult_who_shows_and_a_minor_who_does_not(self) -> None:
        ages = {player.key: player.age for player in PLAYERS}
        assert ages["itzel"] == 18
        assert ages["mai"] == 15

    def test_says_everything_in_both_languages(self) -> None:
        told = [player.about for player in PLAYERS] + [school.name for school in SCHOOLS]
        assert all(set(text) == {"en", "es"} and all(text.values()) for text in told)


class TestSheets:
    def test_are_a_dozen_in_three_fields_and_three_classes(self) -> None:
        assert len(sheets()) == 12
        assert {sheet.content.field.value for sheet in sheets().values()} == {"academic", "career", "civic"}
        classes = {sheet.credential_class for sheet in sheets().values()}
        assert classes == {"recognition", "knowledge", "application"}

    def test_keep_their_ids_from_start_to_start(self) -> None:
        again = sheets.__wrapped__()
        assert again == sheets()
        assert again is not sheets()


class TestMark:
    def test_lets_a_demo_database_run_in_demo_mode_only(self, settings: LazySettings) -> None:
        demo_refuse_elsewhere()
        demo_mark(at=datetime.now(UTC))
        with pytest.raises(DemoOnly):
            demo_refuse_elsewhere()
        settings.INSIGNIA_DEMO = True
        demo_refuse_elsewhere()
