"""Several signing processes: the same documents as one makes, and a death among them loses nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from insignia.awards.models import Award, AwardDocument
from insignia.issuing.errors import DatabaseBehindMark, SignerMisconfigured, SignerUnavailable
from insignia.issuing.models import Reservation, StatusSet
from insignia.issuing.signers import processes as module
from insignia.issuing.signers import reservations_read, signing_backend
from insignia.issuing.signers.in_process import InProcess
from insignia.issuing.signers.keys import RowKeys
from insignia.issuing.signers.processes import Processes
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import make_world
from tests.platform.factories import AT
from tests.platform.issuing.signer_process import database_environment
from tests.platform.issuing.test_signer_process import approve, begun, issue, requests

__all__ = ["begun"]  # every test of this module begins at a moment of its own


@pytest.fixture
def pool(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """Give two signing processes on this test's database and data directory, dealt the smallest parts."""
    for name, value in database_environment(settings.INSIGNIA_DATA).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "WORTH_A_PROCESS", 2)
    settings.INSIGNIA_SIGNER = "processes:2"
    backend = signing_backend()
    assert isinstance(backend, Processes)
    yield backend
    backend.stop()


def pids(pool: Processes) -> list[int]:
    executor: Any = pool._pool
    return list(executor._processes)


@pytest.mark.django_db(transaction=True)
class TestProcesses:
    def test_sign_what_one_process_signs_and_outlive_a_death(self, pool: Processes) -> None:
        world, asked = make_world(), requests(9)
        approval = approve(world)
        assert [outcome.code for outcome in issue(world, approval, asked[:5])] == ["issued"] * 5
        killed, _other = pids(pool)
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(SignerUnavailable):
            issue(world, approval, asked)
        reading = reservations_read(
            list(Reservation.objects.filter(state="reserved").values_list("public_id", flat=True))
        )
        assert reading.ids
        assert pool.signatures(reading, at=AT) == InProcess(RowKeys()).signatures(reading, at=AT)
        assert killed not in pids(pool)
        StatusSet.objects.update(reserved=1)  # an older copy of the database is put back
        with pytest.raises(DatabaseBehindMark):
            pool.signatures(reading, at=AT)

    def test_issue_whole_awards(self, pool: Processes) -> None:
        world, asked = make_world(), requests(7)
        assert [outcome.code for outcome in issue(world, approve(world), asked)] == ["issued"] * 7
        assert Award.objects.count() == AwardDocument.objects.count() == 7
        assert findings(deep=True) == []


class TestChoice:
    @pytest.mark.parametrize(
        "name", ["", "in process", "processes:x", "processes:-1", "socket:", "socket:relative", "x"]
    )
    def test_of_no_signer_is_named(self, settings: LazySettings, name: str) -> None:
        settings.INSIGNIA_SIGNER = name
        with pytest.raises(SignerMisconfigured):
            signing_backend()

    def test_gives_a_process_one_signer(self, settings: LazySettings) -> None:
        settings.INSIGNIA_SIGNER = "in-process"
        assert signing_backend() is signing_backend()
