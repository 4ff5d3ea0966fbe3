"""What a stolen, old or foreign token, a browser or a flood can do here: nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from ninja.operation import PathView

from insignia.api.tokens import GUESSES_A_MINUTE
from insignia.api.urls import api
from insignia.awards.models import Award
from insignia.foundation.errors import InsigniaError
from insignia.organizations.api_tokens import api_token_revoke
from insignia.organizations.models import ApiToken, Scope
from insignia.organizations.selectors import membership_of
from insignia.organizations.services import membership_end
from insignia.runs.models import Run
from tests.architecture.test_errors import below, load_every_errors_module
from tests.platform.api.programs import Program, body_of, make_award, make_program
from tests.platform.factories import join, make_member

pytestmark = pytest.mark.django_db

REASON = {"reason": "A question"}
ONE_AWARD, ONE_BATCH = "/awards/{award_id}", "/award-batches/{batch_id}"
ORDER = {"rows": [{"email": "a@b.example"}]}
NEEDS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    # operation -> scope, path, body
    "badges": ("badges:read", "/badges", None),
    "awards": ("awards:read", "/awards", None),
    "award": ("awards:read", ONE_AWARD, None),
    "award_revoke": ("awards:write", f"{ONE_AWARD}/revoke", REASON),
    "award_suspend": ("awards:write", f"{ONE_AWARD}/suspend", REASON),
    "award_reinstate": ("awards:write", f"{ONE_AWARD}/reinstate", REASON),
    "batch_create": ("awards:write", "/award-batches?badge={version_id}", ORDER),
    "batch": ("awards:read", ONE_BATCH, None),
    "batch_rows": ("awards:read", f"{ONE_BATCH}/rows", None),
    "batch_csv": ("awards:read", f"{ONE_BATCH}/rows.csv", None),
    "batch_ndjson": ("awards:read", f"{ONE_BATCH}/rows.ndjson", None),
    "batch_start": ("awards:write", f"{ONE_BATCH}/start", {}),
    "batch_pause": ("awards:write", f"{ONE_BATCH}/pause", {}),
    "batch_resume": ("awards:write", f"{ONE_BATCH}/resume", {}),
    "batch_cancel": ("awards:write", f"{ONE_BATCH}/cancel", {}),
    "batch_undo": ("awards:write", f"{ONE_BATCH}/undo", {}),
}


@pytest.fixture
def program() -> Program:
    return make_program()


@pytest.fixture
def ids(program: Program) -> dict[str, Any]:
    version = program.world.version.public_id
    batch = program.post(f"/award-batches?badge={version}", ORDER, idempotency_key="ids")
    award = make_award(program.world)
    return {
        "award_id": str(award.public_id),
        "batch_id": body_of(batch)["id"],
        "version_id": str(version),
    }


def asked(program: Program, name: str, ids: dict[str, Any]) -> Any:  # noqa: ANN401  - the test client's answer
    _scope, path, body = NEEDS[name]
    address = path.format(**ids)
    if body is None:
        return program.get(address)
    return program.post(address, body, idempotency_key=name)


def state_of(program: Program) -> list[Any]:
    return [
        *Award.objects.order_by("pk").values("state", "visibility"),
        *Run.objects.order_by("pk").values("state", "key", "organization_id"),
    ]


def operations() -> Iterator[str]:
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            assert isinstance(view, PathView)
            yield from (str(operation.url_name) for operation in view.operations)


class TestEveryOperation:
    def test_is_in_this_table(self) -> None:
        assert sorted(operations()) == sorted(NEEDS)

    def test_is_closed_to_a_token_that_does_not_work(self, program: Program, ids: dict[str, Any]) -> None:
        before = state_of(program)
        make_member(program.organization, "owner")
        for spoil in (_unknown, _revoked, _over, _left):
            other = make_program(program.world)
            spoil(other)
            for name in NEEDS:
                answer = asked(other, name, ids)
                assert (answer.status_code, body_of(answer)["code"]) == (401, "api-token-unusable"), name
                assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Insignia"'
            cache.clear()
        assert state_of(program) == before

    def test_is_closed_to_a_token_made_for_other_things(self, program: Program, ids: dict[str, Any]) -> None:
        before = state_of(program)
        for name, (scope, _path, _body) in NEEDS.items():
            others = [one for one in Scope.values if one != scope]
            ApiToken.objects.filter(pk=program.token.pk).update(scopes=others)
            answer = asked(program, name, ids)
            assert (answer.status_code, body_of(answer)["code"]) == (403, "scope-missing"), name
            assert scope in body_of(answer)["detail"]
        assert state_of(program) == before

    def test_sees_nothing_of_another_organization(self, program: Program, ids: dict[str, Any]) -> None:
        """Not even of one that its maker owns as well: a token is of one organization."""
        stranger = make_program()
        join(program.organization, stranger.owner, "owner")
        before = state_of(program)
        for name, (_scope, path, _body) in NEEDS.items():
            answer = asked(stranger, name, ids)
            if "{" in path:
                assert answer.status_code == 404, name
            else:
                assert answer.status_code == 200, name
            assert all(str(one) not in answer.content.decode() for one in ids.values()), name
        assert state_of(program) == before

    def test_takes_nothing_from_a_browser_s_session(self, program: Program, ids: dict[str, Any]) -> None:
        """A page of somebody else that makes the owner's browser post here: no token, nothing happens."""
        browser = Client()
        browser.force_login(program.owner)
        for _scope, path, body in NEEDS.values():
            address = f"/api/v1{path.format(**ids)}"
            answer = browser.post(address, body, "application/json") if body is not None else browser.get(address)
            assert (answer.status_code, body_of(answer)["code"]) == (401, "token-missing")
            assert not answer.cookies

    def test_lets_no_other_origin_read_it(self, program: Program, ids: dict[str, Any]) -> None:
        answer = program.get("/awards", origin="https://elsewhere.example")
        assert answer.status_code == 200
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
        preflight = program.client.options("/api/v1/awards", headers={"origin": "https://elsewhere.example"})
        assert preflight.status_code == 405
        assert answer.headers["Cache-Control"] == "no-store"


def _unknown(program: Program) -> None:
    ApiToken.objects.filter(pk=program.token.pk).update(token_hash="0" * 64)


def _revoked(program: Program) -> None:
    at = datetime.now(UTC)
    api_token_revoke(
        organization=program.organization, token_id=program.token.public_id, person=program.owner, at=at
    )


def _over(program: Program) -> None:
    token = ApiToken.objects.get(pk=program.token.pk)
    ApiToken.objects.filter(pk=token.pk).update(
        created_at=token.created_at.replace(year=2020), expires_at=token.created_at
    )


def _left(program: Program) -> None:
    membership = membership_of(person=program.owner, organization=program.organization)
    assert membership is not None
    membership_end(membership_id=membership.public_id, person=program.owner, at=datetime.now(UTC))


class TestFloods:
    def test_of_one_token_are_told_when_to_come_back(self, program: Program, settings: LazySettings) -> None:
        settings.INSIGNIA_API_PER_MINUTE = 3
        answers = [program.get("/badges") for _number in range(8)]  # eight, lest a new minute begins among them
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert body_of(refused[0])["code"] == "too-many-requests"
        assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
        assert make_program(program.world).get("/badges").status_code == 200, "another token has its own count"

    def test_of_guesses_end(self) -> None:
        client = Client()
        answers = [
            client.get("/api/v1/badges", headers={"authorization": f"Bearer insignia_{number}"})
            for number in range(2 * GUESSES_A_MINUTE + 2)
        ]
        assert {answer.status_code for answer in answers} == {401, 429}


class TestBodies:
    @pytest.mark.parametrize(
        ("raw", "kind", "status", "code"),
        [
            (b'{"reason": "a", "reason": "b"}', "application/json", 400, "body-unreadable"),
            (b"[" * 100, "application/json", 400, "body-unreadable"),
            (b'{"reason": NaN}', "application/json", 400, "body-unreadable"),
            (b'{"reason": "\\ud800"}', "application/json", 400, "body-unreadable"),
            (b'{"reason": "a\\u0000"}', "application/json", 400, "body-unreadable"),
            (b'{"reason": "\xff"}', "application/json", 400, "body-unreadable"),
            (b"reason=a", "application/x-www-form-urlencoded", 415, "media-type-unsupported"),
            (b'{"reason": "a"}', "text/plain", 415, "media-type-unsupported"),
            (b'"' + b"a" * (2**20 + 1) + b'"', "application/json", 413, "request-too-large"),
            (b'"' + b"a" * (3 * 2**20) + b'"', "application/json", 413, "request-too-large"),
            (b"", "application/json", 422, "request-invalid"),
            (b"[]", "application/json", 422, "request-invalid"),
        ],
    )
    def test_that_mislead_are_refused_by_name(
        self, program: Program, ids: dict[str, Any], raw: bytes, kind: str, status: int, code: str
    ) -> None:
        answer = program.post(f"/awards/{ids['award_id']}/revoke", raw, content_type=kind)
        assert (answer.status_code, body_of(answer)["code"]) == (status, code)
        assert {row["state"] for row in state_of(program)} == {"issued", "checking"}


class TestProblems:
    def test_answer_what_is_not_there_and_what_is_not_taken(self, program: Program) -> None:
        for answer, status, code in (
            (program.get("/nothing"), 404, "not-found"),
            (program.get("/awards/12"), 404, "not-found"),
            (program.post("/awards", {}), 405, "method-not-allowed"),
            (program.client.get("/api/"), 404, "not-found"),
            (program.client.get("/api/v1/awards", headers={"accept": "text/html"}), 401, "token-missing"),
            (program.client.get("/api/v1/awards", headers={"host": "evil.example"}), 400, "bad-request"),
        ):
            body = body_of(answer)
            assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert body["title"]
        assert "GET" in program.post("/awards", {}).headers["Allow"]

    def test_hide_a_mistake_of_ours_and_log_it(
        self, program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(**_arguments: object) -> None:
            raise RuntimeError("secret words")

        monkeypatch.setattr("insignia.api.v1.awards.register_of", broken)
        answer = program.get("/awards")
        assert (answer.status_code, body_of(answer)["code"]) == (500, "internal-server-error")
        assert "secret words" not in answer.content.decode()  # type: ignore[attr-defined]  # a plain answer
        assert "the API broke at GET /api/v1/awards" in caplog.text

    def test_name_a_page_that_explains_every_code(self, program: Program) -> None:
        kind = body_of(program.get("/nothing"))["type"]
        assert kind == "https://badges.example.org/problems#not-found"
        page = Client().get("/problems").content.decode()
        anchors = set(re.findall(r'<dt id="([a-z0-9-]+)"', page))
        load_every_errors_module()
        ours = [error for error in below(InsigniaError) if error.__module__.startswith("insignia.")]
        drawn = {error.code for error in ours if issubclass(error, InsigniaError)}
        plain = {"not-found", "method-not-allowed", "internal-server-error", "bad-request", "request-invalid"}
        assert drawn | plain <= anchors
