"""A run from its table to its badges: looked at first, exactly once each, steered, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar, NoReturn

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from insignia.accounts.models import Person
from insignia.audit.actor import Actor
from insignia.audit.models import AuditEntry
from insignia.awards import steps
from insignia.awards.models import Award, Recipient
from insignia.awards.selectors import document_current, document_json
from insignia.awards.services import (
    AwardRequest,
    ChunkOutcome,
    award_claim,
    award_revoke,
    award_suspend,
    awards_issue_chunk,
    chunks,
    claim_path,
)
from insignia.foundation.errors import NotAllowed, NotFound, Unavailable
from insignia.issuing.models import Reservation, StatusSlot
from insignia.organizations.models import Organization
from insignia.organizations.services import member_add
from insignia.outbox.mailer import messages_send
from insignia.outbox.models import Message
from insignia.runs.errors import (
    BadgeNotAwardable,
    MappingUnusable,
    OverrideNotNeeded,
    OverrideReasonMissing,
    RunKeyTaken,
    RunNothingDue,
    RunStateWrong,
    TableEmpty,
    UndoOver,
)
from insignia.runs.mapping import ColumnMapping
from insignia.runs.models import Run, RunChunk, RunRow
from insignia.runs.selectors import run_progress, run_reasons, run_rows
from insignia.runs.services import (
    control,
    converge,
    issuing,
    run_cancel,
    run_check,
    run_converge,
    run_create,
    run_from_group,
    run_map,
    run_override,
    run_pause,
    run_resume,
    run_start,
    run_undo,
)
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import make_decision
from tests.platform.factories import AT, SETUP, make_member, make_organization, make_person
from tests.platform.runs.world import (
    LATER,
    RunWorld,
    carry_on,
    classes,
    fresh,
    make_run_world,
    outcomes,
    people,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> RunWorld:
    return make_run_world()


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three rows be a chunk, and do one chunk a turn."""
    monkeypatch.setattr(control, "CHUNK_ROWS", {"postgresql": 3, "sqlite": 3})
    monkeypatch.setattr(converge, "TURN", timedelta(0))
    monkeypatch.setattr(converge, "BREATH", 0)


class TestRunCreate:
    """`run_create`."""

    def test_keeps_every_row_as_it_came(self, world: RunWorld) -> None:
        run = world.run(people(3))
        rows = run_rows(run)
        assert [row.number for row in rows] == [1, 2, 3]
        assert rows[0].values == people(1)[0]
        assert (run.total, run.state) == (3, Run.State.DRAFT)

    def test_guesses_what_the_columns_mean(self, world: RunWorld) -> None:
        assert world.run(people(1)).mapping["columns"] == {"email": "E-mail", "name": "Name"}

    def test_is_the_same_run_for_the_same_key_and_rows(self, world: RunWorld) -> None:
        assert world.run(people(60), key="once") == world.run(people(60), key="once")
        assert RunRow.objects.count() == 60

    def test_refuses_the_same_key_with_other_rows(self, world: RunWorld) -> None:
        world.run(people(60), key="once")
        for rows in (people(59), people(61), people(60, first=2)):
            with pytest.raises(RunKeyTaken):
                world.run(rows, key="once")
        assert Run.objects.count() == 1

    def test_refuses_the_same_key_for_another_badge(self, world: RunWorld) -> None:
        world.run(people(1), key="once")
        with pytest.raises(RunKeyTaken):
            world.run(people(1), key="once", version=world.school.version)

    def test_refuses_the_same_key_for_a_table_of_another_kind(self, world: RunWorld) -> None:
        """The same rows as results of an exam lead elsewhere: not everybody passed."""
        world.run(people(1), key="once")
        with pytest.raises(RunKeyTaken):
            world.run(people(1), key="once", source=Run.Source.EXAMS)

    def test_keeps_nothing_when_the_rows_end_in_an_error(self, world: RunWorld) -> None:
        def broken() -> Iterator[dict[str, str]]:
            yield from people(100)
            raise TableEmpty("the connection was cut")

        with pytest.raises(TableEmpty):
            world.run(broken())
        assert not Run.objects.exists()
        assert not RunRow.objects.exists()

    def test_survives_what_no_database_holds(self, world: RunWorld) -> None:
        run = world.checked([{"Name": "a\x00b \ud800", "E-mail": "a@quillwater.example"}])
        assert classes(run) == [("invalid", "letters-lost")]

    def test_is_for_registrars_alone(self, world: RunWorld) -> None:
        organization = world.school.organization
        for person, error in ((make_member(organization, "assessor"), NotAllowed), (make_person(), NotFound)):
            with pytest.raises(error):
                run_create(
                    organization=organization,
                    version=world.version,
                    key="k",
                    source="file",
                    rows=people(1),
                    actor=Actor.person(person),
                    at=AT,
                )

    def test_refuses_another_organizations_badge(self, world: RunWorld) -> None:
        elsewhere = make_organization()
        with pytest.raises(BadgeNotAwardable):
            run_create(
                organization=elsewhere,
                version=world.version,
                key="k",
                source="file",
                rows=people(1),
                actor=Actor.person(make_member(elsewhere, "registrar")),
                at=AT,
            )


class TestRunMap:
    """`run_map`."""

    def test_is_remembered_for_the_next_table_like_it(self, world: RunWorld) -> None:
        odd = [{"Quién": "Ana Pérez", "Dónde": "ana@quillwater.example"}]
        run = world.run(odd)
        mapping = ColumnMapping({"name": "Quién", "email": "Dónde"}, "mdy")
        run_map(run_id=run.public_id, mapping=mapping, actor=world.actor, at=AT)
        assert world.run(odd).mapping == mapping.to_json()

    def test_is_remembered_for_results_of_an_exam_by_themselves(self, world: RunWorld) -> None:
        """The same headings as a table of people say nothing of exams; what they do say holds for both."""
        rows = [{"Dónde": "ana@quillwater.example", "Otro": "x", "Passed": "no", "Score": "7"}]
        people_mean = {"email": "Dónde", "narrative": "Otro"}
        run = world.run(rows)
        run_map(run_id=run.public_id, mapping=ColumnMapping(people_mean, "mdy"), actor=world.actor, at=AT)
        exam = world.run(rows, source=Run.Source.EXAMS)
        guess = {**people_mean, "passed": "Passed", "score": "Score"}
        assert exam.mapping == {"columns": guess, "date_order": "mdy"}
        results_mean = {**people_mean, "passed": "Passed"}
        run_map(run_id=exam.public_id, mapping=ColumnMapping(results_mean, "dmy"), actor=world.actor, at=AT)
        assert world.run(rows, source=Run.Source.EXAMS).mapping["columns"] == results_mean
        assert world.run(rows).mapping == {"columns": people_mean, "date_order": "mdy"}

    def test_of_an_exam_leads_people_to_no_exam(self, world: RunWorld) -> None:
        rows = [{"Dónde": "ana@quillwater.example", "Passed": "no"}]
        run = world.run(rows, source=Run.Source.EXAMS)
        mapping = ColumnMapping({"email": "Dónde", "passed": "Passed"})
        run_map(run_id=run.public_id, mapping=mapping, actor=world.actor, at=AT)
        assert world.run(rows).mapping["columns"] == {"email": "Dónde"}

    @pytest.mark.parametrize(
        "columns",
        [{"email": "No such"}, {"name": "Name"}, {"email": "E-mail", "name": "E-mail"}, {"shoe": "Name"}],
    )
    def test_refuses_what_does_not_fit(self, world: RunWorld, columns: dict[str, str]) -> None:
        run = world.run(people(1))
        with pytest.raises(MappingUnusable):
            run_map(run_id=run.public_id, mapping=ColumnMapping(columns), actor=world.actor, at=AT)


class TestRunCheck:
    """`run_check`: the class of each row, by what is in the database."""

    def test_tells_the_classes_apart(self, world: RunWorld) -> None:
        world.finished(people(2))
        kept = Award.objects.order_by("id").first()
        assert kept is not None
        award_suspend(award_id=kept.public_id, reason="A question", actor=world.actor, at=LATER)
        run = world.checked([*people(4), people(1, first=3)[0], {"Name": "Ana", "E-mail": "ana@@school"}])
        assert classes(run) == [
            ("blocked", "suspended"),
            ("duplicate", "has-it"),
            ("new", ""),
            ("new", ""),
            ("duplicate", "same-person"),
            ("invalid", "email-unusable"),
        ]
        assert run.counts == {"blocked": 1, "duplicate": 2, "new": 2, "invalid": 1}
        assert run.due == 2
        assert {reason.code: reason.count for reason in run_reasons(run)}["same-person"] == 1

    def test_calls_what_ends_soon_a_renewal(self, world: RunWorld) -> None:
        world.finished(people(1))
        Award.objects.update(valid_from=AT - timedelta(days=335), valid_until=AT + timedelta(days=30))
        assert classes(world.checked(people(1))) == [("renewal", "expires")]

    def test_takes_a_list_sent_twice_for_no_renewal(self, world: RunWorld) -> None:
        """Not even of a badge that ends within the time in which long ones are renewed."""
        short = [row | {"Expires": "2026-07-01"} for row in people(2)]
        world.finished(short)
        assert classes(world.checked(short)) == [("duplicate", "has-it")] * 2

    def test_takes_a_revoked_badge_for_none(self, world: RunWorld) -> None:
        world.finished(people(1))
        award = Award.objects.get()
        award_revoke(award_id=award.public_id, reason="In error", actor=world.actor, at=LATER)
        assert classes(world.checked(people(1))) == [("new", "")]

    def test_knows_a_person_by_number_or_by_address(self, world: RunWorld) -> None:
        """The school's list says a number now and an address then; case does not count."""
        world.finished([{"Name": "Ana", "E-mail": "Ana@quillwater.example"}])
        later = [{"Name": "Ana", "E-mail": "ana@Quillwater.example", "Student ID": "007"}]
        assert classes(world.checked(later)) == [("duplicate", "has-it")]

    @pytest.mark.parametrize("order", [1, -1])
    def test_knows_a_newcomer_by_number_and_by_address(self, world: RunWorld, order: int) -> None:
        """Nobody of the list is known yet: its own rows tell that two of them mean one person."""
        rows = [
            {"Name": "Ana", "E-mail": "ana@quillwater.example", "Student ID": "007"},
            {"Name": "Ana", "E-mail": "Ana@Quillwater.example", "Student ID": ""},
        ]
        run = world.finished(rows[::order])
        assert classes(run) == [("new", ""), ("duplicate", "same-person")]
        assert Award.objects.count() == 1

    def test_tells_a_parent_and_two_children_of_one_address_apart_by_number(self, world: RunWorld) -> None:
        rows = [
            {"Name": name, "E-mail": "family@quillwater.example", "Student ID": number}
            for name, number in (("Ana", "1"), ("Luis", "2"), ("Ana", ""), ("Luis", "2"))
        ]
        assert [code for _class, code in classes(world.checked(rows))] == ["", "", "same-person", "same-person"]
        rows = [rows[2], *rows[:2]]
        assert [code for _class, code in classes(world.checked(rows))] == ["", "same-person", ""]

    @pytest.mark.parametrize("order", [1, -1])
    def test_knows_somebody_whom_another_run_made_meanwhile(self, world: RunWorld, order: int) -> None:
        numbered = {"Name": "Ana", "E-mail": "ana@quillwater.example", "Student ID": "007"}
        plain = {"Name": "Ana", "E-mail": "ANA@quillwater.example"}
        runs = [world.checked([row]) for row in (numbered, plain)[::order]]
        assert [classes(run) for run in runs] == [[("new", "")]] * 2
        for run in runs:
            run_start(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert [outcomes(run) for run in runs] == [[("issued", "")], [("refused", "has-it")]]
        assert Award.objects.count() == Recipient.objects.count() == 1

    @pytest.mark.usefixtures("small_chunks")
    def test_knows_a_newcomer_from_another_chunk(self, world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("insignia.runs.services.checking.PAGE", 3)
        numbered = {"Name": "Ana", "E-mail": "ana@quillwater.example", "Student ID": "007"}
        plain = {"Name": "Ana", "E-mail": "ana@quillwater.example"}
        run = world.finished([numbered, *people(3), plain])
        assert outcomes(run) == [("issued", "")] * 4 + [("refused", "has-it")]

    def test_tells_two_children_of_one_address_apart(self, world: RunWorld) -> None:
        rows = [
            {"Name": name, "E-mail": "family@quillwater.example", "Student ID": number}
            for name, number in (("Ana", "1"), ("Luis", "2"))
        ]
        assert outcomes(world.finished(rows)) == [("issued", "")] * 2
        assert Recipient.objects.count() == 2

    def test_finds_a_member_by_number_and_what_they_earned(self, world: RunWorld) -> None:
        member = make_person("Itzel Marroquín")
        organization = world.school.organization
        join_numbered(organization, member, "1234")
        row = {"Name": "Itzel", "E-mail": "other@quillwater.example", "Student ID": "1234"}
        decision = make_decision(world.school, learner=member)
        assert classes(world.checked([row], version=world.school.version)) == [("duplicate", "decision-met")]
        assert not Award.objects.filter(origin_id=decision.public_id).exists()

    def test_looks_again_from_the_start(self, world: RunWorld) -> None:
        run = world.checked(people(3))
        run_check(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert fresh(run).counts == {"new": 3}

    def test_needs_few_queries_for_many_rows(self, world: RunWorld) -> None:
        counted = []
        for number in (20, 400):
            run = world.run(people(number))
            run_check(run_id=run.public_id, actor=world.actor, at=AT)
            with CaptureQueriesContext(connection) as queries:
                run_converge(AT)
            counted.append(len(queries))
        assert counted[1] <= counted[0] <= 25

    def test_holds_application_badges_back(self, world: RunWorld) -> None:
        run = world.checked(people(2), version=world.school.version)
        assert classes(run) == [("needs-evidence", "assessment-missing")] * 2
        with pytest.raises(RunNothingDue):
            run_start(run_id=run.public_id, actor=world.actor, at=AT)


def join_numbered(organization: Organization, person: Person, number: str, group: str = "") -> None:
    member_add(
        organization=organization,
        person=person,
        roles=[],
        actor=SETUP,
        at=AT,
        enrolled_number=number,
        class_group=group,
    )


class TestRunOverride:
    """`run_override`: the one way past assessment, with a reason that stays."""

    def test_lets_the_rows_through_and_is_recorded(self, world: RunWorld) -> None:
        run = world.checked(people(2), version=world.school.version)
        reason = "Judged on paper in 2025, sheets in the archive."
        run_override(run_id=run.public_id, reason=reason, actor=world.actor, at=AT)
        carry_on(AT)
        assert classes(run) == [("new", "")] * 2
        run_start(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert set(Award.objects.values_list("origin_kind", flat=True)) == {"override"}
        entry = AuditEntry.objects.get(action="run.overridden")
        assert entry.new["reason"] == reason
        assert entry.new["rows"] == 2
        assert entry.actor_id == world.school.registrar.public_id
        assert findings() == []

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
    def test_wants_a_reason(self, world: RunWorld, reason: str) -> None:
        run = world.checked(people(1), version=world.school.version)
        with pytest.raises(OverrideReasonMissing):
            run_override(run_id=run.public_id, reason=reason, actor=world.actor, at=AT)

    def test_is_refused_where_no_row_needs_it(self, world: RunWorld) -> None:
        run = world.checked(people(1))
        with pytest.raises(OverrideNotNeeded):
            run_override(run_id=run.public_id, reason="Because.", actor=world.actor, at=AT)

    def test_ends_once_the_columns_are_mapped_anew(self, world: RunWorld) -> None:
        """The reason was written for one row; other columns mean other people."""
        rows = [{"A": "a@quillwater.example", "B": ""}, {"A": "", "B": "b@quillwater.example"}]
        run = world.checked(rows, version=world.school.version, mapping=ColumnMapping({"email": "A"}))
        run_override(run_id=run.public_id, reason="Only Ana, seen by me.", actor=world.actor, at=AT)
        carry_on(AT)
        run_map(run_id=run.public_id, mapping=ColumnMapping({"email": "B"}), actor=world.actor, at=AT)
        run_check(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert classes(run)[1] == ("needs-evidence", "assessment-missing")
        entry = AuditEntry.objects.get(action="run.mapped")
        assert entry.new["exception_ended"] == "Only Ana, seen by me."
        run_map(run_id=run.public_id, mapping=ColumnMapping({"email": "A"}), actor=world.actor, at=LATER)
        assert "exception_ended" not in AuditEntry.objects.filter(action="run.mapped").latest("pk").new


class TestExams:
    """Results of an exam."""

    def test_open_an_application_badge_only_when_passed_and_watched(self, world: RunWorld) -> None:
        rows = [
            result(1, "yes", "yes"),
            result(2, "yes", "no"),
            result(3, "no", "yes"),
            result(4, "perhaps", "yes"),
        ]
        run = world.finished(rows, version=world.school.version, source=Run.Source.EXAMS)
        assert classes(run) == [
            ("new", ""),
            ("needs-evidence", "exam-not-proctored"),
            ("blocked", "exam-not-passed"),
            ("invalid", "yes-or-no-unusable"),
        ]
        assert Award.objects.get().origin_kind == "exam-result"


def result(number: int, passed: str, proctored: str = "yes") -> dict[str, str]:
    return people(1, first=number)[0] | {"Exam": "Final", "Passed": passed, "Proctored": proctored}


class TestRetakes:
    """A person who stands in the table twice: only a row that leads to a badge makes the next one a duplicate."""

    FAILED = ("blocked", "exam-not-passed")

    @pytest.mark.parametrize("page", [1, 2, 2000])
    def test_lead_to_the_badge_once_passed(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch, page: int
    ) -> None:
        """On the page of the failed attempt, and on a later one."""
        monkeypatch.setattr("insignia.runs.services.checking.PAGE", page)
        rows = [result(1, "no"), result(2, "yes"), result(1, "yes"), result(2, "no"), result(1, "yes")]
        run = world.finished(rows, source=Run.Source.EXAMS)
        twice = ("duplicate", "same-person")
        assert classes(run) == [self.FAILED, ("new", ""), ("new", ""), twice, twice]
        assert [outcome for outcome, _code in outcomes(run)].count("issued") == Award.objects.count() == 2

    def test_count_once_supervised_and_the_first_one_with_an_exception(self, world: RunWorld) -> None:
        rows = [result(1, "yes", "no"), result(1, "yes", "yes")]
        run = world.checked(rows, version=world.school.version, source=Run.Source.EXAMS)
        assert classes(run) == [("needs-evidence", "exam-not-proctored"), ("new", "")]
        run_override(run_id=run.public_id, reason="The head watched it.", actor=world.actor, at=AT)
        carry_on(AT)
        assert classes(run) == [("new", ""), ("duplicate", "same-person")]

    def test_need_no_query_a_row(self, world: RunWorld) -> None:
        counted = []
        for number in (20, 400):
            rows = [result(one, passed) for one in range(number) for passed in ("no", "yes")]
            run = world.run(rows, source=Run.Source.EXAMS)
            run_check(run_id=run.public_id, actor=world.actor, at=AT)
            with CaptureQueriesContext(connection) as queries:
                run_converge(AT)
            counted.append(len(queries))
        assert counted[1] <= counted[0] <= 25


class TestOneAccount:
    """A member with a number at school who claimed a badge that went to their address at home."""

    BY_NUMBER: ClassVar = {"Name": "Ana", "E-mail": "ana@school.example", "Student ID": "S-7"}
    BY_ADDRESS: ClassVar = {"Name": "Ana", "E-mail": "ana.home@quillwater.example", "Student ID": ""}

    def joined(self, world: RunWorld) -> Person:
        ana = make_person("Ana")
        join_numbered(world.school.organization, ana, "S-7")
        return ana

    def given_at_home(self, world: RunWorld) -> Award:
        """Give their address at home a badge that is no badge of theirs any more."""
        world.finished([self.BY_ADDRESS])
        award = Award.objects.get()
        award_revoke(award_id=award.public_id, reason="In error", actor=world.actor, at=AT)
        return award

    def claim(self, award: Award, person: Person) -> None:
        token = claim_path(str(award.public_id)).removeprefix("/claim/")
        award_claim(token=token, actor=Actor.person(person), at=AT)

    @pytest.mark.parametrize("order", [1, -1])
    @pytest.mark.parametrize("page", [1, 2000])
    def test_gets_one_badge(self, world: RunWorld, monkeypatch: pytest.MonkeyPatch, order: int, page: int) -> None:
        monkeypatch.setattr("insignia.runs.services.checking.PAGE", page)
        self.claim(self.given_at_home(world), self.joined(world))
        run = world.finished([self.BY_NUMBER, self.BY_ADDRESS][::order])
        assert classes(run) == [("new", ""), ("duplicate", "same-person")]
        assert Award.objects.exclude(state="revoked").count() == 1
        assert classes(world.checked([self.BY_NUMBER, self.BY_ADDRESS])) == [("duplicate", "has-it")] * 2

    def test_gets_one_badge_at_two_addresses_at_which_they_claimed(self, world: RunWorld) -> None:
        ana, rows = make_person("Ana"), people(2)
        world.finished(rows)
        for award in Award.objects.all():
            self.claim(award, ana)
            award_revoke(award_id=award.public_id, reason="In error", actor=world.actor, at=AT)
        assert classes(world.finished(rows)) == [("new", ""), ("duplicate", "same-person")]
        assert classes(world.checked(rows)) == [("duplicate", "has-it")] * 2

    @pytest.mark.parametrize("order", [1, -1])
    @pytest.mark.parametrize("size", [1, 1000])
    def test_gets_one_badge_where_they_claimed_after_the_dry_run(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch, order: int, size: int
    ) -> None:
        monkeypatch.setattr(control, "CHUNK_ROWS", {"postgresql": size, "sqlite": size})
        award, ana = self.given_at_home(world), self.joined(world)
        run = world.started([self.BY_NUMBER, self.BY_ADDRESS][::order])
        assert classes(run) == [("new", "")] * 2
        self.claim(award, ana)
        carry_on(AT)
        assert [outcome for outcome, _code in outcomes(run)] == ["issued", "refused"]
        assert Award.objects.exclude(state="revoked").count() == 1
        assert findings() == []


class TestGroup:
    """`run_from_group`."""

    def test_gives_a_class_its_badge_in_their_accounts(self, world: RunWorld) -> None:
        organization = world.school.organization
        learners = [make_person(f"Learner {number}") for number in (1, 2)]
        for learner in learners:
            join_numbered(organization, learner, "", "7B")
        run = run_from_group(
            organization=organization, version=world.version, key="7B", group="7B", actor=world.actor, at=AT
        )
        run_check(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        run_start(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert {award.learner for award in Award.objects.select_related("learner")} == set(learners)
        assert set(Message.objects.values_list("recipient", flat=True)) == {learner.email for learner in learners}
        assert findings() == []

    def test_takes_nobody_who_is_no_member(self, world: RunWorld) -> None:
        """Not even with the id of their account."""
        stranger = make_person("Stranger")
        run = world.checked(
            [{"person": str(stranger.public_id), "name": "Stranger"}], mapping=ColumnMapping({"person": "person"})
        )
        assert classes(run) == [("blocked", "member-gone")]


class TestRunConverge:
    """`run_converge`."""

    def test_gives_everybody_one_badge(self, world: RunWorld) -> None:
        run = world.finished(people(3))
        assert run.state == Run.State.FINISHED
        assert outcomes(run) == [("issued", "")] * 3
        assert Award.objects.count() == 3
        assert set(Award.objects.values_list("origin_id", flat=True)) == {row.public_id for row in run_rows(run)}
        assert StatusSlot.objects.filter(state="issued").count() == 3
        assert AuditEntry.objects.filter(action="award.issued").count() == 3
        assert run.undo_until is not None
        assert Message.objects.filter(kind="award-issued", not_before=run.undo_until).count() == 3
        assert findings(deep=True) == []

    def test_gives_no_badge_whose_last_day_passed_since_the_dry_run(self, world: RunWorld) -> None:
        run, late = world.checked([people(1)[0] | {"Expires": "2026-05-16"}]), AT + timedelta(days=5)
        run_start(run_id=run.public_id, actor=world.actor, at=late)
        carry_on(late)
        assert outcomes(run) == [("refused", "expiry-past")]
        assert not Award.objects.exists()

    def test_leaves_what_is_known_of_somebody_of_whom_the_row_says_nothing(self, world: RunWorld) -> None:
        """An address alone, pasted after a list with names and languages."""

        def known() -> list[tuple[str, str]]:
            return list(Recipient.objects.values_list("name", "language"))

        world.finished([people(1)[0] | {"Language": "es"}])
        award_revoke(award_id=Award.objects.get().public_id, reason="In error", actor=world.actor, at=AT)
        world.finished([{"E-mail": people(1)[0]["E-mail"]}])
        assert known() == [("Learner 1 Ñandú", "es")]
        award = Award.objects.select_related("recipient__data_key", "organization").latest("pk")
        subject: Any = document_json(award, document_current(award))["credentialSubject"]
        assert subject["identifier"][0]["identityHash"] == "Learner 1 Ñandú"
        assert Message.objects.latest("pk").language == "es"
        award_revoke(award_id=award.public_id, reason="In error", actor=world.actor, at=AT)
        world.finished([people(1)[0] | {"Name": "Ana", "Language": "en"}])
        assert known() == [("Ana", "en")]

    def test_writes_to_newcomers_in_the_language_of_the_school(self, world: RunWorld) -> None:
        world.school.organization.language = "es"
        world.school.organization.save(update_fields=["language"])
        world.finished(people(1))
        assert Recipient.objects.get().language == Message.objects.get(kind="award-issued").language == "es"

    def test_says_what_the_row_says(self, world: RunWorld) -> None:
        row = people(1)[0] | {"Date": "14/03/2026", "Expires": "2027-01-31", "Note": "Built a bridge."}
        world.finished([row])
        award = Award.objects.select_related("recipient__data_key", "organization").get()
        document = document_json(award, document_current(award))
        assert document["awardedDate"] == "2026-03-14T18:00:00Z"
        assert document["validUntil"] == "2027-02-01T06:59:59Z"
        subject: Any = document["credentialSubject"]
        assert subject["narrative"] == "Built a bridge."
        assert subject["identifier"][0]["identityHash"] == "Learner 1 Ñandú"

    @pytest.mark.usefixtures("small_chunks")
    def test_goes_on_after_a_worker_died_at_any_point(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Before the awards, after them, and before the outcomes are written: nobody gets two."""

        class Died(BaseException):
            pass

        def dying(function: Callable[..., object], *, after: bool) -> Callable[..., object]:
            def killed(*arguments: object, **named: object) -> object:
                if after:
                    function(*arguments, **named)
                raise Died

            return killed

        run = world.started(people(7))
        at = AT
        for module, name, after in (
            (issuing, "awards_issue_chunk", False),
            (issuing, "awards_issue_chunk", True),
            (converge, "_written", False),
        ):
            with monkeypatch.context() as patched:
                patched.setattr(module, name, dying(getattr(module, name), after=after))
                with pytest.raises(Died):
                    run_converge(at)
            at += timedelta(minutes=4)
        carry_on(at)
        assert outcomes(run) == [("issued", "")] * 7
        assert Award.objects.count() == 7
        assert findings() == []

    @pytest.mark.usefixtures("small_chunks")
    def test_lets_a_row_at_fault_hold_up_no_other(self, world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        original = awards_issue_chunk

        def falling_over(*, requests: list[AwardRequest], **more: Any) -> list[ChunkOutcome]:  # noqa: ANN401  - handed on
            if any("learner2@" in request.email for request in requests):
                raise ZeroDivisionError
            return original(requests=requests, **more)

        monkeypatch.setattr(issuing, "awards_issue_chunk", falling_over)
        run, at = world.started(people(4)), AT
        for _ in range(5):
            carry_on(at)
            at += timedelta(minutes=4)
        assert [outcome for outcome, _code in outcomes(run)] == ["issued", "refused", "issued", "issued"]
        assert fresh(run).state == Run.State.FINISHED

    @pytest.mark.parametrize("step", list(steps.Step))
    def test_says_what_became_of_a_row_that_falls_over_at_any_step(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch, step: steps.Step
    ) -> None:
        """A fault after the award is there takes nothing back; before, it leaves nothing half done."""
        reached: list[steps.Moment] = []

        def fail(at: steps.Moment) -> None:
            if at is step:
                reached.append(at)
                raise ZeroDivisionError

        run = world.started(people(1))
        RunChunk.objects.update(tries=converge.TRIES_TOGETHER)
        monkeypatch.setattr(steps, "between", fail)
        carry_on(AT)
        assert reached
        expected = ("issued", "") if step is steps.Step.FINISHED else ("refused", "unexpected")
        assert outcomes(run) == [expected]
        assert not Reservation.objects.filter(state="reserved").exists()
        assert findings() == []

    @pytest.mark.parametrize("error", [OperationalError("disk is full"), InterfaceError(), OSError(28, "full")])
    def test_refuses_no_row_for_what_the_machine_did(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        """Not even in a chunk whose rows go one by one, since it fell over before."""

        def fail(at: steps.Moment) -> None:
            if at is steps.Step.SIGNED:
                raise error

        run = world.started(people(2))
        RunChunk.objects.update(tries=converge.TRIES_TOGETHER)
        with monkeypatch.context() as broken:
            broken.setattr(steps, "between", fail)
            carry_on(AT)
        assert outcomes(run) == [("pending", "")] * 2
        carry_on(LATER)
        assert outcomes(run) == [("issued", "")] * 2
        assert findings() == []

    def test_waits_where_the_issuer_cannot_sign(self, world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        class SignerAway(Unavailable):
            """The signer does not answer."""

            code = "signer-away"

        def away(**_named: object) -> NoReturn:
            raise SignerAway("The signer does not answer.")

        run = world.started(people(2))
        with monkeypatch.context() as patched:
            patched.setattr(issuing, "awards_issue_chunk", away)
            carry_on(AT)
        assert (fresh(run).state, fresh(run).trouble) == (Run.State.RUNNING, "signer-away")
        carry_on(LATER)
        assert (fresh(run).state, fresh(run).trouble) == (Run.State.FINISHED, "")

    def test_refuses_who_got_the_badge_meanwhile(self, world: RunWorld) -> None:
        first, second = world.started(people(2)), world.checked(people(3))
        carry_on(AT)
        run_start(run_id=second.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert outcomes(first) == [("issued", "")] * 2
        assert outcomes(second) == [("refused", "has-it")] * 2 + [("issued", "")]
        assert findings() == []

    def test_gives_up_what_a_dead_worker_had_reserved_for_them(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Reserved, then dead; while it is paused the same people get the badge from another run."""

        def dying(*_arguments: object, **_named: object) -> NoReturn:
            raise KeyboardInterrupt

        first = world.started(people(2))
        with monkeypatch.context() as patched:
            patched.setattr(chunks, "sign_reservations", dying)
            with pytest.raises(KeyboardInterrupt):
                run_converge(AT)
        run_pause(run_id=first.public_id, actor=world.actor, at=AT)
        second = world.started(people(2))
        carry_on(AT)
        assert outcomes(second) == [("pending", "")] * 2, "the dead one might yet be at work"
        carry_on(AT + timedelta(minutes=4))
        run_resume(run_id=first.public_id, actor=world.actor, at=AT)
        carry_on(AT + timedelta(minutes=8))
        assert outcomes(second) == [("issued", "")] * 2
        assert outcomes(first) == [("refused", "has-it")] * 2
        assert sorted(Reservation.objects.values_list("state", flat=True)) == ["abandoned"] * 2 + ["finished"] * 2
        assert findings() == []

    @pytest.mark.usefixtures("no_sample")
    def test_needs_few_queries_for_many_rows(self, world: RunWorld) -> None:
        world.finished(people(1, first=9000))
        counted = []
        for number, first in ((5, 1), (100, 1000)):
            world.started(people(number, first=first))
            with CaptureQueriesContext(connection) as queries:
                run_converge(AT)
            counted.append(len(queries))
        assert counted[1] <= counted[0] + 2
        assert counted[0] <= 95

    @pytest.mark.usefixtures("small_chunks")
    def test_measures_how_far_it_is(self, world: RunWorld) -> None:
        run = world.started(people(9))
        run_converge(AT)
        progress = run_progress(fresh(run))
        assert (progress.issued, progress.pending) == (3, 6)
        assert not progress.is_over
        RunChunk.objects.filter(done_at__isnull=False).update(leased_at=AT, done_at=AT + timedelta(seconds=2))
        progress = run_progress(fresh(run))
        assert progress.rate == 1.5
        assert progress.seconds_left == 4


class TestControl:
    """Pause, resume, cancel, undo."""

    @pytest.mark.usefixtures("small_chunks")
    def test_pauses_and_goes_on(self, world: RunWorld) -> None:
        run = world.started(people(9))
        run_converge(AT)
        run_pause(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert Award.objects.count() == 3
        run_resume(run_id=run.public_id, actor=world.actor, at=LATER)
        carry_on(LATER)
        assert outcomes(run) == [("issued", "")] * 9

    @pytest.mark.usefixtures("small_chunks")
    def test_cancels_what_is_left(self, world: RunWorld) -> None:
        run = world.started(people(9))
        run_converge(AT)
        run_cancel(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert outcomes(run) == [("issued", "")] * 3 + [("cancelled", "")] * 6
        assert Award.objects.filter(state="issued").count() == 3
        assert findings() == []

    def test_cancels_a_run_that_was_not_started(self, world: RunWorld) -> None:
        run = world.checked(people(2))
        run_cancel(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert outcomes(run) == [("cancelled", "")] * 2
        assert findings() == []

    def test_gives_up_what_a_dead_worker_had_reserved(
        self, world: RunWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Died(BaseException):
            pass

        def dying(*_arguments: object, **_named: object) -> NoReturn:
            raise Died

        run = world.started(people(2))
        with monkeypatch.context() as patched:
            patched.setattr(chunks, "sign_reservations", dying)
            with pytest.raises(Died):
                run_converge(AT)
        assert Reservation.objects.filter(state="reserved").count() == 2
        run_cancel(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT + timedelta(minutes=4))
        assert outcomes(run) == [("cancelled", "")] * 2
        assert set(Reservation.objects.values_list("state", flat=True)) == {"abandoned"}
        assert StatusSlot.objects.filter(state="burned").count() == 2
        assert not Award.objects.exists()
        assert findings() == []

    def test_undoes_before_anything_was_mailed(self, world: RunWorld) -> None:
        run = world.finished(people(3))
        messages_send(AT + timedelta(minutes=5))
        run_undo(run_id=run.public_id, actor=world.actor, at=AT + timedelta(minutes=9))
        carry_on(AT + timedelta(minutes=9))
        messages_send(AT + timedelta(days=2))
        assert outcomes(run) == [("cancelled", "undone")] * 3
        assert set(Award.objects.values_list("state", flat=True)) == {"revoked"}
        assert not Message.objects.filter(sent_at__isnull=False).exists()
        assert AuditEntry.objects.filter(action="award.revoked").count() == 3
        assert findings() == []
        assert classes(world.checked(people(3))) == [("new", "")] * 3

    @pytest.mark.usefixtures("small_chunks")
    def test_undoes_a_run_in_the_middle(self, world: RunWorld) -> None:
        run = world.started(people(9))
        run_converge(AT)
        run_undo(run_id=run.public_id, actor=world.actor, at=AT)
        carry_on(AT)
        assert {outcome for outcome, _code in outcomes(run)} == {"cancelled"}
        assert Award.objects.filter(state="revoked").count() == Award.objects.count() == 3
        assert findings() == []

    def test_undoes_nothing_once_mails_have_gone_out(self, world: RunWorld) -> None:
        run = world.finished(people(1))
        with pytest.raises(UndoOver):
            run_undo(run_id=run.public_id, actor=world.actor, at=AT + timedelta(minutes=10))

    @pytest.mark.parametrize(
        ("service", "states"),
        [
            (run_start, {"checked"}),
            (run_pause, {"running"}),
            (run_resume, {"paused"}),
            (run_undo, {"running", "paused", "finished", "cancelled"}),
        ],
    )
    def test_is_refused_at_another_point(
        self, world: RunWorld, service: Callable[..., Run], states: set[str]
    ) -> None:
        run = world.started(people(1))
        for state in Run.State.values:
            if state not in states:
                Run.objects.filter(pk=run.pk).update(state=state)
                with pytest.raises(RunStateWrong):
                    service(run_id=run.public_id, actor=world.actor, at=AT)

    @pytest.mark.parametrize(
        "service",
        [run_check, run_start, run_pause, run_resume, run_cancel, run_undo],
        ids=lambda one: one.__name__,
    )
    def test_is_for_registrars_of_the_school_alone(self, world: RunWorld, service: Callable[..., Run]) -> None:
        run = world.checked(people(1))
        elsewhere = make_member(make_organization(), "registrar")
        colleague = make_member(world.school.organization, "author", "assessor")
        for person in (elsewhere, colleague):
            with pytest.raises((NotFound, NotAllowed)):
                service(run_id=run.public_id, actor=Actor.person(person), at=AT)
        assert fresh(run).state == Run.State.CHECKED


class TestClaiming:
    """What comes after a run."""

    def test_lets_a_recipient_keep_the_badge(self, world: RunWorld) -> None:
        world.finished(people(1))
        award = Award.objects.get()
        token = claim_path(str(award.public_id)).removeprefix("/claim/")
        person = make_person("Ana")
        award_claim(token=token, actor=Actor.person(person), at=LATER)
        assert Award.objects.get().learner == person
        assert classes(world.checked(people(1))) == [("duplicate", "has-it")]
