"""Every address of the platform, as everybody: who may open it, who is told that nothing is there.

One row per address, by name. An address without a row fails: a new page comes with a decision about who sees it.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from tests.platform.web.two_schools import ROLES, School, Visitor, make_school, make_visitors

Ids = Callable[[School], dict[str, Any]]
EVERYBODY = "everybody"  # nobody needs an account
ONESELF = "oneself"  # a page about whoever is signed in
TOKEN = "token"  # for programs: whoever is signed in is nobody there (tests/platform/api tests those with a token)
WEB_ONLY = frozenset({301, 302, 303, 200, 304, 409, 422})


@dataclass(frozen=True)
class Row:
    """Who may use an address: `may` names roles of the thing's own school; the others there get `lacking`.

    People of the other school and removed ones get `outside`; who is not signed in is led to sign-in, or gets
    `nobody`. `methods`: "g" it can be read, "p" it takes a POST. `answer`: what those who may get, where it is
    not a page.
    """

    ids: Ids
    may: frozenset[str] | str = EVERYBODY
    methods: str = "g"
    lacking: int = 403
    outside: int = 404
    nobody: int | None = None
    answer: frozenset[int] = frozenset({200})
    writers: frozenset[str] | None = None  # who of them may write; everybody who may read, where it is not said


def _named(*names: str, **fixed: Any) -> Ids:  # noqa: ANN401  - parts of an address are of many kinds
    def ids(school: School) -> dict[str, Any]:
        return {name: school.ids[name] for name in names} | fixed

    return ids


NOTHING = _named()
HERE = _named("organization")
REDIRECT = frozenset({301, 302, 303})
CONFLICT = frozenset({409})  # the thing of the scene is in another state; whoever may not is told so all the same


def everybody(*names: str, methods: str = "g", answer: frozenset[int] = frozenset({200}), **fixed: Any) -> Row:  # noqa: ANN401  - as above
    """Make the row of a public address."""
    return Row(_named(*names, **fixed), methods=methods, answer=answer)


def oneself(*names: str, methods: str = "g", answer: frozenset[int] = frozenset({200}), **fixed: Any) -> Row:  # noqa: ANN401  - as above
    """Make the row of a page that every signed-in person has."""
    return Row(_named(*names, **fixed), may=ONESELF, methods=methods, answer=answer)


def staff(*roles: str, ids: Ids = HERE, methods: str = "g", answer: frozenset[int] = frozenset({200})) -> Row:
    """Make the row of a page for some roles; an owner has the powers of authors and registrars."""
    held = frozenset(roles) | ({"owner"} if {"author", "registrar"} & set(roles) else set())
    return Row(ids, may=held, methods=methods, answer=answer)


def learner(*names: str, methods: str = "g", answer: frozenset[int] = frozenset({200}), **fixed: Any) -> Row:  # noqa: ANN401  - as above
    """Make the row of what is one learner's alone: to everybody else there is nothing, at their school too."""
    return Row(_named(*names, **fixed), may=frozenset({"learner"}), methods=methods, lacking=404, answer=answer)


def private_award(*names: str, answer: frozenset[int] = frozenset({200}), **fixed: Any) -> Row:  # noqa: ANN401  - as above
    """Make the row of a private award: its learner and its issuer see it, to everybody else there is none."""
    may = frozenset({"learner", "registrar", "owner"})
    return Row(_named("award_id", *names, **fixed), may=may, lacking=404, nobody=404, answer=answer)


def program(*names: str, methods: str = "g", **fixed: Any) -> Row:  # noqa: ANN401  - as above
    """Make the row of an address of the API: a session opens nothing there, whoever's it is."""
    return Row(_named(*names, **fixed), may=TOKEN, methods=methods, answer=frozenset({401}))


def judged(methods: str, answer: frozenset[int] = frozenset({200})) -> Row:
    """Make the row of work that one assessor holds."""
    ids = _named("assignment_id")
    return Row(ids, may=frozenset({"assessor"}), methods=methods, lacking=404, answer=answer)


ANY = frozenset({200, 301, 302, 303, 304, 403, 404, 405, 409, 422})

ENTRANCE = frozenset({200, 302})  # who is signed in is led on
OWN_KIND = frozenset({200, 303, 403, 404})  # a page of one's own for those who judge somewhere

PROVEN_BY_THE_LINK = "mail_stop"  # mail programs post to it without a cookie (RFC 8058): its secret is the proof
NO_BATCH = "01980000-0000-7000-8000-000000000000"  # a session gets nowhere near one

ROWS: dict[str, Row] = {
    # the shell
    "healthz": everybody(),
    "home": everybody(),
    "language_choose": everybody(methods="p"),
    "theme_choose": everybody(methods="p"),
    "acting_choose": everybody(methods="p"),
    # sign-in and one's own account
    "account_login": everybody(methods="gp", answer=ENTRANCE),
    "account_request_login_code": everybody(methods="gp", answer=ENTRANCE),
    "account_confirm_login_code": everybody(methods="gp", answer=ANY),
    "mfa_login_webauthn": everybody(methods="gp", answer=ANY),
    "mfa_authenticate": everybody(methods="gp", answer=ANY),
    "account_signup": everybody(methods="gp", answer=ENTRANCE),
    "account_email_verification_sent": everybody(methods="gp", answer=ANY),
    "account_logout": everybody(methods="gp", answer=ANY),
    "account_inactive": everybody(),
    "account": oneself(methods="gp"),
    "account_birth_date": oneself(methods="p"),
    "account_email": oneself(methods="gp"),
    "account_reauthenticate": oneself(methods="gp", answer=ANY),
    "mfa_reauthenticate": oneself(methods="gp", answer=ANY),
    "mfa_reauthenticate_webauthn": oneself(methods="gp", answer=ANY),
    "mfa_index": oneself(answer=ANY),
    "mfa_list_webauthn": oneself(answer=ANY),
    "mfa_add_webauthn": oneself(methods="gp", answer=ANY),
    "mfa_edit_webauthn": oneself(methods="gp", answer=frozenset({404}), pk=1),
    "mfa_remove_webauthn": oneself(methods="gp", answer=frozenset({404}), pk=1),
    "mfa_view_recovery_codes": oneself(answer=ANY),
    "mfa_generate_recovery_codes": oneself(methods="gp", answer=ANY),
    "mfa_download_recovery_codes": oneself(methods="gp", answer=ANY),
    # organizations
    "people": staff("registrar"),
    "people_invite": staff("owner", methods="gp"),
    "member": staff("registrar", ids=_named("organization", "member_id")),
    "member_roles": staff("owner", ids=_named("organization", "member_id"), methods="p"),
    "member_end": staff("owner", ids=_named("organization", "member_id"), methods="p"),
    "consent_give": staff("registrar", ids=_named("organization", "member_id"), methods="p"),
    "consent_end": staff("registrar", ids=_named("organization", "consent_id"), methods="p"),
    "invitation_end": staff("owner", ids=_named("organization", "invitation_id"), methods="p"),
    "invitation_again": staff("owner", ids=_named("organization", "invitation_id"), methods="p"),
    "invitation": Row(lambda school: {"token": school.ids["invitation"]}, methods="gp"),
    "audit": staff("registrar"),
    "api_tokens": staff("owner"),
    "api_token_new": staff("owner", methods="gp"),
    "api_token_end": staff("owner", ids=_named("organization", "token_id"), methods="p"),
    "mails": staff("registrar"),
    "mail_again": staff("registrar", ids=_named("organization", "message_id"), methods="p"),
    "mail_text": staff("registrar", ids=_named("organization", kind="award-issued", language="en"), methods="gp"),
    "mail_stop": Row(
        lambda school: {"message_id": school.ids["reminder_id"], "token": school.ids["stop"]}, methods="gp"
    ),
    # frameworks
    "framework_list": everybody(),
    "framework": everybody("framework"),
    "framework_item": everybody("framework", "item"),
    "framework_manage": staff("author"),
    "framework_import": staff("author", methods="gp"),
    "framework_preview": staff(
        "author", ids=_named("organization", token="unknown"), methods="gp", answer=REDIRECT
    ),
    "framework_report": staff("author", ids=_named("organization", "report")),
    # issuers and keys
    "issuer_list": everybody(),
    "issuer": everybody("issuer_id"),
    "issuer_did": everybody("issuer_id"),
    "issuer_jwks": everybody("issuer_id"),
    "issuer_key": everybody("issuer_id", "key_id"),
    "all_jwks": everybody(),
    "status_list": everybody("list_id"),
    "issuer_settings": replace(staff("registrar", methods="gp"), writers=frozenset({"owner"})),
    "issuer_first_key": staff("owner", methods="p"),
    "issuer_rotate": staff("owner", methods="gp"),
    "issuer_withdraw": staff("owner", ids=_named("organization", "key_id"), methods="gp", answer=CONFLICT),
    # badges
    "catalogue": everybody(),
    "badge": everybody("organization", "slug", answer=REDIRECT),
    "achievement": everybody("lineage", answer=REDIRECT),
    "achievement_version": everybody("lineage", number=1),
    "achievement_json": everybody("lineage", number=1),
    "achievement_png": everybody("lineage", number=1),
    "achievement_png_sized": everybody("lineage", number=1, pixels=64),
    "achievement_svg": everybody("lineage", number=1),
    "achievement_svg_mono": everybody("lineage", number=1),
    "badge_art": everybody("version_id", size="88"),
    # authors
    "author_badges": staff("author"),
    "author_begin": staff("author", methods="p"),
    "author_badge": staff("author", ids=_named("organization", "draft_lineage")),
    "author_draft": staff("author", ids=_named("organization", "lineage"), methods="p"),
    "author_discard": staff("author", ids=_named("organization", "draft_lineage"), methods="gp"),
    "author_retire": staff("author", ids=_named("organization", "lineage", number=1), methods="gp"),
    "author_edit": staff("author", ids=_named("organization", "draft_lineage", step=1), methods="gp"),
    "author_publish": staff("author", ids=_named("organization", "draft_lineage"), methods="p"),
    "author_picture": staff("author", ids=_named("organization", "draft_lineage"), methods="g"),
    "symbol": everybody(name="flask"),
    # work
    "my_work": oneself(),
    "work_start": oneself("version_id", methods="gp"),
    "work": learner("submission_id", methods="gp"),
    "work_hand_in": learner("submission_id", methods="gp"),
    "work_withdraw": learner("submission_id", methods="gp"),
    "work_revise": learner("submission_id", methods="p"),
    "work_remove": learner("submission_id", "item_id", methods="gp"),
    "work_receipt": learner("decided_id", number=1),
    "work_decision": learner("decided_id", number=1),
    "work_file": learner("item_id"),
    # judging
    "queue": oneself(answer=OWN_KIND),
    "queue_done": oneself(answer=OWN_KIND),
    "judge_next": oneself(methods="p", answer=OWN_KIND),
    "queue_take": Row(_named("waiting_id"), may=frozenset({"assessor"}), methods="p"),
    "marking": judged("gp"),
    "marking_lock": judged("gp"),
    "marking_return": judged("gp"),
    "marking_release": judged("gp"),
    # awards
    "award": private_award(),
    "award_copy": private_award(kind="json"),
    "award_document": private_award(number=1),
    "award_checks": private_award(),
    "award_code": private_award(),
    "award_evidence": private_award(number=1, answer=frozenset({404})),
    "award_file": private_award(number=1, place=1, answer=frozenset({404})),
    "file": private_award(number=1, place=1, answer=frozenset({404})),
    "share": Row(lambda school: {"token": school.ids["share"]}),
    "share_copy": Row(lambda school: {"token": school.ids["share"], "kind": "json"}),
    "share_checks": Row(lambda school: {"token": school.ids["share"]}),
    "share_code": Row(lambda school: {"token": school.ids["share"]}),
    "share_evidence": Row(
        lambda school: {"token": school.ids["share"], "number": 1}, answer=frozenset({200, 404})
    ),
    "share_file": Row(
        lambda school: {"token": school.ids["share"], "number": 1, "place": 1}, answer=frozenset({404})
    ),
    "claim": Row(lambda school: {"token": school.ids["claim"]}, methods="gp", answer=ANY),
    "claim_copy": Row(lambda school: {"token": school.ids["claim"], "kind": "json"}, answer=ANY),
    "claim_choices": Row(lambda school: {"token": school.ids["claim"]}, methods="gp", answer=ANY),
    "claim_renew": Row(lambda school: {"token": school.ids["claim"]}, methods="p", answer=ANY),
    "my_badges": oneself(),
    "my_shares": oneself(),
    "award_choices": learner("award_id", methods="gp"),
    "share_new": learner("award_id", methods="gp"),
    "share_stop": learner("share_id", methods="p"),
    "award_list": staff("registrar"),
    "award_record": staff("registrar", ids=_named("organization", "award_id")),
    "award_change": staff("registrar", ids=_named("organization", "award_id", change="revoke"), methods="gp"),
    "award_correction": staff("registrar", ids=_named("organization", "award_id"), methods="gp"),
    "award_renewal": staff("registrar", ids=_named("organization", "award_id"), methods="p"),
    "award_many": staff("registrar", methods="gp"),
    "award_ending": staff("registrar", methods="gp"),
    "mass_change": staff("registrar", ids=_named("organization", "change_id")),
    "mass_change_end": staff("registrar", ids=_named("organization", "change_id"), methods="p"),
    "award_hold": staff(
        "registrar",
        ids=lambda s: {"organization": s.ids["organization"], "decision_id": s.ids["fresh_decision_id"]},
        methods="p",
    ),
    "award_release": staff(
        "registrar",
        ids=lambda s: {"organization": s.ids["organization"], "decision_id": s.ids["held_decision_id"]},
        methods="p",
    ),
    "verify": everybody(methods="gp"),
    # runs
    "run_list": staff("registrar"),
    "run_new": staff("registrar", methods="gp"),
    "run": staff("registrar", ids=_named("organization", "run_id")),
    "run_columns": staff("registrar", ids=_named("organization", "draft_run_id"), methods="gp"),
    "run_rows": staff("registrar", ids=_named("organization", "run_id")),
    "run_file": staff("registrar", ids=_named("organization", "run_id")),
    "run_do": staff("registrar", ids=_named("organization", "run_id", action="cancel"), methods="p"),
    # programs
    "problems": everybody(),
    "api_index": everybody(),
    "api_openapi": everybody(),
    "api:api-root": everybody(),
    "api:badges": program(),
    "api:awards": program(),
    "api:award": program("award_id"),
    "api:award_revoke": program("award_id", methods="p"),
    "api:award_suspend": program("award_id", methods="p"),
    "api:award_reinstate": program("award_id", methods="p"),
    "api:batch_create": program(methods="p"),
    "api:batch": program(batch_id=NO_BATCH),
    "api:batch_rows": program(batch_id=NO_BATCH),
    "api:batch_csv": program(batch_id=NO_BATCH),
    "api:batch_ndjson": program(batch_id=NO_BATCH),
    "api:batch_start": program(batch_id=NO_BATCH, methods="p"),
    "api:batch_pause": program(batch_id=NO_BATCH, methods="p"),
    "api:batch_resume": program(batch_id=NO_BATCH, methods="p"),
    "api:batch_cancel": program(batch_id=NO_BATCH, methods="p"),
    "api:batch_undo": program(batch_id=NO_BATCH, methods="p"),
}


def url_names() -> Iterator[str]:
    """Walk the root's patterns, includes and all; give their names as `reverse` takes them."""

    def walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield f"{space}{pattern.name}"
            else:
                yield from walk(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)

    return walk(get_resolver().url_patterns, "")


@dataclass
class Scene:
    """The world of this module: two schools and everybody who may knock."""

    schools: tuple[School, School]
    visitors: list[Visitor]

    def address(self, name: str, school: School) -> str:
        """Give an address about a thing of this school."""
        given = ROWS[name].ids(school)
        renamed = {
            "draft_lineage": "lineage",
            "decided_id": "submission_id",
            "waiting_id": "submission_id",
            "draft_run_id": "run_id",
        }
        return reverse(name, kwargs={renamed.get(key, key): value for key, value in given.items()})


@pytest.fixture(scope="module")
def world_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("world") / "data"


@pytest.fixture(autouse=True)
def data_directory(world_directory: Path, settings: LazySettings) -> Path:
    """Give every test of this module the data directory of its world."""
    settings.INSIGNIA_DATA = world_directory
    cache.clear()
    return world_directory


@pytest.fixture(scope="module")
def scene(world_directory: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """Build the world once; it is gone when the module is over."""
    around = _around()
    with django_db_blocker.unblock(), override_settings(INSIGNIA_DATA=world_directory), around:
        schools = make_school("Quillwater High"), make_school("Dolores Ibarra High")
        yield Scene(schools, make_visitors(schools))
        transaction.set_rollback(True)


def _around() -> transaction.Atomic:
    # As in Django's own TestCase: inside, a durable transaction is fine.
    around = transaction.atomic()
    vars(around)["_from_testcase"] = True
    return around


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Take back what happens inside: rows, and the cookies of this browser."""
    cookies = copy.deepcopy(client.cookies)
    around = _around()
    with around:
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def everything() -> str:
    """Give a digest of all rows of all our tables; sign-in's own bookkeeping is left out."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        if model.__module__.startswith("insignia."):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")  # noqa: S608  - names of our own tables
                for row in cursor.fetchall():
                    kept = tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
                    digest.update(repr(kept).encode())
    return digest.hexdigest()


def asked(client: Client, method: str, address: str) -> HttpResponseBase:
    return client.get(address) if method == "g" else client.post(address)


def leads_to_sign_in(answer: HttpResponseBase) -> bool:
    # 401 is the sign-in page itself, with what was typed kept in it.
    return answer.status_code == 401 or (
        answer.status_code in REDIRECT and answer.headers["Location"].startswith("/sign-in")
    )


def expected(row: Row, visitor: Visitor, school: School) -> frozenset[int] | str:
    """Say what this visitor gets at an address about a thing of `school`: statuses, or "sign-in"."""
    if row.may in {EVERYBODY, TOKEN}:
        return row.answer
    if visitor.role == "anonymous":
        return frozenset({row.nobody}) if row.nobody else "sign-in"
    if row.may == ONESELF:
        return row.answer
    if visitor.school is not school:
        return frozenset({row.outside})
    return row.answer if visitor.role in row.may else frozenset({row.lacking})


class TestEveryUrl:
    """Each address of the root urlconf."""

    def test_has_a_row(self) -> None:
        names = list(url_names())
        assert sorted(set(names) - set(ROWS)) == [], "say who may open these: add a row for each"
        assert sorted(set(ROWS) - set(names)) == [], "these are gone: take their rows out"

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", ROWS)
    def test_is_open_to_those_who_may_and_closed_to_all_others(self, scene: Scene, name: str) -> None:
        """Read and written as everybody; who may not changes nothing at all, about a thing of either school."""
        row, wrong = ROWS[name], []
        for school in scene.schools:
            address, before = scene.address(name, school), None
            for visitor in self.who_knocks(row, scene, school):
                wanted = expected(row, visitor, school)
                for method in row.methods:
                    if method == "p" and (wanted == row.answer or row.answer == {404}):
                        continue  # those who may write are tested below
                    before = before or (everything() if method == "p" else None)
                    answer = asked(visitor.client, method, address)
                    fits = leads_to_sign_in(answer) if wanted == "sign-in" else answer.status_code in wanted
                    if not fits:
                        wrong.append(f"{method} {address} as {visitor}: {answer.status_code}, not {wanted}")
            assert before is None or everything() == before, f"{address} was changed by somebody who may not"
        assert not wrong, "\n".join(wrong)

    @staticmethod
    def who_knocks(row: Row, scene: Scene, school: School) -> list[Visitor]:
        few = row.may in {EVERYBODY, ONESELF, TOKEN}
        visitors = [one for one in scene.visitors if not few or one.role in {"anonymous", "removed", "owner"}]
        if school is scene.schools[0]:
            return visitors
        return [visitor for visitor in visitors if visitor.school is not school]

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        "name", [name for name, row in ROWS.items() if "p" in row.methods and name != PROVEN_BY_THE_LINK]
    )
    def test_takes_no_post_without_its_token(self, scene: Scene, name: str) -> None:
        """From the very people who may: another site's form changes nothing."""
        address, before = scene.address(name, scene.schools[0]), everything()
        for visitor in self.those_who_may(ROWS[name], scene):
            answer = visitor.strict.post(address)
            refused = 401 if ROWS[name].may == TOKEN else 403
            assert answer.status_code == refused, f"{address} as {visitor}: {answer.status_code}"
        assert everything() == before

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", [name for name, row in ROWS.items() if "p" in row.methods])
    def test_takes_an_empty_post_without_falling_over(self, scene: Scene, name: str) -> None:
        """From those who may, with nothing filled in: an answer in words, never a mistake of ours."""
        for visitor in self.those_who_may(ROWS[name], scene):
            with undone(visitor.client):
                answer = visitor.client.post(scene.address(name, scene.schools[0]))
            allowed = WEB_ONLY | ROWS[name].answer
            assert answer.status_code in allowed, f"{name} as {visitor}: {answer.status_code}"

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", ROWS)
    def test_names_the_methods_it_takes(self, scene: Scene, name: str) -> None:
        """What is posted to is not read and what is read is not posted to: 405, and nothing changed."""
        row = ROWS[name]
        refused = {"g": "p", "p": "g"}.get(row.methods)
        visitor = next(iter(self.those_who_may(row, scene)))
        if refused:
            answer = asked(visitor.client, refused, scene.address(name, scene.schools[0]))
            assert answer.status_code == 405, f"{refused} {name}: {answer.status_code}"
            assert answer.headers["Allow"]
        assert visitor.client.delete(scene.address(name, scene.schools[0])).status_code in {302, 403, 404, 405}

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.writers])
    def test_is_written_by_some_of_its_readers_only(self, scene: Scene, name: str) -> None:
        """Who may read and not write gets 403 for writing."""
        row, before = ROWS[name], everything()
        readers = [visitor for visitor in scene.visitors if visitor.school is scene.schools[0]]
        for visitor in readers:
            if visitor.role in row.may and visitor.role not in (row.writers or ()):
                assert visitor.client.post(scene.address(name, scene.schools[0])).status_code == 403
        assert everything() == before

    @pytest.mark.django_db
    def test_tells_nobody_of_the_other_schools_things(self, scene: Scene) -> None:
        """What one school's people can open holds no word or id of the other's private things."""
        here, there = scene.schools
        kept = (
            "draft_lineage", "member_id", "award_id", "submission_id", "waiting_id", "assignment_id", "report",
            "run_id", "draft_run_id",
        )  # fmt: skip
        secrets = {str(there.ids[name]) for name in kept} | {"Itzel of Dolores Ibarra High", there.ids["share"]}
        checked = 0
        for name, row in ROWS.items():
            for visitor in scene.visitors:
                if visitor.school is here and "g" in row.methods and row.may != frozenset({"learner"}):
                    answer = visitor.client.get(scene.address(name, here))
                    if answer.status_code == 200 and not answer.streaming:
                        text = answer.content.decode(errors="replace")
                        told = [secret for secret in secrets if secret in text]
                        assert not told, f"{name} as {visitor} tells of {told}"
                        checked += 1
        assert checked > 150

    @staticmethod
    def those_who_may(row: Row, scene: Scene) -> list[Visitor]:
        first = scene.schools[0]
        if row.may in {EVERYBODY, TOKEN}:
            return [visitor for visitor in scene.visitors if visitor.role == "anonymous"]
        writers = row.writers or row.may
        roles = ROLES[-1:] if row.may == ONESELF else [role for role in ROLES if role in writers]
        return [visitor for visitor in scene.visitors if visitor.school is first and visitor.role in roles]
