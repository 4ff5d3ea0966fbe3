"""An external signer: a second process that holds the keys, reads what it signs by itself, and trusts nobody."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.db import connection

from insignia.awards.models import Award, AwardDocument
from insignia.awards.rules import RUN_ROW
from insignia.awards.services import AwardRequest, ChunkOutcome, award_revoke, awards_issue_chunk
from insignia.config.commands.signer import mark_begin
from insignia.foundation.sealing import SealBroken
from insignia.issuing.errors import (
    DatabaseBehindMark,
    KeyNotHeld,
    MarkMissing,
    SignerLimitReached,
    SignerUnavailable,
)
from insignia.issuing.mark import mark_path, mark_read
from insignia.issuing.models import Approval, Reservation, SigningKey, StatusList, StatusSet
from insignia.issuing.rules import Mark
from insignia.issuing.selectors import counters_now, reservation_get
from insignia.issuing.services import (
    SignedReservation,
    Unsigned,
    approval_grant,
    approval_withdraw,
    key_rotate,
    lists_republish,
    sign_reservation,
    sign_reservations,
)
from insignia.issuing.signers.keys import FileKeys
from insignia.issuing.signers.ledger import Ledger, Line, ledger_problems
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import World, make_world
from tests.platform.factories import SETUP
from tests.platform.issuing.signer_process import MASTER_KEY, SignerProcess

pytestmark = pytest.mark.django_db(transaction=True)
_BEGUN: list[datetime] = []


@pytest.fixture(autouse=True)
def begun() -> None:
    """Note when the test began: an external signer refuses what is dated minutes away from its clock."""
    _BEGUN[:] = [datetime.now(UTC).replace(microsecond=0)]


def now() -> datetime:
    """Say when this test began."""
    return _BEGUN[0]


"""Lists are dated now: a signer refuses dates that are not its own."""


@pytest.fixture(scope="module")
def shared_signer(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: Any,  # noqa: ANN401  - pytest-django's
) -> Iterator[SignerProcess]:
    with django_db_blocker.unblock(), SignerProcess(tmp_path_factory.mktemp("shared")) as process:
        yield process


@pytest.fixture
def signer(shared_signer: SignerProcess, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> SignerProcess:
    shared_signer.forget()
    return used(shared_signer, settings, monkeypatch)


@pytest.fixture
def own_signer(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., SignerProcess]]:
    """Start a signer that the test may kill or narrow."""
    started: list[SignerProcess] = []

    def start(*arguments: str, role: str = "") -> SignerProcess:
        process = SignerProcess(tmp_path, *arguments, role=role)
        process.start()
        started.append(process)
        return used(process, settings, monkeypatch)

    yield start
    for process in started:
        process.__exit__()


def used(process: SignerProcess, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> SignerProcess:
    monkeypatch.setenv("INSIGNIA_MASTER_KEY", MASTER_KEY)
    settings.INSIGNIA_SIGNER = f"socket:{process.socket}"
    return process


@pytest.fixture
def world(signer: SignerProcess) -> World:
    return make_world(at=now())


def approve(world: World) -> Approval:
    return approval_grant(organization=world.organization, kind="run", subject_id=uuid4(), granted_at=now())


def requests(count: int) -> list[AwardRequest]:
    return [
        AwardRequest(
            origin=(RUN_ROW, uuid4()),
            name=f"Learner {number} Ñandú",
            email=f"learner{number}@quillwater.example",
            language="en",
            recipient_key=f"{number:05}",
            awarded_at=now(),
            valid_from=now(),
        )
        for number in range(count)
    ]


def issue(world: World, approval: Approval, asked: Sequence[AwardRequest]) -> list[ChunkOutcome]:
    return awards_issue_chunk(
        version=world.version,
        organization=world.organization,
        approval=approval,
        requests=asked,
        actor=world.registrar_acts,
        at=now(),
    )


def reserve(world: World, approval: Approval, count: int, settings: LazySettings) -> list[UUID]:
    """Leave reservations as a worker does that dies before it signs: the signer's address leads nowhere."""
    address, settings.INSIGNIA_SIGNER = settings.INSIGNIA_SIGNER, "socket:/nowhere"
    with pytest.raises(SignerUnavailable):
        issue(world, approval, requests(count))
    settings.INSIGNIA_SIGNER = address
    return list(Reservation.objects.order_by("id").values_list("public_id", flat=True))


def codes(answer: dict[str, Any]) -> list[str]:
    """Give what became of each reservation a stranger asked for."""
    return [found.get("refused", "signed") for found in answer["signatures"]]


class TestExternalSigner:
    def test_issues_whole_awards_with_keys_that_no_row_holds(self, signer: SignerProcess, world: World) -> None:
        before = len(signer.lines())
        outcomes = issue(world, approve(world), requests(3))
        assert [outcome.code for outcome in outcomes] == ["issued"] * 3
        assert {bytes(key.sealed_private) for key in SigningKey.objects.all()} == {b""}
        assert findings(deep=True) == []
        noted = [line["subject"] for line in signer.lines()[before:] if line["kind"] == "reservation"]
        assert sorted(noted) == sorted(str(row.public_id) for row in Reservation.objects.all())
        assert list(ledger_problems(signer.record)) == []

    def test_signs_the_same_bytes_again(self, world: World, settings: LazySettings) -> None:
        ids = reserve(world, approve(world), 2, settings)
        first, again = (sign_reservations(ids, actor=SETUP, at=now()) for _ in range(2))
        assert [one.signed for one in whole(first)] == [one.signed for one in whole(again)]
        assert sign_reservation(ids[0], actor=SETUP, at=now()) == whole(first)[0].signed

    def test_publishes_what_was_revoked(self, world: World) -> None:
        issue(world, approve(world), requests(1))
        award = Award.objects.get()
        award_revoke(award_id=award.public_id, reason="A test.", actor=world.registrar_acts, at=now())
        row = StatusList.objects.get(purpose="revocation")
        assert (row.published_events, row.epoch) == (1, 2)
        assert findings(deep=True) == []

    def test_makes_the_keys_of_a_rotation_and_signs_with_them(self, world: World) -> None:
        key_rotate(issuer=world.issuer, actor=SETUP, at=now() + timedelta(seconds=1))
        assert [outcome.code for outcome in issue(world, approve(world), requests(1))] == ["issued"]
        assert SigningKey.objects.count() == 4

    def test_does_not_sign_with_keys_it_never_made(self, signer: SignerProcess, settings: LazySettings) -> None:
        settings.INSIGNIA_SIGNER = "in-process"
        world = make_world(at=now())
        settings.INSIGNIA_SIGNER = f"socket:{signer.socket}"
        outcomes = issue(world, approve(world), requests(1))
        assert [outcome.code for outcome in outcomes] == [KeyNotHeld.code]
        with pytest.raises(KeyNotHeld):
            sign_reservation(Reservation.objects.get().public_id, actor=SETUP, at=now())
        assert any("nothing can be signed with it" in finding for finding in findings())
        key_rotate(issuer=world.issuer, actor=SETUP, at=now() + timedelta(seconds=1))
        assert not any(finding.startswith("I13 key") for finding in findings())


def whole(results: Sequence[SignedReservation | Unsigned]) -> list[SignedReservation]:
    found = [result for result in results if isinstance(result, SignedReservation)]
    assert len(found) == len(results), results
    return found


NOT_REQUESTS: tuple[dict[str, Any], ...] = (
    {"do": "sign", "hash": "00" * 32},
    {"do": "sign", "reservations": "all"},
    {"do": "sign", "reservations": [7]},
    {"do": "sign", "reservations": [None] * 3000},
    {"do": "sign", "reservations": ["0" * 32] * 2001},
    {"do": "sign-bytes", "bytes": "00"},
    {"do": ["sign"]},
    {"do": {}},
    {},
    {"do": "list", "list": "x", "at": "2026-01-01"},
    {"do": "list"},
    {"do": "make-key", "key": "../../etc/passwd", "algorithm": "Ed25519"},
    {"do": "make-key", "key": "0" * 32, "algorithm": "none"},
    {"do": "public-key"},
)


class TestForgerWithTheSocket:
    """Somebody who may write to the socket gets signatures over what is committed and approved, and no others."""

    def test_is_refused_what_nobody_reserved(self, signer: SignerProcess, world: World) -> None:
        assert codes(signer.ask({"do": "sign", "reservations": [str(uuid4())]})) == ["reservation-not-open"]

    def test_is_refused_what_is_signed_withdrawn_or_under_a_retired_key(
        self, signer: SignerProcess, world: World, settings: LazySettings
    ) -> None:
        issue(world, approve(world), requests(1))
        signed = Reservation.objects.get().public_id
        approval = approve(world)
        _, waiting = reserve(world, approval, 1, settings)
        asked = {"do": "sign", "reservations": [str(signed), str(waiting)]}
        assert codes(signer.ask(asked)) == ["reservation-not-open", "signed"]
        key_rotate(issuer=world.issuer, actor=SETUP, at=now() + timedelta(seconds=1))
        assert codes(signer.ask(asked)) == ["reservation-not-open", "key-retired"]
        approval_withdraw(approval=approval, actor=SETUP, at=now())
        assert codes(signer.ask(asked)) == ["reservation-not-open", "approval-withdrawn"]

    def test_is_refused_other_bytes_than_were_sealed(
        self, signer: SignerProcess, world: World, settings: LazySettings
    ) -> None:
        one, other = reserve(world, approve(world), 2, settings)
        stolen = bytes(reservation_get(other).sealed_prepared)
        Reservation.objects.filter(public_id=one).update(sealed_prepared=stolen)
        assert codes(signer.ask({"do": "sign", "reservations": [str(one), str(other)]})) == [
            "seal-broken",
            "signed",
        ]

    def test_is_refused_another_issuer_s_key(
        self, signer: SignerProcess, world: World, settings: LazySettings
    ) -> None:
        (mine,) = reserve(world, approve(world), 1, settings)
        stranger = make_world(name="Elsewhere High", at=now())
        theirs = SigningKey.objects.get(issuer=stranger.issuer, algorithm="Ed25519")
        Reservation.objects.filter(public_id=mine).update(ed25519_key=theirs)
        assert codes(signer.ask({"do": "sign", "reservations": [str(mine)]})) == ["reserved-elsewhere"]

    def test_is_refused_whatever_else_is_asked(self, signer: SignerProcess) -> None:
        before = signer.record.read_bytes()
        answers = [signer.ask(request) for request in NOT_REQUESTS]
        assert answers == [{"refused": "request-malformed"}] * len(NOT_REQUESTS)
        assert signer.record.read_bytes() == before

    @pytest.mark.parametrize("away", [timedelta(days=3650), timedelta(minutes=-30)])
    def test_is_refused_a_list_of_another_day(self, signer: SignerProcess, world: World, away: timedelta) -> None:
        row = StatusList.objects.get(purpose="revocation")
        for at in (datetime.now(UTC) + away, (datetime.now(UTC) + away).replace(tzinfo=None)):
            answer = signer.ask({"do": "list", "list": str(row.public_id), "at": at.isoformat()})
            assert answer["refused"] in {"clocks-differ", "request-malformed"}
            assert "document" not in answer

    def test_cannot_make_a_key_twice(self, signer: SignerProcess, world: World) -> None:
        key = SigningKey.objects.get(algorithm="Ed25519")
        answer = signer.ask({"do": "make-key", "key": str(key.public_id), "algorithm": "Ed25519"})
        assert "public" not in answer
        public = signer.ask({"do": "public-key", "key": str(key.public_id)})["public"]
        assert public == key.public_multibase


class TestOldDatabase:
    def test_is_noticed_by_the_signer_s_own_mark(
        self, signer: SignerProcess, world: World, settings: LazySettings
    ) -> None:
        (waiting,) = reserve(world, approve(world), 1, settings)
        issue(world, approve(world), requests(3))
        own = mark_path().read_bytes()
        StatusSet.objects.update(reserved=2)  # an older copy, put back with the mark that was beside it
        mark_path().write_bytes(own.replace(b": 4", b": 2"))
        with pytest.raises(DatabaseBehindMark):
            sign_reservations([waiting], actor=SETUP, at=now())

    def test_without_any_mark_signs_nothing(self, signer: SignerProcess, world: World) -> None:
        (signer.data / "mark.json").unlink()
        with pytest.raises(MarkMissing):
            issue(world, approve(world), requests(1))

    def test_is_trusted_by_a_first_signer_and_by_one_that_is_told_so(
        self, tmp_path: Path, settings: LazySettings, world: World
    ) -> None:
        settings.INSIGNIA_DATA = tmp_path
        record = Ledger(tmp_path / "signed.log")
        mark_begin(record, new_mark=False)
        assert mark_read() == Mark()
        record.note([Line("list", "x")], at=now())
        mark_path().unlink()
        mark_begin(record, new_mark=False)
        assert mark_read() is None
        mark_begin(record, new_mark=True)
        assert mark_read() == counters_now()
        record.close()


class TestLimits:
    def test_of_a_day_hold_whoever_asks_and_survive_a_restart(
        self, own_signer: Callable[..., SignerProcess], settings: LazySettings
    ) -> None:
        process = own_signer("--a-day", "3", "--keys-a-day", "2")
        world, asked = make_world(at=now()), requests(5)
        approval = approve(world)
        waits = SignerLimitReached.code
        assert [outcome.code for outcome in issue(world, approval, asked)] == ["issued"] * 3 + [waits] * 2
        with pytest.raises(SignerLimitReached):
            key_rotate(issuer=world.issuer, actor=SETUP, at=now())
        assert findings() == []
        process.stop()
        process.start("--a-day", "4")
        assert [outcome.code for outcome in issue(world, approval, asked)] == ["issued"] * 4 + [waits]
        assert findings(deep=True) == []


class TestDeathOfTheSigner:
    def test_while_it_is_asked_or_about_to_answer_loses_and_doubles_nothing(
        self, own_signer: Callable[..., SignerProcess]
    ) -> None:
        process = own_signer()
        world, asked = make_world(at=now()), requests(60)
        approval = approve(world)

        os.kill(process.pid, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as other:
            issuing = other.submit(in_thread, lambda: issue(world, approval, asked[:20]))
            wait_until(lambda: Reservation.objects.count() == 20)
            process.kill()
            assert isinstance(issuing.exception(), SignerUnavailable)
        assert Reservation.objects.filter(state="reserved").count() == 20
        assert any(finding.startswith("I13 signer") for finding in findings())

        process.start()
        size = process.record.stat().st_size
        with ThreadPoolExecutor(1) as other:
            issuing = other.submit(in_thread, lambda: issue(world, approval, asked))
            wait_until(lambda: process.record.stat().st_size > size)
            process.kill()  # noted, and on its way out
            issuing.exception()  # the last answer may have left in time

        process.start()
        outcomes = issue(world, approval, asked)
        assert {outcome.code for outcome in outcomes} == {"issued"}
        assert len({outcome.award_id for outcome in outcomes}) == 60
        assert Award.objects.count() == AwardDocument.objects.count() == Reservation.objects.count() == 60
        assert list(ledger_problems(process.record)) == []
        assert {line["subject"] for line in process.lines() if line["kind"] == "reservation"} == {
            str(row) for row in Reservation.objects.values_list("public_id", flat=True)
        }
        assert findings(deep=True) == []


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.001)


def in_thread(work: Callable[[], Any]) -> Any:  # noqa: ANN401  - hands on what the work gives
    try:
        return work()
    finally:
        connection.close()


class TestTwoClients:
    def test_with_the_same_chunk_make_each_award_once(self, world: World) -> None:
        approval, asked = approve(world), requests(30)
        start = threading.Barrier(2)

        def work(order: int) -> list[ChunkOutcome]:
            start.wait()
            return issue(world, approval, asked[::order])

        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(in_thread, partial(work, order)) for order in (1, -1)]
            outcomes = [outcome for one in both for outcome in one.result()]
        assert {outcome.code for outcome in outcomes} <= {"issued", "busy"}
        assert {outcome.code for outcome in issue(world, approval, asked)} == {"issued"}
        assert Award.objects.count() == AwardDocument.objects.count() == 30
        assert findings(deep=True) == []


READS = (
    "django_migrations",
    "foundation_datakey",
    "organizations_organization",
    *(
        f"issuing_{name}"
        for name in ("issuer", "signingkey", "approval", "statusset", "statuslist", "documentshape", "reservation")
    ),
)
"""The tables that a signer's role may read (docs/guides/operate.md lists the same)."""


@pytest.mark.skipif(
    "INSIGNIA_TEST_DATABASE_URL" not in os.environ, reason="no PostgreSQL given: SQLite has no roles"
)
class TestRoleOfTheSigner:
    def test_reads_a_few_tables_and_writes_none(self, own_signer: Callable[..., SignerProcess]) -> None:
        role = f"signer_{uuid4().hex[:8]}"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {role} LOGIN")
            cursor.execute(f"GRANT SELECT ON {', '.join(READS)} TO {role}")
        try:
            process = own_signer(role=role)
            world = make_world(at=now())
            assert [outcome.code for outcome in issue(world, approve(world), requests(2))] == ["issued"] * 2
            lists_republish(now())
            assert findings(deep=True) == []
            process.stop()
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP OWNED BY {role}")
                cursor.execute(f"DROP ROLE {role}")

    def test_is_the_one_that_the_guide_writes_down(self) -> None:
        guide = Path(__file__).parents[3] / "docs" / "guides" / "operate.md"
        granted = guide.read_text().partition("GRANT SELECT ON")[2].partition("TO insignia_signer")[0]
        assert sorted(name.strip() for name in granted.split(",")) == sorted(READS)


class TestProcess:
    def test_dumps_no_core_and_keeps_its_files_to_itself(self, signer: SignerProcess, world: World) -> None:
        limits = Path(f"/proc/{signer.pid}/limits").read_text()
        (core,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]
        for path in (signer.record, signer.data / "signer-key", *(signer.data / "keys").iterdir()):
            assert path.stat().st_mode & 0o777 == 0o600, path
        assert signer.socket.stat().st_mode & 0o777 == 0o600

    def test_cannot_be_read_by_a_debugger_of_its_own_user(self) -> None:
        code = (
            "import ctypes; from insignia.foundation.hardening import process_harden; process_harden(); "
            "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout.strip() == "0"

    def test_is_the_only_one_with_its_record(self, signer: SignerProcess) -> None:
        with pytest.raises(SignerUnavailable):
            Ledger(signer.record)

    def test_has_envelopes_that_open_with_its_key_file_only(self, signer: SignerProcess, world: World) -> None:
        key = SigningKey.objects.get(algorithm="Ed25519")
        assert FileKeys(signer.data).signer(key).public.multibase == key.public_multibase
        elsewhere = signer.data.parent / "elsewhere"
        shutil.copytree(signer.data / "keys", elsewhere / "keys")
        with pytest.raises(SealBroken):
            FileKeys(elsewhere).signer(key)
