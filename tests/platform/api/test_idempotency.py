"""One key, one request, one answer: also when the same request arrives twice at the same instant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.db import connection
from django.http.response import HttpResponseBase

from insignia.api.checks import CHECKS
from insignia.api.models import IdempotencyKey
from insignia.awards.models import AwardChange
from insignia.foundation.ids import new_id
from tests.platform.api.programs import Program, body_of, make_award, make_program
from tests.platform.assessment.test_at_once import Together

TIMES = 6


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_same_request_happens_once_and_everybody_gets_its_answer(
        self, together: Together, settings: LazySettings
    ) -> None:
        settings.INSIGNIA_WAKE = "worker"  # wakes must not run jobs inside the threads
        program = make_program()
        award = make_award(program.world)

        def send() -> HttpResponseBase:
            own = Program(program.world, program.owner, program.token)
            path = f"/awards/{award.public_id}/suspend"
            return own.post(path, {"reason": "A question"}, idempotency_key="k")

        def count() -> tuple[int, int]:
            return AwardChange.objects.filter(award=award).count(), IdempotencyKey.objects.count()

        answers = together([send] * TIMES)
        told = [(answer.status_code, body_of(answer)["state"]) for answer in answers]
        assert told == [(200, "suspended")] * TIMES
        assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
        assert together([count]) == [(1, 1)]


@pytest.mark.django_db
class TestDoctor:
    def test_names_a_key_without_an_answer_of_its_own(self) -> None:
        program = make_program()
        award = make_award(program.world)
        program.post(f"/awards/{award.public_id}/suspend", {"reason": "A question"}, idempotency_key="k")
        [check] = CHECKS
        assert list(check.run(False)) == []  # noqa: FBT003  - the shape of every check
        IdempotencyKey.objects.create(
            organization_id=program.organization.public_id,
            key="half",
            request_hash="0" * 64,
            status=0,
            answer={},
            at=datetime.now(UTC),
        )
        [finding] = check.run(False)  # noqa: FBT003  - as above
        assert finding.invariant == "I17"

    def test_names_a_key_that_stands_twice(self) -> None:
        """Negative control: in a table without constraints, doctor finds what they keep out."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare AS SELECT * FROM api_idempotencykey")
            cursor.execute("DROP TABLE api_idempotencykey")
            cursor.execute("ALTER TABLE bare RENAME TO api_idempotencykey")
        for number in (1, 2):
            IdempotencyKey.objects.create(
                id=number,
                organization_id=new_id(),
                key="twice",
                request_hash="0" * 64,
                status=200,
                answer={},
                at=datetime.now(UTC),
            )
        [check] = CHECKS
        assert list(check.run(False)) == [], "one key in two organizations is two keys"  # noqa: FBT003  - as above
        IdempotencyKey.objects.update(organization_id=new_id())
        assert [finding.invariant for finding in check.run(False)] == ["I17"]  # noqa: FBT003  - as above
