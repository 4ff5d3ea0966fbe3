"""Kill -9 in the middle of an award, two workers at once, old copies; and controls that must be noticed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests import empty_database

REPOSITORY = Path(__file__).parents[3]
SERVER = os.environ.get("INSIGNIA_TEST_DATABASE_URL", "")
pytestmark = pytest.mark.postgresql
ENGINES = ["postgresql" if SERVER else "sqlite"]  # `make test` comes by once with each


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of an empty database; an empty URL means SQLite in the data directory."""
    if request.param == "sqlite":
        yield ""
        return
    import psycopg

    name = f"crash_{uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        empty_database.postgresql_copy(SERVER, name)
        yield SERVER.replace("/postgres?", f"/{name}?")
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def scenario(
    name: str, *, data: Path, url: str, argument: str = "", module: str = "tests.platform.awards.crash_world"
) -> dict[str, Any]:
    environment = {
        **os.environ,
        "INSIGNIA_DATA": str(data),
        "INSIGNIA_DATABASE_URL": url,
        "INSIGNIA_ORIGIN": "https://badges.example.org",
        "INSIGNIA_WAKE": "worker",
        "PYTHONPATH": os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "src"))),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    if not url and not (data / "insignia.sqlite3").exists():
        empty_database.sqlite_copy(data / "insignia.sqlite3")
    command = [sys.executable, "-m", module, name, argument]
    done = subprocess.run(
        command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    found["stderr"] = done.stderr
    return found


def whole(count: int) -> dict[str, int]:
    """Say what there is when `count` awards are whole and nothing was wasted."""
    names = ("awards", "issued", "documents", "reservations", "slots", "issued rows", "mails")
    return dict.fromkeys(names, count)


@pytest.mark.parametrize("database_url", ENGINES, indirect=True)
class TestDeathOfAWorker:
    def test_at_any_step_leaves_nothing_lost_and_nothing_doubled(self, tmp_path: Path, database_url: str) -> None:
        found = scenario("kills", data=tmp_path, url=database_url)
        deaths = {step: end for step, end in found["fates"].items() if step != "sweep"}
        assert set(deaths.values()) == {"SIGKILL"}, deaths
        assert found["fates"]["sweep"] == "exit 0", found["stderr"][-2000:]
        assert found["totals"] == whole(len(deaths))
        assert found["findings"] == []

    def test_after_random_delays_wastes_nothing(self, tmp_path: Path, database_url: str) -> None:
        found = scenario("random_kills", data=tmp_path, url=database_url, argument="6")
        assert found["deaths"] >= 2
        assert found["totals"] == whole(6)
        assert found["findings"] == []

    def test_after_signing_the_sweep_signs_the_very_same_bytes(self, tmp_path: Path, database_url: str) -> None:
        found = scenario("same_bytes", data=tmp_path, url=database_url)
        assert found["fates"] == {"signed": "SIGKILL"}
        assert found["same"]
        assert found["findings"] == []


@pytest.mark.parametrize("database_url", ENGINES, indirect=True)
class TestDeathOfWhoSignsAnew:
    def test_at_any_step_leaves_each_badge_one_next_document(self, tmp_path: Path, database_url: str) -> None:
        found = scenario("reissue_kills", data=tmp_path, url=database_url)
        ends = found["fates"].items()
        assert {end for step, end in ends if not step.startswith("after")} == {"SIGKILL"}, found["fates"]
        assert {end for step, end in ends if step.startswith("after")} == {"exit 0"}, found["stderr"][-2000:]
        awards = {award for award, _number in found["documents"]}
        assert found["documents"] == [[award, number] for award in sorted(awards) for number in range(1, 7)]
        assert (found["counted"], found["unfinished"]) == ([[3, 0]] * 5, 0)
        assert found["findings"] == []


@pytest.mark.parametrize("database_url", ENGINES, indirect=True)
class TestTwoWorkers:
    def test_on_the_same_decisions_make_each_award_once(self, tmp_path: Path, database_url: str) -> None:
        found = scenario("two_workers", data=tmp_path, url=database_url, argument="8")
        assert found["fates"] == {"one": "exit 0", "other": "exit 0"}, found["stderr"][-2000:]
        assert found["totals"] == whole(8)
        assert found["findings"] == []


@pytest.mark.parametrize("database_url", ENGINES, indirect=True)
class TestNegativeControls:
    def test_without_the_unique_origin_the_doctor_names_it(self, tmp_path: Path, database_url: str) -> None:
        found = scenario("without_origin", data=tmp_path, url=database_url)
        assert any(finding.startswith("I5") for finding in found["findings"]), found

    def test_signing_what_is_not_committed_is_noticed_by_the_mark(self, tmp_path: Path, database_url: str) -> None:
        found = scenario("without_t1", data=tmp_path, url=database_url)
        assert found["fates"] == {"signed": "SIGKILL"}, found["stderr"][-2000:]
        assert any(finding.startswith("I12") for finding in found["findings"]), found


class TestOldCopy:
    def test_of_the_database_signs_nothing_however_often_asked(self, tmp_path: Path) -> None:
        found = scenario("old_copy", data=tmp_path, url="")
        assert found["waiting"] == found["again"] == ["database-behind-mark"]
        assert found["totals"]["issued"] == 1
        assert any(finding.startswith("I12") for finding in found["findings"])

    def test_keeps_runs_and_changes_of_many_waiting_until_it_was_recovered(self, tmp_path: Path) -> None:
        found = scenario("old_copy_of_many", data=tmp_path, url="")
        assert found["behind"]
        assert "database-behind-mark" in found["refusals"]
        assert found["counters stayed"], found
        assert found["documents"] == 6
        assert "Indexes burned: 5." in found["said"], found["said"]
        assert (found["run"], found["documents afterwards"]) == ("finished", 6 + 8 + 6)
        assert found["findings"] == []

    def test_goes_on_after_recover_without_using_an_index_twice_or_bringing_back_what_was_revoked(
        self, tmp_path: Path
    ) -> None:
        found = scenario("recovered_copy", data=tmp_path, url="")
        assert found["waiting"] == "database-behind-mark"
        assert any(finding.startswith("I12") for finding in found["before"])
        assert "Indexes burned: 2. Entries set again from published lists: 3." in found["said"], found["said"]
        assert "Badges revoked again: 1, paused again: 1." in found["said"]
        assert "was corrected after the backup. Correct it again." in found["said"]
        assert found["states"] == ["revoked", "suspended", "issued"]
        assert found["burned what was used"]
        assert found["findings"] == []

    def test_whose_lists_are_lost_or_keys_changed_is_not_passed_over(self, tmp_path: Path) -> None:
        found = scenario("keys_and_lists_lost", data=tmp_path, url="")
        for refused in found["refused"]:
            assert "--accept-lost-lists" in refused
            assert "Missing: the newest list of https://badges.example.org/status/" in refused
            assert "Signing works again" not in refused
        assert "counts again." in found["accepted"], found["accepted"]
        assert "Rows of the record gone" in found["accepted"]  # what was refused had changed nothing
        assert "until an owner renews the keys" in found["accepted"]
        assert "Signing works again, but for the issuers named above." in found["accepted"]
        assert found["state"] == "issued"
        assert "Badges revoked again: 1" in found["handed in"], found["handed in"]
        assert found["state then"] == "revoked"
