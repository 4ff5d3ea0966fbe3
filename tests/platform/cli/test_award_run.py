"""`insignia award-run`: what a school's operator types."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.conf import LazySettings

from insignia.awards.models import Award
from insignia.cli.award_run import award_run
from insignia.runs.errors import RunKeyTaken
from insignia.runs.models import Run, RunChunk
from insignia.runs.services import run_pause
from tests.platform.awards.doctor import findings
from tests.platform.factories import AT
from tests.platform.runs.world import RunWorld, make_run_world, people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> RunWorld:
    return make_run_world()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("Name,E-mail\nAna Peña,ana@school.example\nLuis,luis@@school\n", encoding="utf-8")
    return path


def called(world: RunWorld, file: Path, *more: str) -> Result:
    place = ["--badge", "took-part", "--organization", world.school.organization.slug]
    return CliRunner().invoke(award_run, [str(file), *place, *more], catch_exceptions=False)


class TestAwardRun:
    def test_looks_only(self, world: RunWorld, file: Path) -> None:
        result = called(world, file)
        assert result.exit_code == 1
        assert "1 rows ready, 1 not. Nothing has been sent." in result.output
        assert "row 3  invalid  email-unusable: luis@@school" in result.output
        assert not Award.objects.exists()

    def test_gives_the_badges_once_however_often_it_is_typed(self, world: RunWorld, file: Path) -> None:
        for _ in range(2):
            result = called(world, file, "--start")
            assert "1 signed, 1 without a badge." in result.output
        assert Award.objects.count() == Run.objects.count() == 1
        assert findings() == []

    def test_takes_results_of_an_exam_for_something_else_than_people(self, world: RunWorld, file: Path) -> None:
        """Whoever forgot --exams the first time gives no badge to those who failed."""
        file.write_text("E-mail,Exam,Passed\nana@school.example,Safety,no\nluis@school.example,Safety,yes\n")
        assert "2 rows ready, 0 not." in called(world, file).output
        for _ in range(2):
            assert "1 signed, 1 without a badge." in called(world, file, "--exams", "--start").output
        assert Award.objects.get().recipient.email == "luis@school.example"
        assert set(Run.objects.values_list("source", flat=True)) == {"file", "exams"}

    def test_says_that_a_key_names_a_run_of_another_kind(self, world: RunWorld, file: Path) -> None:
        called(world, file, "--key", "spring")
        with pytest.raises(RunKeyTaken, match="table of another kind"):
            called(world, file, "--key", "spring", "--exams")

    def test_says_for_which_run_of_the_badge_it_waits(
        self, world: RunWorld, file: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A worker died over a chunk of a run that was paused then: nobody takes it before its lease ends."""
        settings.INSIGNIA_WAKE = "worker"
        first = world.started(people(5))
        RunChunk.objects.filter(run=first).update(leased_until=datetime.now(UTC) + timedelta(seconds=3))
        run_pause(run_id=first.public_id, actor=world.actor, at=AT)
        monkeypatch.setattr("insignia.cli.award_run.EVERY_SECONDS", 0.2)
        result = called(world, file, "--start")
        assert f"waits until another run of this badge is through: {first.public_id}" in result.output
        assert "1 signed, 1 without a badge." in result.output

    def test_says_it_to_programs(self, world: RunWorld, file: Path) -> None:
        file.write_text("E-mail\nana@school.example\n")
        result = called(world, file, "--start", "--json")
        assert result.exit_code == 0
        said = json.loads(result.stdout)
        assert said["state"] == "finished"
        assert said["outcomes"] == {"issued": 1, "refused": 0, "cancelled": 0}
