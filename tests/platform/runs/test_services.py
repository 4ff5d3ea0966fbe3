"""A run from its table to its badges: looked at first, exactly once each, steered, taken back."""

from __future__ import annotations

import pytest

from insignia.awards.models import Award
from insignia.outbox.models import Message
from insignia.runs.models import Run
from tests.platform.awards.doctor import findings
from tests.platform.factories import AT
from tests.platform.runs.world import RunWorld, classes, make_run_world, outcomes, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> RunWorld:
    return make_run_world()


class TestRun:
    def test_gives_everybody_one_badge(self, world: RunWorld) -> None:
        run = world.finished(people(3))
        assert run.state == Run.State.FINISHED
        assert outcomes(run) == [("issued", "")] * 3
        assert Award.objects.count() == 3
        assert Message.objects.filter(kind="award-issued").count() == 3
        assert findings() == []
