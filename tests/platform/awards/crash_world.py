"""Real processes that die in the middle of an award. Run by `test_crash.py`; prints what it found as JSON.

Each scenario builds a world in a database of its own, forks workers, kills them at a named step, lets another
worker go on, and asks the doctor. A worker that was to die and did not is reported: the window was missed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import django


def prepare() -> None:
    """Start Django on the database of the environment, which has its tables."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "insignia.config.settings"
    django.setup()


@contextmanager
def forked(work: Callable[[], object]) -> Iterator[int]:
    """Run `work` in a child process of its own connection; give its pid."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001  - the child has to end, whatever happened
            traceback.print_exc()
            os._exit(1)
    yield pid


def fate(pid: int) -> str:
    """Wait for a child; say how it ended."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit {os.WEXITSTATUS(status)}"


def die_at(step: str) -> Callable[[Any], None]:
    def between(reached: Any) -> None:  # noqa: ANN401  - awards.steps.Step, not importable before setup
        if reached.value == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return between


def findings() -> list[str]:
    """Ask the doctor, thoroughly."""
    from tests.platform.awards import doctor

    return doctor.findings(deep=True)


def totals() -> dict[str, int]:
    from insignia.audit.models import AuditEntry
    from insignia.awards.models import Award, AwardDocument
    from insignia.issuing.models import Reservation, StatusSlot
    from insignia.outbox.models import Message

    return {
        "awards": Award.objects.count(),
        "issued": Award.objects.filter(state="issued").count(),
        "documents": AwardDocument.objects.count(),
        "reservations": Reservation.objects.count(),
        "slots": StatusSlot.objects.count(),
        "issued rows": AuditEntry.objects.filter(action="award.issued").count(),
        "mails": Message.objects.filter(kind="award-issued").count(),
    }


def converge() -> None:
    from insignia.awards.services import award_converge
    from tests.platform.factories import AT

    report = award_converge(AT + timedelta(minutes=1))
    if report.waiting:
        raise RuntimeError(str(report.waiting))


def kills(_argument: str) -> dict[str, Any]:
    """Kill a worker at every step, each on a decision of its own, then converge."""
    from insignia.awards import steps
    from tests.platform.awards.world import make_decision, make_world

    world, fates = make_world(), {}
    for step in steps.Step:
        make_decision(world)

        def work(at: str = step.value) -> None:
            steps.between = die_at(at)
            converge()

        with forked(work) as pid:
            fates[step.value] = fate(pid)
    after_deaths = totals()
    with forked(converge) as pid:
        fates["sweep"] = fate(pid)
    return {"fates": fates, "after deaths": after_deaths, "totals": totals(), "findings": findings()}


def random_kills(argument: str) -> dict[str, Any]:
    """Kill workers after random delays (fixed seed) until everything is issued."""
    from tests.platform.awards.world import make_decision, make_world

    world, delays, fates = make_world(), random.Random(20260514), []  # noqa: S311  - repeatable, not secret
    for _ in range(int(argument or 6)):
        make_decision(world)
    for _ in range(60):
        with forked(converge) as pid:
            time.sleep(delays.uniform(0.0, 0.6))
            os.kill(pid, signal.SIGKILL)
            fates.append(fate(pid))
        if totals()["issued"] == int(argument or 6):
            break
    return {"deaths": fates.count("SIGKILL"), "totals": totals(), "findings": findings()}


def same_bytes(_argument: str) -> dict[str, Any]:
    """Kill after signing, note what would have been signed, and compare with what is stored later."""
    from insignia.awards import steps
    from insignia.awards.models import AwardDocument
    from insignia.awards.services import converge as module
    from tests.platform.awards.world import make_decision, make_world
    from tests.platform.factories import AT

    make_decision(make_world())
    path = os.path.join(os.environ["INSIGNIA_DATA"], "signed")  # noqa: PTH118  - a scratch file of this script

    def work() -> None:
        steps.between = die_at("signed")
        from insignia.issuing.services import sign_reservation as sign

        def noted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401  - passes through
            signed = sign(*arguments, **named)
            with open(path, "wb") as file:  # noqa: PTH123  - as above
                file.write(signed.json_bytes + signed.jwt.encode())
            return signed

        setattr(module, "sign_reservation", noted)  # noqa: B010  - the name is not this module's to export
        converge()

    with forked(work) as pid:
        died = fate(pid)
    converge()
    document = AwardDocument.objects.select_related("award__learner__data_key").get()
    from insignia.awards.selectors import award_json, award_jwt, award_public

    view = award_public(award_id=document.award.public_id, viewer=document.award.learner, on=AT)
    with open(path, "rb") as file:  # noqa: PTH123  - as above
        same = file.read() == award_json(view) + award_jwt(view).encode()
    return {"fates": {"signed": died}, "same": same, "findings": findings()}


def reissue_kills(_argument: str) -> dict[str, Any]:
    """Sign every badge anew again and again, each time with a worker that dies at another step."""
    from uuid import uuid4

    from insignia.awards import steps
    from insignia.awards.models import AwardDocument, MassChange
    from insignia.awards.selection import Selection
    from insignia.awards.services import awards_change_many, mass_changes_converge
    from insignia.issuing.services import approval_grant, key_rotate, lists_republish
    from tests.platform.awards.test_chunks import asked, issue
    from tests.platform.awards.world import make_world
    from tests.platform.factories import AT, SETUP

    world, fates, at = make_world(), {}, AT
    approval = approval_grant(organization=world.organization, kind="run", subject_id=uuid4(), granted_at=AT)
    issue(world, approval, [asked(number) for number in range(3)])
    for step in list(steps.Step)[1:]:
        at += timedelta(days=1)
        key_rotate(issuer=world.issuer, actor=SETUP, at=at)
        awards_change_many(
            organization=world.organization,
            selection=Selection(),
            change="reissued",
            reason="The key is not safe any more",
            actor=world.registrar_acts,
            at=at + timedelta(minutes=1),
        )

        def work(dies: str = step.value, now: datetime = at + timedelta(minutes=2)) -> None:
            steps.between = die_at(dies)
            mass_changes_converge(now)

        with forked(work) as pid:
            fates[step.value] = fate(pid)
        after_the_lease = at + timedelta(minutes=10)
        with forked(lambda now=after_the_lease: mass_changes_converge(now)) as pid:  # type: ignore[misc]  # bound now
            fates[f"after {step.value}"] = fate(pid)
    lists_republish(after_the_lease)
    return {
        "fates": fates,
        "documents": sorted(AwardDocument.objects.values_list("award_id", "number")),
        "counted": list(MassChange.objects.order_by("id").values_list("done", "refused")),
        "unfinished": MassChange.objects.filter(finished_at__isnull=True).count(),
        "findings": findings(),
    }


def two_workers(argument: str) -> dict[str, Any]:
    """Let two workers sweep the same decisions at the same time."""
    from tests.platform.awards.world import make_decision, make_world

    world = make_world()
    for _ in range(int(argument or 12)):
        make_decision(world)
    ready, start = os.pipe()

    def work() -> None:
        os.close(start)
        os.read(ready, 1)  # until the parent closes its end
        converge()

    with forked(work) as one, forked(work) as other:
        os.close(start)
        fates = {"one": fate(one), "other": fate(other)}
    return {"fates": fates, "totals": totals(), "findings": findings()}


def without_origin(_argument: str) -> dict[str, Any]:
    """Negative control: without the unique origin, two workers past the first look make two awards."""
    from django.db import connection

    from insignia.awards import steps
    from insignia.awards.models import Award
    from insignia.issuing.models import Reservation
    from tests.platform.awards.world import make_decision, make_world

    make_decision(make_world())
    connection.close()
    for model, name in ((Award, "award_origin_once"), (Reservation, "reservation_origin_once")):
        constraint = next(rule for rule in model._meta.constraints if rule.name == name)
        # SQLite makes the table anew from what the model says
        model._meta.constraints = [rule for rule in model._meta.constraints if rule is not constraint]
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, constraint)
    ready, start = os.pipe()
    both_arrived, arrive = os.pipe()

    def wait(step: Any) -> None:  # noqa: ANN401  - awards.steps.Step
        if step.value == "before-reserve":
            os.write(arrive, b".")
            os.read(ready, 1)

    def work() -> None:
        os.close(start)
        steps.between = wait
        converge()

    with forked(work) as one, forked(work) as other:
        arrived = b""
        while len(arrived) < 2:
            arrived += os.read(both_arrived, 2)
        os.close(start)
        fates = {"one": fate(one), "other": fate(other)}
    return {"fates": fates, "totals": totals(), "findings": findings()}


class Careless:
    """Stands in for django.db.transaction: no block is ever a transaction of its own."""

    def atomic(self, function: Any = None, *, durable: bool = False) -> Any:  # noqa: ANN401  - Django's own shape
        from contextlib import nullcontext

        return function or nullcontext()


def without_t1(_argument: str) -> dict[str, Any]:
    """Negative control: sign what is not committed, then die; the mark outside the database knows better."""
    from django.db import transaction

    from insignia.awards import steps
    from insignia.awards.services import converge as module
    from insignia.issuing.services import reservations
    from insignia.issuing.signers import reading
    from tests.platform.awards.world import make_decision, make_world

    make_decision(make_world())

    def work() -> None:
        steps.between = die_at("signed")
        atomic = transaction.atomic
        careless = Careless()
        for careful in (reservations, reading, module):
            setattr(careful, "transaction", careless)  # noqa: B010  - as above
        with atomic():
            converge()

    with forked(work) as pid:
        fates = {"signed": fate(pid)}
    return {"fates": fates, "totals": totals(), "findings": findings()}


def old_copy(_argument: str) -> dict[str, Any]:
    """Put an older copy of the database back and try to go on."""
    import shutil
    from pathlib import Path

    from django.db import connections

    from insignia.awards.services import award_converge
    from tests.platform.awards.world import make_decision, make_world
    from tests.platform.factories import AT

    world = make_world()
    make_decision(world)
    converge()
    make_decision(world)
    connections.close_all()
    database = Path(os.environ["INSIGNIA_DATA"]) / "insignia.sqlite3"
    shutil.copy(database, database.with_suffix(".copy"))
    converge()
    connections.close_all()
    for leftover in database.parent.glob("insignia.sqlite3-*"):
        leftover.unlink()
    shutil.copy(database.with_suffix(".copy"), database)
    waiting = [code for _, code in award_converge(AT).waiting]
    again = [code for _, code in award_converge(AT).waiting]
    return {"waiting": waiting, "again": again, "totals": totals(), "findings": findings()}


def recovered_copy(_argument: str) -> dict[str, Any]:
    """Put an older copy back, see every door refuse, recover by the command, and go on."""
    from dataclasses import replace

    from insignia.awards.credential import said_by
    from insignia.awards.models import Award
    from insignia.awards.selectors import award_by_id, document_current, document_json
    from insignia.awards.services import award_correct, award_from_decision, award_revoke, award_suspend
    from insignia.issuing.models import StatusSlot
    from tests.platform.awards.world import make_decision, make_world
    from tests.platform.factories import AT

    world = make_world()
    revoked, paused, renamed, lost = (make_decision(world) for _ in range(4))
    early = [award_from_decision(decision_id=one.public_id, at=AT) for one in (revoked, paused, renamed)]

    def rename() -> None:
        award = award_by_id(early[2].public_id)
        said = said_by(document_json(award, document_current(award)))
        award_correct(
            award_id=award.public_id,
            said=replace(said, name="Corrected"),
            reason="Misspelt",
            actor=world.registrar_acts,
            at=AT,
        )

    def live_on() -> None:
        for change, award in ((award_revoke, early[0]), (award_suspend, early[1])):
            change(award_id=award.public_id, reason="In error", actor=world.registrar_acts, at=AT)
        rename()
        award_from_decision(decision_id=lost.public_id, at=AT)
        findings()  # numbers the record

    with database_put_back(live_on) as used:
        waiting = refusal_of(lambda: award_from_decision(decision_id=lost.public_id, at=AT))
        before = findings()
        said = command("recover")
    states = dict(Award.objects.values_list("public_id", "state"))
    award_from_decision(decision_id=lost.public_id, at=AT)
    burned = set(StatusSlot.objects.filter(state="burned").values_list("index", flat=True))
    rename()
    return {
        "waiting": waiting,
        "before": before,
        "said": said,
        "states": [states[one.public_id] for one in early],
        "burned what was used": used <= burned,
        "indexes": StatusSlot.objects.count(),
        "findings": findings(),
    }


def old_copy_of_many(_argument: str) -> dict[str, Any]:
    """Put back a copy in which a run and a change of many badges wait; let the worker's jobs go on with it."""
    from insignia.awards.models import AwardDocument
    from insignia.awards.selection import Selection
    from insignia.awards.services import award_from_decision, awards_change_many, mass_changes_converge
    from insignia.issuing.mark import mark_read
    from insignia.issuing.selectors import counters_now
    from insignia.issuing.services import key_rotate, lists_republish
    from insignia.runs.services import run_converge
    from tests.platform.awards.world import make_decision
    from tests.platform.factories import AT, SETUP
    from tests.platform.runs.world import make_run_world, people

    world = make_run_world()
    world.finished(people(6))
    key_rotate(issuer=world.school.issuer, actor=SETUP, at=AT + timedelta(hours=1))
    awards_change_many(
        organization=world.school.organization,
        selection=Selection(),
        change="reissued",
        reason="The key is not safe any more",
        actor=world.actor,
        at=AT + timedelta(hours=2),
    )
    waiting = world.started(people(8, first=7))
    lost = [make_decision(world.school) for _ in range(5)]
    later = AT + timedelta(days=1)

    def live_on() -> None:
        for decision in lost:
            award_from_decision(decision_id=decision.public_id, at=AT)
        findings()  # numbers the record

    with database_put_back(live_on):
        before, jobs = counters_now(), (run_converge, mass_changes_converge, lists_republish)
        refusals = [
            refusal_of(lambda job=job, now=later + timedelta(hours=hours): job(now))  # type: ignore[misc]
            for hours in range(3)
            for job in jobs
        ]
        same, documents = counters_now() == before, AwardDocument.objects.count()
        known = mark_read()
        behind = known is not None and all(known.reserved[name] > count for name, count in before.reserved.items())
        said = command("recover")
    afterwards = datetime.now(UTC)  # the command goes by the clock
    while run_converge(afterwards):
        pass
    mass_changes_converge(afterwards)
    lists_republish(afterwards)
    waiting.refresh_from_db()
    return {
        "refusals": refusals,
        "behind": behind,
        "counters stayed": same,
        "documents": documents,
        "said": said,
        "run": waiting.state,
        "documents afterwards": AwardDocument.objects.count(),
        "findings": findings(),
    }


def keys_and_lists_lost(_argument: str) -> dict[str, Any]:
    """Renew the keys and revoke after the copy; lose the kept lists too; see what the command says to whom."""
    import shutil
    from pathlib import Path

    from insignia.awards.models import Award
    from insignia.awards.services import award_from_decision, award_revoke
    from insignia.issuing.services import key_rotate
    from tests.platform.awards.world import make_decision, make_world
    from tests.platform.factories import AT, SETUP

    world = make_world()
    award = award_from_decision(decision_id=make_decision(world).public_id, at=AT)
    published = Path(os.environ["INSIGNIA_DATA"]) / "published"

    def live_on() -> None:
        key_rotate(issuer=world.issuer, actor=SETUP, at=AT, compromised=True)
        award_revoke(award_id=award.public_id, reason="In error", actor=world.registrar_acts, at=AT)
        findings()  # numbers the record

    with database_put_back(live_on):
        kept = published.rename(published.with_name("kept"))
        refused = [command("recover"), command("recover")]
        accepted = command("recover", "--accept-lost-lists")
        state = Award.objects.get().state
        shutil.rmtree(published, ignore_errors=True)
        kept.rename(published)
        found = sorted(published.glob("*/revocation.*"))
        handed_in = command("recover", "--status-list", str(found[0]))
    return {
        "refused": refused,
        "accepted": accepted,
        "state": state,
        "handed in": handed_in,
        "state then": Award.objects.get().state,
    }


@contextmanager
def database_put_back(live_on: Callable[[], None]) -> Iterator[set[int]]:
    """Copy the database, live on, put the copy back; give the indexes used in between."""
    import shutil
    from pathlib import Path

    from django.db import connections

    from insignia.issuing.models import StatusSlot

    database = Path(os.environ["INSIGNIA_DATA"]) / "insignia.sqlite3"
    known = set(StatusSlot.objects.values_list("index", flat=True))
    connections.close_all()
    shutil.copy(database, database.with_suffix(".copy"))
    live_on()
    used = set(StatusSlot.objects.values_list("index", flat=True)) - known
    connections.close_all()
    for leftover in database.parent.glob("insignia.sqlite3-*"):
        leftover.unlink()
    shutil.copy(database.with_suffix(".copy"), database)
    yield used
    connections.close_all()


def command(*arguments: str) -> str:
    """Run a command of ours as an operator would; give what it prints."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "insignia.cli", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def refusal_of(work: Callable[[], object]) -> str:
    """Give the code of the refusal."""
    from insignia.foundation.errors import InsigniaError

    try:
        work()
    except InsigniaError as error:
        return error.code
    return ""


def main() -> None:
    """Run the scenario named on the command line."""
    prepare()
    scenario: Callable[[str], dict[str, Any]] = globals()[sys.argv[1]]
    result = scenario(sys.argv[2] if len(sys.argv) > 2 else "")
    sys.stdout.write("\n" + json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
