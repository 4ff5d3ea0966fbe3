"""Awards and badges through the API."""

from __future__ import annotations

from uuid import uuid4

import jsonschema_rs
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insignia.api import openapi
from insignia.audit.models import AuditEntry
from insignia.awards.models import Award, AwardChange
from tests.platform.api.programs import Program, body_of, make_award, make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return make_program()


class TestBadges:
    def test_tell_the_ids_that_awards_are_given_by(self, program: Program) -> None:
        [badge] = body_of(program.get("/badges"))["items"]
        version = program.world.version
        assert badge["id"] == str(version.public_id)
        assert badge["badge_id"] == str(version.achievement.public_id)
        assert badge["name"] == {"en": "Scientific Communication", "es": "Scientific Communication (es)"}
        assert badge["url"] == f"https://badges.example.org/achievements/{version.achievement.public_id}/v1"

    def test_are_only_those_of_the_token_s_organization(self, program: Program) -> None:
        other = make_program()
        ids = [{badge["id"] for badge in body_of(one.get("/badges"))["items"]} for one in (program, other)]
        assert ids[0] != ids[1]
        assert len(ids[0]) == len(ids[1]) == 1


class TestAwards:
    def test_are_paged_by_a_cursor_that_nothing_shifts(self, program: Program) -> None:
        made = [make_award(program.world) for _number in range(5)]
        newest_first = [str(award.public_id) for award in reversed(made)]
        first = body_of(program.get("/awards?limit=2"))
        newer = make_award(program.world)
        seen, following = [item["id"] for item in first["items"]], first["next"]
        while following:
            page = body_of(program.client.get(following, headers={"authorization": f"Bearer {program.secret}"}))
            seen += [item["id"] for item in page["items"]]
            following = page["next"]
        assert seen == newest_first
        assert str(newer.public_id) not in seen

    def test_are_found_by_state_and_by_name(self, program: Program) -> None:
        kept, revoked = make_award(program.world), make_award(program.world)
        program.post(f"/awards/{revoked.public_id}/revoke", {"reason": "Issued in error"})
        assert [one["id"] for one in body_of(program.get("/awards?state=valid"))["items"]] == [str(kept.public_id)]
        assert [one["id"] for one in body_of(program.get("/awards?state=revoked"))["items"]] == [
            str(revoked.public_id)
        ]
        assert len(body_of(program.get("/awards?query=Itzel"))["items"]) == 2
        assert body_of(program.get("/awards?query=Nobody"))["items"] == []

    def test_tell_who_what_and_until_when(self, program: Program) -> None:
        award = make_award(program.world)
        told = body_of(program.get(f"/awards/{award.public_id}"))
        assert told["state"] == "valid"
        assert told["recipient"] == {"name": "Itzel Marroquín Ñ"}
        assert told["url"] == f"https://badges.example.org/awards/{award.public_id}"
        assert told["badge"]["name"]["en"] == "Scientific Communication"
        assert "email" not in str(told)

    def test_cost_the_same_few_queries_however_many_they_are(self, program: Program) -> None:
        counts = []
        for _time in range(2):
            make_award(program.world)
            program.get("/awards")
            with CaptureQueriesContext(connection) as queries:
                assert program.get("/awards").status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1] < 20


class TestChanging:
    def test_pauses_lifts_and_revokes_in_the_owner_s_name_through_the_token(self, program: Program) -> None:
        award = make_award(program.world)
        for change, state in (("suspend", "suspended"), ("reinstate", "valid"), ("revoke", "revoked")):
            answer = program.post(f"/awards/{award.public_id}/{change}", {"reason": "A question"})
            assert body_of(answer) == {"id": str(award.public_id), "state": state}
        rows = AuditEntry.objects.filter(subject_id=award.public_id, action="award.revoked")
        assert [(row.actor_id, row.actor_name) for row in rows] == [
            (program.owner.public_id, f"API token {program.token.prefix}")
        ]

    def test_names_what_its_state_does_not_allow(self, program: Program) -> None:
        award = make_award(program.world)
        answer = program.post(f"/awards/{award.public_id}/reinstate", {"reason": "A question"})
        assert (answer.status_code, body_of(answer)["code"]) == (409, "award-not-suspended")

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "#/reason"),
            ({"reason": ""}, "#/reason"),
            ({"reason": "x" * 501}, "#/reason"),
            ({"reason": "a\x07"}, "#/reason"),
            ({"reason": "a", "until": "b"}, "#/until"),
        ],
    )
    def test_names_the_part_of_the_body_that_is_wrong(
        self, program: Program, body: dict[str, str], pointer: str
    ) -> None:
        award = make_award(program.world)
        answer = program.post(f"/awards/{award.public_id}/revoke", body)
        assert answer.status_code == 422
        assert [part["pointer"] for part in body_of(answer)["errors"]] == [pointer]
        assert Award.objects.get(pk=award.pk).state == "issued"

    @pytest.mark.parametrize("blank", [" ", "\t", "\u0085", "\u3000", "\ufeff"])
    def test_takes_no_blank_reason_and_the_description_says_so(self, program: Program, blank: str) -> None:
        """Languages disagree on which characters are blank; a client's checker has to say what we say."""
        award = make_award(program.world)
        answer = program.post(f"/awards/{award.public_id}/revoke", {"reason": blank})
        assert answer.status_code == 422
        described = openapi.document()["components"]["schemas"]["Reason"]
        assert not jsonschema_rs.is_valid(described, {"reason": blank})
        assert jsonschema_rs.is_valid(described, {"reason": f"Issued{blank}in error"})

    def test_knows_no_award_that_does_not_exist(self, program: Program) -> None:
        answer = program.post(f"/awards/{uuid4()}/revoke", {"reason": "A question"})
        assert (answer.status_code, body_of(answer)["code"]) == (404, "award-not-found")


class TestKeys:
    def test_let_a_request_happen_once(self, program: Program) -> None:
        award = make_award(program.world)
        path, body = f"/awards/{award.public_id}/revoke", {"reason": "Issued in error"}
        first = program.post(path, body, idempotency_key="k1")
        again = program.post(path, body, idempotency_key="k1")
        assert (first.status_code, body_of(first)) == (again.status_code, body_of(again))
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert AwardChange.objects.filter(award=award).count() == 1
        without = program.post(path, body)
        assert (without.status_code, body_of(without)["code"]) == (409, "award-already-revoked")

    def test_refuse_another_request(self, program: Program) -> None:
        award, other = make_award(program.world), make_award(program.world)
        body = {"reason": "Issued in error"}
        program.post(f"/awards/{award.public_id}/suspend", body, idempotency_key="k1")
        for path, sent in (
            (f"/awards/{award.public_id}/suspend", {"reason": "Another reason"}),
            (f"/awards/{award.public_id}/revoke", body),
            (f"/awards/{other.public_id}/suspend", body),
        ):
            answer = program.post(path, sent, idempotency_key="k1")
            assert (answer.status_code, body_of(answer)["code"]) == (422, "idempotency-key-reused")
        assert Award.objects.get(pk=other.pk).state == "issued"

    def test_stay_free_when_the_request_failed(self, program: Program) -> None:
        award = make_award(program.world)
        body = {"reason": "A question"}
        early = program.post(f"/awards/{award.public_id}/reinstate", body, idempotency_key="k1")
        assert early.status_code == 409
        program.post(f"/awards/{award.public_id}/suspend", body)
        assert program.post(f"/awards/{award.public_id}/reinstate", body, idempotency_key="k1").status_code == 200

    def test_of_one_organization_are_nothing_to_another(self, program: Program) -> None:
        for one in (program, make_program()):
            award = make_award(one.world)
            answer = one.post(f"/awards/{award.public_id}/revoke", {"reason": "Error"}, idempotency_key="same")
            assert body_of(answer)["id"] == str(award.public_id)

    @pytest.mark.parametrize("key", ["", "a b", "é", "x" * 129])
    def test_have_a_form(self, program: Program, key: str) -> None:
        award = make_award(program.world)
        answer = program.post(f"/awards/{award.public_id}/revoke", {"reason": "Error"}, idempotency_key=key)
        assert (answer.status_code, body_of(answer)["code"]) == (400, "idempotency-key-unusable")
