"""The description of the API: committed, true, and what it promises is what is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import LazySettings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from schemathesis import GenerationMode

from insignia.api import openapi
from insignia.api.urls import InsigniaApi
from insignia.config.wsgi import application
from tests.examples import examples
from tests.platform.api.programs import Program, make_award, make_program

bounds = examples(6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
REFUSED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
"""What may be answered to what does not fit; 413 is that of too many rows."""
COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
OPERATIONS = [
    (method, path)
    for path, operations in json.loads(COMMITTED.read_text(encoding="utf-8"))["paths"].items()
    for method in operations
]

pytestmark = pytest.mark.django_db


class TestDescription:
    def test_is_the_committed_file(self) -> None:
        assert COMMITTED.read_text(encoding="utf-8") == openapi.text(), "make openapi, and look at what changed"

    def test_is_written_once(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        """It takes half a second, and anybody may ask."""
        first = client.get("/api/v1/openapi.json").json()
        monkeypatch.setattr(InsigniaApi, "get_openapi_schema", lambda *_, **__: pytest.fail("written again"))
        assert client.get("/api/v1/openapi.json").json() == first

    def test_declares_problems_by_their_own_media_type(self) -> None:
        for path, operations in openapi.document()["paths"].items():
            for operation in operations.values():
                kinds = {status: set(one["content"]) for status, one in operation["responses"].items()}
                assert all(
                    kind == {"application/problem+json"} for status, kind in kinds.items() if int(status) >= 400
                ), path
                assert operation["security"] == [{"Bearer": []}]


@pytest.fixture
def program(settings: LazySettings) -> Program:
    """Make a program that may ask as often as it likes, at a school with two awards."""
    settings.INSIGNIA_API_PER_MINUTE = 10**9
    made = make_program()
    make_award(made.world)
    return made


@pytest.fixture(autouse=True)
def _kept_connection() -> Iterator[None]:
    """Keep the test's connection open from request to request, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.hypothesis
@pytest.mark.parametrize("mode", GenerationMode)
def test_is_kept_by_every_operation(program: Program, subtests: pytest.Subtests, mode: GenerationMode) -> None:
    """Whatever is sent, fitting or not: an answer that the description declares, and never a mistake of ours."""
    rules = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
    config = schemathesis.Config.from_dict(rules)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=config)
    for method, path in OPERATIONS:
        strategy = schema[path][method].as_strategy(generation_mode=mode)

        @bounds
        @given(case=strategy)
        def kept(case: schemathesis.Case[Any]) -> None:
            cache.clear()  # of wrong tokens only so many are looked at: it tries one each time
            is_without_token = mode is GenerationMode.NEGATIVE and "Authorization" not in case.headers
            case.call_and_validate(headers={} if is_without_token else authorized(program))

        with subtests.test(method=method, path=path):
            kept()


def authorized(program: Program) -> dict[str, str]:
    return {"Authorization": f"Bearer {program.secret}"}
