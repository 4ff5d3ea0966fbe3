"""The mark of an external signer after a recovery: replaced only by a step of its own, which is noted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from click import ClickException
from django.conf import LazySettings

from insignia.config.commands.signer import RECORD, mark_begin
from insignia.issuing.errors import DatabaseBehindMark
from insignia.issuing.guard import mark_hold_apart
from insignia.issuing.mark import mark_path, mark_read
from insignia.issuing.models import Issuer, StatusSlot
from insignia.issuing.published import published_directory
from insignia.issuing.selectors import counters_now
from insignia.issuing.services import issuer_create, lists_republish, recover, status_change
from insignia.issuing.services import status as module
from insignia.issuing.services.status import slots_take
from insignia.issuing.signers.in_process import InProcess
from insignia.issuing.signers.keys import RowKeys
from insignia.issuing.signers.ledger import Ledger, ledger_problems
from tests.platform.awards.doctor import findings
from tests.platform.factories import AT, SETUP, make_organization
from tests.platform.old_copy import put_back

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = AT + 30 * DAY


class SignerApart:
    """Stands in for a signer of another user: same keys, a mark and a record of its own."""

    def __init__(self, directory: Path, settings: LazySettings) -> None:
        self.directory, self._settings = directory, settings
        directory.mkdir()
        self.restart()

    def hold(self, issuer: Issuer) -> None:
        with self.at_home():
            mark_hold_apart(issuer)

    def restart(self, *, new_mark: bool = False) -> None:
        with self.at_home():
            ledger = Ledger(self.directory / RECORD)
            try:
                mark_begin(ledger, new_mark=new_mark)
            finally:
                ledger.close()

    @property
    def lines(self) -> list[tuple[str, str]]:
        found = [json.loads(line) for line in (self.directory / RECORD).read_bytes().splitlines()]
        return [(line["kind"], line["subject"]) for line in found]

    @contextmanager
    def at_home(self) -> Iterator[None]:
        elsewhere = self._settings.INSIGNIA_DATA
        self._settings.INSIGNIA_DATA = self.directory
        try:
            yield
        finally:
            self._settings.INSIGNIA_DATA = elsewhere


@pytest.fixture
def signer(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> SignerApart:
    apart = SignerApart(tmp_path / "signer", settings)
    backend = InProcess(RowKeys(), hold=apart.hold)
    monkeypatch.setattr(module, "signing_backend", lambda: backend)
    return apart


def made() -> Issuer:
    issuer = issuer_create(
        organization=make_organization(), actor=SETUP, at=AT, origin="https://badges.example.org"
    )
    lists_republish(AT)
    return issuer


def issued(issuer: Issuer, count: int) -> list[StatusSlot]:
    slots = slots_take(issuer, count, at=AT)
    StatusSlot.objects.filter(pk__in=[slot.pk for slot in slots]).update(state=StatusSlot.State.ISSUED)
    return slots


class TestNewMark:
    def test_gives_up_a_set_that_is_lost_for_good(
        self, signer: SignerApart, capsys: pytest.CaptureFixture[str]
    ) -> None:
        made()

        def live_on() -> None:
            issued(made(), 2)
            lists_republish(AT + 60 * DAY)

        put_back(live_on)
        shutil.rmtree(published_directory())
        recover(accept_lost_lists=True, actor=SETUP, at=LATER)
        with pytest.raises(DatabaseBehindMark, match="--new-mark"):
            lists_republish(LATER)
        signer.restart()
        with pytest.raises(DatabaseBehindMark):
            lists_republish(LATER)
        signer.restart(new_mark=True)
        lists_republish(LATER)
        assert findings() == []
        said = capsys.readouterr().out
        assert "is not in the database: 2 slots" in said
        noted = [subject for kind, subject in signer.lines if kind == "new-mark"]
        assert noted
        assert all(subject in said for subject in noted)
        assert list(ledger_problems(signer.directory / RECORD)) == []

    def test_gives_up_publications_that_nobody_here_knows_of(self, signer: SignerApart) -> None:
        issuer = made()
        slots = issued(issuer, 3)

        def live_on() -> None:
            for slot in slots:
                status_change(slot=slot, purpose="revocation", value=True, at=AT + DAY)
                lists_republish(AT + DAY)

        put_back(live_on)
        mark_path().unlink()
        shutil.rmtree(published_directory())
        recover(burn=100, actor=SETUP, at=LATER)
        with pytest.raises(DatabaseBehindMark):
            lists_republish(LATER)
        signer.restart(new_mark=True)
        lists_republish(LATER)
        assert findings() == []
        assert any("publications of list" in subject for _kind, subject in signer.lines)

    def test_never_gives_up_indexes_that_can_still_be_burned(self, signer: SignerApart) -> None:
        issuer = made()
        put_back(lambda: (issued(issuer, 7), lists_republish(AT + 60 * DAY)))
        mark_path().unlink()
        recover(burn=2, accept_lost_lists=True, actor=SETUP, at=LATER)
        before = (signer.directory / "mark.json").read_bytes()
        with pytest.raises(ClickException, match="--burn 5"):
            signer.restart(new_mark=True)
        assert (signer.directory / "mark.json").read_bytes() == before
        recover(burn=5, actor=SETUP, at=LATER)
        signer.restart(new_mark=True)
        lists_republish(LATER)
        assert findings() == []

    def test_is_the_database_as_it_is_and_noted_even_if_nothing_is_given_up(self, signer: SignerApart) -> None:
        made()
        with signer.at_home():
            mark_path().unlink()
        signer.restart(new_mark=True)
        with signer.at_home():
            assert mark_read() == counters_now()
        assert [kind for kind, _subject in signer.lines] == ["new-mark"]
