"""Award batches: rows come in, are looked at, and are signed once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.http.response import HttpResponseBase

from insignia.api.models import IdempotencyKey
from insignia.awards.models import Award
from insignia.organizations.models import Role
from insignia.outbox.models import Message
from insignia.runs.models import Run, RunRow
from tests.platform.again import again
from tests.platform.api.programs import Program, body_of, make_awarding_world, make_program
from tests.platform.assessment.test_at_once import Together
from tests.platform.factories import join
from tests.platform.runs.world import carry_on

ITZEL = {"email": "itzel@example.org", "name": "Itzel Marroquín", "language": "es"}
NOOR = {"email": "noor@example.org", "name": "Noor Haddad", "row_key": "N-7"}
NDJSON = "application/x-ndjson"


@pytest.fixture
def program() -> Program:
    return again("program of batches", lambda: make_program(make_awarding_world()))


def sent(
    program: Program, *rows: dict[str, Any], key: str = "k", query: str = "", badge: object = None
) -> HttpResponseBase:
    wanted = badge or program.world.version.public_id
    return program.post(f"/award-batches?badge={wanted}{query}", {"rows": list(rows)}, idempotency_key=key)


def streamed(program: Program, body: bytes, query: str = "") -> HttpResponseBase:
    path = f"/award-batches?badge={program.world.version.public_id}{query}"
    return program.post(path, body, content_type=NDJSON, idempotency_key="k")


def lines(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def worked() -> None:
    """Do what a worker does: a test's transaction never commits, so nothing wakes it."""
    carry_on(datetime.now(UTC))


def made(program: Program, *rows: dict[str, Any], key: str = "k") -> str:
    answer = sent(program, *rows, key=key)
    assert answer.status_code == 202, body_of(answer)
    worked()
    return str(body_of(answer)["id"])


@pytest.mark.django_db
class TestTaking:
    def test_looks_at_the_rows_and_gives_nothing_to_anybody(self, program: Program) -> None:
        answer = sent(program, ITZEL, NOOR, query="&name=May")
        told = body_of(answer)
        assert answer.status_code == 202
        assert answer.headers["Location"] == f"/api/v1/award-batches/{told['id']}"
        assert told["rows"] == 2
        worked()
        batch = body_of(program.get(f"/award-batches/{told['id']}"))
        assert (batch["state"], batch["name"], batch["classes"]["new"], batch["due"]) == ("checked", "May", 2, 2)
        assert not Award.objects.exists()

    def test_tells_of_each_row_what_is_wrong_with_it(self, program: Program) -> None:
        batch = made(program, ITZEL, {"email": "ana@@school"}, {"name": "Nobody"}, ITZEL)
        rows = body_of(program.get(f"/award-batches/{batch}/rows"))["items"]
        assert [(row["number"], row["class"]) for row in rows] == [
            (1, "new"),
            (2, "invalid"),
            (3, "invalid"),
            (4, "duplicate"),
        ]
        assert all(row["code"] for row in rows[1:])
        assert rows[0]["values"] == ITZEL
        invalid = body_of(program.get(f"/award-batches/{batch}/rows?class=invalid"))["items"]
        assert [row["number"] for row in invalid] == [2, 3]

    def test_takes_lines_of_json_as_it_takes_rows(self, program: Program) -> None:
        answer = streamed(program, lines(ITZEL, NOOR), "&name=June")
        assert answer.status_code == 202, body_of(answer)
        worked()
        rows = body_of(program.get(f"/award-batches/{body_of(answer)['id']}/rows"))["items"]
        assert [(row["class"], row["row_key"]) for row in rows] == [("new", ""), ("new", "N-7")]

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"\n", "table-empty"),
            (lines(ITZEL) + b"{", "line-unreadable"),
            (lines(ITZEL) + b"[1]\n", "line-unreadable"),
            (lines(ITZEL, {"email": "a@b.example", "mail": "x"}), "row-unknown"),
            (lines(ITZEL) + b'{"email": "' + b"x" * 70_000 + b'"}\n', "line-too-long"),
            (lines(NOOR, NOOR), "row-key-twice"),
        ],
    )
    def test_keeps_nothing_of_a_stream_with_a_line_that_cannot_be_read(
        self, program: Program, body: bytes, code: str
    ) -> None:
        answer = streamed(program, body)
        assert (answer.status_code, body_of(answer)["code"]) == (422, code)
        assert not Run.objects.exists()
        assert not RunRow.objects.exists()
        assert not IdempotencyKey.objects.exists()

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"rows": []}, 422, "request-invalid"),
            ({}, 422, "request-invalid"),
            ([ITZEL], 422, "request-invalid"),
            ({"rows": [{"mail": "a@b.example"}]}, 422, "request-invalid"),
            ({"rows": [{}] * 1001}, 413, "batch-too-large"),
            ({"rows": [ITZEL], "start": True}, 422, "request-invalid"),
        ],
    )
    def test_names_what_is_wrong_with_the_whole(
        self, program: Program, body: object, status: int, code: str
    ) -> None:
        path = f"/award-batches?badge={program.world.version.public_id}"
        answer = program.post(path, body, idempotency_key="k")
        assert (answer.status_code, body_of(answer)["code"]) == (status, code)
        assert not Run.objects.exists()

    def test_points_to_the_member_that_is_wrong(self, program: Program) -> None:
        answer = sent(program, ITZEL, {"passed": "perhaps"})
        assert [part["pointer"] for part in body_of(answer)["errors"]] == ["#/rows/1/passed"]

    def test_needs_a_badge_a_key_and_a_kind_it_knows(self, program: Program) -> None:
        path = f"/award-batches?badge={program.world.version.public_id}"
        for answer, status, code in (
            (program.post(path, {"rows": [ITZEL]}), 400, "idempotency-key-unusable"),
            (
                program.post(path, b"email", content_type="text/csv", idempotency_key="k"),
                415,
                "media-type-unsupported",
            ),
            (program.post("/award-batches", {"rows": [ITZEL]}, idempotency_key="k"), 422, "request-invalid"),
            (sent(program, ITZEL, badge="science"), 422, "request-invalid"),
            (sent(program, ITZEL, query="&start=1"), 422, "request-invalid"),
            (sent(program, ITZEL, badge=uuid4()), 404, "achievement-not-found"),
        ):
            assert (answer.status_code, body_of(answer)["code"]) == (status, code)
        assert not Run.objects.exists()

    def test_gives_no_badge_of_another_organization(self, program: Program) -> None:
        answer = sent(program, ITZEL, badge=make_program().world.version.public_id)
        assert (answer.status_code, body_of(answer)["code"]) == (404, "achievement-not-found")

    def test_takes_results_of_exams(self, program: Program) -> None:
        passed = {
            "email": "a@b.example",
            "exam": "Mathematics II",
            "score": "71",
            "passed": True,
            "proctored": True,
        }
        answer = sent(program, passed, passed | {"email": "b@b.example", "passed": False}, query="&kind=exams")
        worked()
        rows = body_of(program.get(f"/award-batches/{body_of(answer)['id']}/rows"))["items"]
        assert [row["class"] for row in rows] == ["new", "blocked"]


@pytest.mark.django_db
class TestKeys:
    def test_make_the_same_rows_the_same_batch(self, program: Program) -> None:
        answers = [sent(program, ITZEL) for _time in range(3)]
        assert {(answer.status_code, body_of(answer)["id"], answer.headers["Location"]) for answer in answers} == {
            (202, body_of(answers[0])["id"], answers[0].headers["Location"])
        }
        assert Run.objects.count() == 1

    def test_refuse_other_rows(self, program: Program) -> None:
        made(program, ITZEL)
        answer = sent(program, NOOR)
        assert (answer.status_code, body_of(answer)["code"]) == (422, "idempotency-key-reused")
        assert Run.objects.count() == 1


@pytest.mark.django_db
class TestSteering:
    def test_signs_each_row_once_and_mails_nothing_while_it_can_be_undone(self, program: Program) -> None:
        batch = made(program, ITZEL, NOOR, {"email": "ana@@school"})
        for _time in range(2):
            program.post(f"/award-batches/{batch}/start", idempotency_key="start")
        worked()
        told = body_of(program.get(f"/award-batches/{batch}"))
        assert (told["state"], told["issued"], told["refused"], told["pending"]) == ("finished", 2, 1, 0)
        assert told["mails_from"] is not None
        assert Award.objects.filter(state=Award.State.ISSUED).count() == 2
        assert not Message.objects.filter(sent_at__isnull=False).exists()
        rows = body_of(program.get(f"/award-batches/{batch}/rows?outcome=issued"))["items"]
        for row in rows:
            assert body_of(program.get(f"/awards/{row['award']}"))["state"] == "valid"

    def test_names_the_batch_of_the_same_badge_that_is_first(self, program: Program) -> None:
        first, second = made(program, ITZEL), made(program, NOOR, key="another")
        for batch in (first, second):
            program.post(f"/award-batches/{batch}/start")
        assert body_of(program.get(f"/award-batches/{first}"))["waits_for"] is None
        assert body_of(program.get(f"/award-batches/{second}"))["waits_for"] == first
        worked()
        assert body_of(program.get(f"/award-batches/{second}"))["waits_for"] is None

    def test_takes_everything_back(self, program: Program) -> None:
        batch = made(program, ITZEL, NOOR)
        program.post(f"/award-batches/{batch}/start")
        worked()
        assert Award.objects.filter(state=Award.State.ISSUED).count() == 2
        assert body_of(program.post(f"/award-batches/{batch}/undo"))["state"] == "cancelled"
        worked()
        assert not Award.objects.filter(state=Award.State.ISSUED).exists()

    def test_cancels_what_was_never_started(self, program: Program) -> None:
        batch = made(program, ITZEL)
        assert body_of(program.post(f"/award-batches/{batch}/cancel"))["state"] == "cancelled"
        answer = program.post(f"/award-batches/{batch}/start")
        assert (answer.status_code, body_of(answer)["code"]) == (409, "run-state-wrong")

    def test_pauses_and_goes_on(self, program: Program) -> None:
        batch = made(program, ITZEL)
        program.post(f"/award-batches/{batch}/start")
        assert body_of(program.post(f"/award-batches/{batch}/pause"))["state"] == "paused"
        assert body_of(program.post(f"/award-batches/{batch}/resume"))["state"] == "running"

    def test_moves_nothing_of_another_organization_of_the_same_owner(self, program: Program) -> None:
        batch, theirs = made(program, ITZEL), make_program()
        join(theirs.organization, program.owner, Role.OWNER)
        foreign = Program(theirs.world, theirs.owner, theirs.token)
        join(program.organization, theirs.owner, Role.OWNER)
        for path in ("start", "cancel", "undo", "pause", "resume"):
            answer = foreign.post(f"/award-batches/{batch}/{path}")
            assert (answer.status_code, body_of(answer)["code"]) == (404, "run-not-found")
        assert foreign.get(f"/award-batches/{batch}").status_code == 404
        assert Run.objects.get().state == "checked"


@pytest.mark.django_db
class TestFiles:
    def test_page_by_number(self, program: Program) -> None:
        batch = made(program, *({"email": f"p{number}@example.org"} for number in range(5)))
        seen, following = [], f"/award-batches/{batch}/rows?limit=2"
        while following:
            page = body_of(program.get(following))
            seen += [row["number"] for row in page["items"]]
            following = (page["next"] or "").removeprefix("/api/v1")
        assert seen == [1, 2, 3, 4, 5]

    def test_give_every_row_as_lines_of_json(self, program: Program) -> None:
        batch = made(program, ITZEL, NOOR)
        told = [
            json.loads(line)
            for line in text_of(program.get(f"/award-batches/{batch}/rows.ndjson")).split("\n")[:-1]
        ]
        assert told == body_of(program.get(f"/award-batches/{batch}/rows"))["items"]

    def test_give_every_row_as_a_table_in_which_nothing_runs(self, program: Program) -> None:
        batch = made(
            program, {"email": "a@b.example", "name": "=HYPERLINK(1)"}, {"email": "b@b.example", "name": 'a,"b'}
        )
        answer = program.get(f"/award-batches/{batch}/rows.csv")
        assert answer.headers["Content-Type"] == "text/csv"
        first, second = csv.DictReader(io.StringIO(text_of(answer)))
        assert first["name"] == "'=HYPERLINK(1)"
        assert (second["name"], second["row"], second["row_class"]) == ('a,"b', "2", "new")


def text_of(answer: HttpResponseBase) -> str:
    pieces: Iterator[bytes] = iter(answer.streaming_content)  # type: ignore[attr-defined]  # a streaming answer
    return b"".join(pieces).decode()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_same_batch_posted_at_the_same_instant_is_one(
        self, together: Together, settings: LazySettings
    ) -> None:
        settings.INSIGNIA_WAKE = "worker"  # wakes must not run jobs inside the threads
        program = make_program(make_awarding_world())

        def send() -> HttpResponseBase:
            return sent(Program(program.world, program.owner, program.token), ITZEL, NOOR)

        answers = together([send] * 6)
        assert {(answer.status_code, body_of(answer)["id"]) for answer in answers} == {
            (202, body_of(answers[0])["id"])
        }
        assert together([lambda: (Run.objects.count(), RunRow.objects.count())]) == [(1, 2)]
