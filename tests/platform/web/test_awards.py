"""The proof page, its copies, evidence, links, claims and the register, asked as machines and people ask."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings, settings
from django.core.cache import cache
from django.test import Client

from insignia.accounts.models import Person
from insignia.audit.actor import Actor
from insignia.awards.models import Award, AwardHold
from insignia.awards.selectors import award_json, award_public
from insignia.awards.services import (
    award_revoke,
    award_suspend,
    evidence_visibility_set,
    share_create,
    visibility_set,
)
from insignia.foundation.models import DataKey
from insignia.issuing.models import Reservation
from insignia.organizations.models import Organization
from insignia.vc.bake import extract_png, extract_svg
from insignia.vc.proofs import vc_jwt
from tests.platform.awards.world import World, make_decision
from tests.platform.factories import make_member, make_organization, make_person, owner_of
from tests.platform.web.award_world import (
    ADULT,
    Answer,
    a_month_ago,
    claim_address,
    make_award,
    make_past_world,
    make_revoked,
    make_suspended,
    minor_born,
    now,
)

pytestmark = pytest.mark.django_db(transaction=True)

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"
    cache.clear()


@pytest.fixture
def world() -> World:
    return make_past_world()


def signed_in(person: Person | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def text_of(answer: Answer) -> str:
    return answer.content.decode()


def share_evidence(award: Award, number: int = 1) -> None:
    learner = Actor.person(owner_of(award))
    evidence_visibility_set(award_id=award.public_id, number=number, shared=True, actor=learner, at=now())


def addresses_of(award: Award) -> list[str]:
    base = f"/awards/{award.public_id}"
    copies = [f"{base}.{kind}" for kind in ("json", "jwt", "png", "svg")]
    return [
        base,
        *copies,
        f"{base}/documents/1",
        f"{base}/checks",
        f"{base}/code",
        f"{base}/evidence/1",
        f"{base}/evidence/1/1",
        f"/files/awards/{award.public_id}/1/1",
    ]


class TestWhoSeesAnAward:
    """The matrix: owner, registrar, others, strangers; page, copies, evidence, files alike."""

    def test_private_is_404_for_everybody_but_owner_and_registrar(self, world: World) -> None:
        award = make_award(world)
        share_evidence(award)
        other_school = make_organization(name="Dolores Ibarra High")
        strangers = [
            None,
            make_person("Noor Haddad"),
            world.assessor,
            world.author,
            make_member(other_school, "registrar", "owner"),
        ]
        for person in strangers:
            client = signed_in(person)
            assert {client.get(address).status_code for address in addresses_of(award)} == {404}, person
        for person in (award.learner, world.registrar):
            client = signed_in(person)
            assert {client.get(address).status_code for address in addresses_of(award)} == {200}, person

    def test_public_is_open_to_all(self, world: World) -> None:
        award = make_award(world, visibility="public")
        share_evidence(award)
        client = Client()
        assert {client.get(address).status_code for address in addresses_of(award)} == {200}

    @pytest.mark.parametrize("born_on", [minor_born(), None], ids=["fifteen", "age unknown"])
    def test_a_minors_stays_404_whatever_its_row_says(self, world: World, born_on: date | None) -> None:
        award = make_award(world, born_on=born_on, name="Mai Nguyen")
        Award.objects.filter(pk=award.pk).update(visibility="public", evidence_visibility={"1": True})
        client = Client()
        assert {client.get(address).status_code for address in addresses_of(award)} == {404}
        for kind in ("application/json", "image/png", "application/vc+jwt"):
            assert client.get(addresses_of(award)[0], headers={"accept": kind}).status_code == 404

    def test_an_award_being_signed_is_404_even_for_its_owner(self, world: World) -> None:
        award = make_award(world)
        Award.objects.filter(pk=award.pk).update(state="reserved", issued_at=None)
        assert signed_in(award.learner).get(f"/awards/{award.public_id}").status_code == 404

    def test_erased_is_410_for_page_and_copies(self, world: World) -> None:
        award = make_award(world, visibility="public")
        DataKey.objects.filter(pk=owner_of(award).data_key.pk).update(sealed=None, destroyed_at=now())
        client = Client()
        for address in addresses_of(award):
            assert client.get(address).status_code == 410, address
        assert client.get(claim_address(award)).status_code == 410

    def test_hidden_evidence_is_404_beside_an_open_page(self, world: World) -> None:
        award = make_award(world, visibility="public")
        share_evidence(award, 1)
        client, base = Client(), f"/awards/{award.public_id}"
        assert client.get(f"{base}/evidence/1").status_code == 200
        for hidden in (f"{base}/evidence/2", f"{base}/evidence/2/1", f"{base}/evidence/9", f"{base}/evidence/1/7"):
            assert client.get(hidden).status_code == 404, hidden
        assert "seen by the assessors, not shared" in text_of(client.get(base))

    def test_a_refusal_does_not_tell_private_from_nothing(self, world: World) -> None:
        award = make_award(world)
        client = Client()
        private, nothing = client.get(f"/awards/{award.public_id}"), client.get(f"/awards/{uuid4()}")
        secrets = re.compile(r"[\w-]{36,}|csrf\S*")
        assert secrets.sub("", text_of(private)) == secrets.sub("", text_of(nothing))


class TestPage:
    """What the proof page tells."""

    def test_tells_the_story_from_facts(self, world: World) -> None:
        award = make_award(world, visibility="public")
        page = text_of(Client().get(f"/awards/{award.public_id}"))
        assert "Itzel Marroquín Ñ showed this with: Recording of the talk and Slides." in page
        assert "2 of 2 criteria reached the required level" in page
        assert re.search(r"Valid\.</strong> \d+ checks passed, 0 failed, 0 undetermined", page)
        assert page.index("What was asked") < page.index("What was shown") < page.index("How it was judged")

    def test_names_nobody_but_learner_and_school(self, world: World) -> None:
        award = make_award(world, visibility="public")
        page = text_of(Client().get(f"/awards/{award.public_id}"))
        assert world.assessor.display_name not in page
        assert owner_of(award).email not in page
        assert "See the second slide" not in page

    def test_shows_the_name_that_was_signed(self, world: World) -> None:
        award = make_award(world, visibility="public")
        Person.objects.filter(pk=owner_of(award).pk).update(display_name="Somebody Else")
        page = text_of(Client().get(f"/awards/{award.public_id}"))
        assert "Itzel Marroquín Ñ" in page
        assert "Somebody Else" not in page

    @pytest.mark.parametrize(
        ("make", "sentence"),
        [
            (make_revoked, r"Revoked on \d+ \w+ \d{4}: Issued in error\. It no longer counts\."),
            (make_suspended, r"Paused by the issuer on \d+ \w+ \d{4}: A question is being looked into\."),
        ],
        ids=["revoked", "suspended"],
    )
    def test_says_first_what_stands_against_it(
        self, world: World, make: Callable[[World], Award], sentence: str
    ) -> None:
        award = make(world)
        page = text_of(Client().get(f"/awards/{award.public_id}"))
        found = re.search(sentence, page)
        assert found, page
        assert found.start() < page.index("record-head")
        assert "Valid.</strong>" not in page

    def test_says_that_it_expired(self) -> None:
        begun = now() - timedelta(days=120)
        award = make_award(make_past_world(months=1, at=begun), at=begun, visibility="public")
        page = text_of(Client().get(f"/awards/{award.public_id}"))
        assert re.search(r"Expired on \d+ \w+ \d{4}\. It was in force until then\.", page)
        assert page.index("Expired on") < page.index("record-head")

    def test_keeps_its_last_check_until_a_list_changes(self, world: World) -> None:
        award = make_award(world, visibility="public")
        client, address = Client(), f"/awards/{award.public_id}"
        assert "Valid.</strong>" in text_of(client.get(address))
        award_revoke(award_id=award.public_id, reason="Error", actor=world.registrar_acts, at=now())
        assert "Valid.</strong>" not in text_of(client.get(address))
        assert "Revoked on" in text_of(client.get(f"{address}/checks"))

    def test_speaks_spanish(self, world: World) -> None:
        award = make_revoked(world)
        client = Client()
        client.cookies["language"] = "es"
        page = text_of(client.get(f"/awards/{award.public_id}"))
        assert "Ya no es válida." in page
        assert "Otorgada a" in page


class TestCopies:
    """What machines get, by ending and by Accept."""

    def test_are_the_signed_bytes_in_every_form(self, world: World) -> None:
        award = make_award(world, visibility="public")
        signed = award_json(award_public(award_id=award.public_id, viewer=None, on=now()))
        client, base = Client(), f"/awards/{award.public_id}"
        assert client.get(f"{base}.json").content == signed
        assert client.get(f"{base}/documents/1").content == signed
        assert extract_png(client.get(f"{base}.png").content) == signed
        assert extract_svg(client.get(f"{base}.svg").content) == signed
        token = vc_jwt.parse(client.get(f"{base}.jwt").content.decode())
        assert token.document["id"] == f"https://badges.example.org{base}"
        assert client.get(f"{base}/documents/2").status_code == 404

    @pytest.mark.parametrize(
        ("accept", "kind"),
        [
            (BROWSER, "text/html; charset=utf-8"),
            ("*/*", "text/html; charset=utf-8"),
            ("application/vc+ld+json", "application/vc+ld+json"),
            ("application/json;q=0.9, text/html;q=0.1", "application/vc+ld+json"),
            ("application/vc+jwt", "application/vc+jwt"),
            ("image/png", "image/png"),
            ("image/svg+xml", "image/svg+xml"),
        ],
    )
    def test_follow_what_the_client_prefers(self, world: World, accept: str, kind: str) -> None:
        award = make_award(world, visibility="public")
        answer = Client().get(f"/awards/{award.public_id}", headers={"accept": accept})
        assert answer.headers["Content-Type"] == kind
        assert {"Accept", "Cookie"} <= {part.strip() for part in answer.headers["Vary"].split(",")}

    def test_are_confined_open_to_scripts_of_others_and_asked_for_again(self, world: World) -> None:
        award = make_award(world, visibility="public")
        client, address = Client(), f"/awards/{award.public_id}.svg"
        answer = client.get(address)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        again = client.get(address, headers={"if-none-match": answer.headers["ETag"]})
        assert again.status_code == 304

    def test_code_to_scan_has_no_style(self, world: World) -> None:
        award = make_award(world, visibility="public")
        drawn = text_of(Client().get(f"/awards/{award.public_id}/code"))
        assert drawn.startswith("<svg")
        assert "style" not in drawn

    @pytest.mark.parametrize("size", ["32", "200", "print"])
    def test_art_is_drawn_for_a_published_version(self, world: World, size: str) -> None:
        answer = Client().get(f"/art/{world.version.public_id}/{size}")
        assert answer.headers["Content-Type"] == "image/svg+xml"
        assert Client().get(f"/art/{world.version.public_id}/33").status_code == 404


class TestEvidence:
    """The work itself, as far as its owner shows it."""

    def test_gives_exactly_the_bytes_that_were_signed_for(self, world: World) -> None:
        award = make_award(world, visibility="public")
        share_evidence(award)
        client, base = Client(), f"/awards/{award.public_id}"
        document = client.get(f"{base}.json").json()
        answer = client.get(f"{base}/evidence/1/1")
        body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # Django's streaming answer
        signed = next(row for row in document["relatedResource"] if row["id"].endswith("/evidence/1/1"))
        assert signed["digestSRI"] == "sha256-" + base64.b64encode(hashlib.sha256(body).digest()).decode()

    def test_files_stand_in_a_box_of_their_own(self, world: World) -> None:
        award = make_award(world, visibility="public")
        share_evidence(award)
        headers = Client().get(f"/files/awards/{award.public_id}/1/1").headers
        assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Disposition"].startswith("attachment")

    def test_page_shows_the_words_without_their_random_line(self, world: World) -> None:
        award = make_award(world, visibility="public")
        share_evidence(award)
        page = text_of(Client().get(f"/awards/{award.public_id}/evidence/1"))
        assert "<p>secret words of piece 1</p>" in page


class TestShare:
    """A secret link."""

    def make(self, award: Award, *, at: datetime | None = None, days: int = 30) -> str:
        moment = at or now()
        made = share_create(
            award_id=award.public_id,
            actor=Actor.person(owner_of(award)),
            at=moment,
            label="Admissions",
            expires_at=moment + timedelta(days=days),
        )
        return made.path

    def test_opens_page_and_copies_of_one_award_only(self, world: World) -> None:
        award, other = make_award(world), make_award(world)
        path = self.make(award)
        client = Client()
        for suffix in ("", ".json", ".jwt", ".png", ".svg", "/checks", "/code"):
            assert client.get(f"{path}{suffix}").status_code == 200, suffix
        assert client.get(f"/awards/{award.public_id}").status_code == 404
        assert client.get(f"/awards/{other.public_id}").status_code == 404
        assert client.get(f"{path}/evidence/1").status_code == 404
        share_evidence(award)
        assert client.get(f"{path}/evidence/1").status_code == 200
        assert client.get(f"{path}/evidence/1/1").status_code == 200

    def test_shows_its_owner_what_others_see(self, world: World) -> None:
        award = make_award(world)
        page = text_of(signed_in(award.learner).get(self.make(award)))
        assert "Your badge." not in page
        assert "Admissions" not in page

    def test_leaves_no_trace(self, world: World) -> None:
        path = self.make(make_award(world))
        headers = Client().get(path).headers
        assert headers["Referrer-Policy"] in {"no-referrer", "strict-origin"}
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Cache-Control"] == "private, no-store"

    def test_says_when_it_ended(self, world: World) -> None:
        award = make_award(world)
        over = self.make(award, at=now() - timedelta(days=9), days=2)
        answer = Client().get(over)
        assert answer.status_code == 410
        assert re.search(r"This link ended on \d+ \w+ \d{4}\. Ask its owner for another\.", text_of(answer))
        assert Client().get(f"{over}.json").status_code == 410
        assert Client().get(f"/s/{'x' * 43}").status_code == 404

    def test_is_made_listed_and_ended_by_its_owner(self, world: World) -> None:
        award = make_award(world)
        client = signed_in(award.learner)
        made = client.post(
            f"/my/badges/{award.public_id}/share",
            {"label": "Admissions", "ends_on": (now() + timedelta(days=9)).date().isoformat()},
        )
        assert (made.status_code, made.headers["Location"]) == (303, "/my/shares")
        client.head("/my/shares")  # shows nothing, so it uses nothing up
        kept = str(dict(client.session))
        page = text_of(client.get("/my/shares"))
        found = re.search(r"http://testserver(/s/[\w-]{43})", page)
        assert found
        assert found[1].removeprefix("/s/") not in kept, "a session is readable in the database"
        assert found[1] not in text_of(client.get("/my/shares"))
        assert Client().get(found[1]).status_code == 200
        ending = re.search(r"/my/shares/[\w-]{36}/end", page)
        assert ending
        assert signed_in(make_person("Noor")).post(ending[0]).status_code == 404
        assert client.get(ending[0]).status_code == 405
        assert client.post(ending[0]).status_code == 303
        assert Client().get(found[1]).status_code == 410
        assert "Ended by you" in text_of(client.get("/my/shares"))

    @pytest.mark.parametrize("ends_on", ["", "yesterday", "0001-01-01", "2020-01-01", "2999-01-01", "9999-12-31"])
    def test_keeps_what_was_typed_when_the_day_cannot_be(self, world: World, ends_on: str) -> None:
        award = make_award(world)
        answer = signed_in(award.learner).post(
            f"/my/badges/{award.public_id}/share", {"label": "For Jonah", "ends_on": ends_on}
        )
        assert answer.status_code == 422
        assert "For Jonah" in text_of(answer)
        assert "error-summary" in text_of(answer)

    def test_is_not_offered_to_a_minor_whose_school_says_no(self, world: World) -> None:
        award = make_award(world, born_on=minor_born())
        client = signed_in(award.learner)
        assert "before you are 18" in text_of(client.get(f"/my/badges/{award.public_id}/share"))
        day = (now() + timedelta(days=9)).date().isoformat()
        answer = client.post(f"/my/badges/{award.public_id}/share", {"label": "", "ends_on": day})
        assert answer.status_code == 422


class TestOwnPages:
    """A learner's own list and choices."""

    def test_show_only_ones_own(self, world: World) -> None:
        award, other = make_award(world), make_award(world, name="Noor Haddad")
        page = text_of(signed_in(award.learner).get("/my/badges"))
        assert str(award.public_id) in page
        assert str(other.public_id) not in page

    def test_says_truly_who_sees_a_public_badge(self, world: World) -> None:
        """No search finds badges that were given, and the start page shows some with their owners' names."""
        award = make_award(world, visibility="public")
        client = signed_in(award.learner)
        page = text_of(client.get(f"/my/badges/{award.public_id}/who-sees-it"))
        assert "Everyone who has its address; the start page here may show it with your name." in page
        assert award.recipient.shown_name in text_of(Client().get("/"))
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
        page = text_of(client.get(f"/my/badges/{award.public_id}/who-sees-it"))
        assert "la página de inicio de este sitio puede mostrarla con su nombre." in page

    @pytest.mark.parametrize("path", ["who-sees-it", "share"])
    def test_of_others_are_404_also_for_the_registrar(self, world: World, path: str) -> None:
        award = make_award(world, visibility="public")
        for person in (make_person("Noor"), world.registrar):
            client = signed_in(person)
            address = f"/my/badges/{award.public_id}/{path}"
            assert client.get(address).status_code == 404
            assert client.post(address, {"visibility": "private"}).status_code == 404
        assert Client().get(f"/my/badges/{award.public_id}/{path}").status_code == 302

    def test_choices_are_stored_whole(self, world: World) -> None:
        award = make_award(world)
        client = signed_in(award.learner)
        address = f"/my/badges/{award.public_id}/who-sees-it"
        assert client.post(address, {"visibility": "public", "shown": ["2"]}).status_code == 303
        award.refresh_from_db()
        assert award.visibility == "public"
        assert award.evidence_visibility == {"2": True}
        client.post(address, {"visibility": "link", "shown": ["1"]})
        award.refresh_from_db()
        assert (award.visibility, award.evidence_visibility) == ("link", {"1": True, "2": False})

    @pytest.mark.parametrize("data", [{}, {"visibility": "all"}, {"visibility": "public", "shown": ["9"]}])
    def test_choices_that_are_none_change_nothing(self, world: World, data: dict[str, object]) -> None:
        award = make_award(world)
        answer = signed_in(award.learner).post(f"/my/badges/{award.public_id}/who-sees-it", data)
        assert answer.status_code == 422
        award.refresh_from_db()
        assert award.visibility == "private"

    def test_a_minor_cannot_choose_more_than_is_allowed(self, world: World) -> None:
        award = make_award(world, born_on=minor_born())
        client = signed_in(award.learner)
        address = f"/my/badges/{award.public_id}/who-sees-it"
        assert "Your guardian has to agree first." in text_of(client.get(address))
        for visibility in ("public", "link"):
            assert client.post(address, {"visibility": visibility}).status_code == 422
        award.refresh_from_db()
        assert award.visibility == "private"


class TestClaim:
    """The link in the mail."""

    def test_opening_changes_nothing_and_keeping_needs_no_account(self, world: World) -> None:
        award = make_award(world)
        address = claim_address(award)
        for _time in range(3):
            assert Client().get(address).status_code == 200
            assert Client().head(address).status_code == 200
        assert not Award.objects.filter(claimed_at__isnull=False).exists()
        client = Client()
        assert client.get(f"{address}/choices").headers["Location"] == address
        kept = client.post(address)
        assert (kept.status_code, kept.headers["Location"]) == (303, f"{address}/choices")
        award.refresh_from_db()
        assert award.claimed_at is not None
        assert award.visibility == "private"
        saved = client.post(f"{address}/choices", {"visibility": "public", "shown": ["1"]})
        assert saved.status_code == 303
        assert Client().get(f"/awards/{award.public_id}/evidence/1").status_code == 200

    def test_gives_the_file_to_whoever_holds_the_link(self, world: World) -> None:
        award = make_award(world)
        answer = Client().get(f"{claim_address(award)}.png")
        assert b"badges.example.org" in extract_png(answer.content)

    def test_refuses_somebody_else_who_is_signed_in(self, world: World) -> None:
        award = make_award(world)
        client = signed_in(make_person("Noor Haddad"))
        address = claim_address(award)
        assert "given to somebody else" in text_of(client.get(address))
        assert client.post(address).status_code == 409
        award.refresh_from_db()
        assert award.claimed_at is None

    def test_an_ended_link_says_so_and_mails_a_new_one_once(self, world: World) -> None:
        award = make_award(world)
        address = claim_address(award)
        Award.objects.filter(pk=award.pk).update(claim_expires_at=now() - timedelta(days=1))
        client = Client()
        answer = client.get(address)
        assert answer.status_code == 410
        assert "Your badge is safe; get a new one." in text_of(answer)
        assert client.post(address).status_code == 410
        assert client.post(f"{address}/renew").status_code == 200
        assert client.post(f"{address}/renew").status_code == 404
        assert client.get(address).status_code == 404
        award.refresh_from_db()
        assert claim_address(award) != address
        assert client.get(claim_address(award)).status_code == 200

    def test_a_wrong_link_is_404(self) -> None:
        assert Client().get("/claim/" + "x" * 43).status_code == 404

    def test_offers_a_minor_only_what_is_allowed(self, world: World) -> None:
        award = make_award(world, born_on=minor_born())
        client, address = Client(), claim_address(award)
        client.post(address)
        page = text_of(client.get(f"{address}/choices"))
        assert "Your guardian has to agree first." in page
        assert 'value="public"' not in page
        assert client.post(f"{address}/choices", {"visibility": "public"}).status_code == 422


class TestStartPage:
    """What the start page shows of awards."""

    def test_tells_the_day_as_the_school_counts_it(self, world: World) -> None:
        award = make_award(world, visibility="public")
        Organization.objects.update(time_zone="America/Denver")
        Award.objects.filter(pk=award.pk).update(issued_at=datetime(2026, 5, 2, 3, 0, tzinfo=UTC))
        page = text_of(Client().get("/"))
        assert "1 May 2026" in page
        assert "2 May 2026" not in page

    def test_names_only_what_everybody_may_see(self, world: World) -> None:
        shown = make_award(world, visibility="public", name="Noor Haddad")
        make_award(world, name="Tobias Lindqvist")
        minor = make_award(world, born_on=minor_born(), name="Mai Nguyen")
        Award.objects.filter(pk=minor.pk).update(visibility="public")
        page = text_of(Client().get("/"))
        assert f"/awards/{shown.public_id}" in page
        assert "Noor Haddad" in page
        assert "Tobias" not in page
        assert "Mai Nguyen" not in page


class TestRegister:
    """The registrar's pages."""

    def test_is_for_registrars_and_owners_of_this_school(self, world: World) -> None:
        award = make_award(world)
        base = f"/o/{world.organization.slug}/awards"
        pages = [base, f"{base}/{award.public_id}", f"{base}/{award.public_id}/revoke"]
        elsewhere = make_member(make_organization(name="Other"), "registrar", "owner")
        wanted = [
            (world.registrar, 200),
            (make_member(world.organization, "owner"), 200),
            (world.author, 403),
            (world.assessor, 403),
            (elsewhere, 404),
            (award.learner, 404),
        ]
        for person, status in wanted:
            client = signed_in(person)
            assert {client.get(page).status_code for page in pages} == {status}, person
            if status != 200:
                assert client.post(pages[2], {"reason": "x"}).status_code == status
        assert Client().get(base).status_code == 302
        assert signed_in(elsewhere).get(f"/o/{elsewhere}/awards/{award.public_id}").status_code == 404

    def test_an_award_is_not_reached_through_another_school(self, world: World) -> None:
        award = make_award(world)
        other = make_organization(name="Other")
        client = signed_in(make_member(other, "registrar"))
        base = f"/o/{other.slug}"
        assert client.get(f"{base}/awards/{award.public_id}").status_code == 404
        assert client.post(f"{base}/awards/{award.public_id}/revoke", {"reason": "x"}).status_code == 404
        assert client.post(f"{base}/decisions/{award.origin_id}/hold", {"reason": "x"}).status_code == 404
        assert client.post(f"{base}/decisions/{award.origin_id}/release").status_code == 404

    def test_filters_by_state_and_by_words(self, world: World) -> None:
        valid, revoked = make_award(world, name="Noor Haddad"), make_revoked(world)
        begun = now() - timedelta(days=1200)
        expired = make_award(world, name="Old Timer")
        Award.objects.filter(pk=expired.pk).update(valid_until=begun)
        client = signed_in(world.registrar)
        base = f"/o/{world.organization.slug}/awards"

        def shown(query: str) -> set[str]:
            return set(re.findall(rf"{base}/([\w-]{{36}})", text_of(client.get(f"{base}?{query}"))))

        assert shown("") == {str(valid.public_id), str(revoked.public_id), str(expired.public_id)}
        assert shown("state=revoked") == {str(revoked.public_id)}
        assert shown("state=valid") == {str(valid.public_id)}
        assert shown("state=expired") == {str(expired.public_id)}
        assert shown("q=noor") == {str(valid.public_id)}
        assert len(shown("q=communication")) == 3
        assert len(shown("state=nonsense&page=x")) == 3
        assert "No award matches" in text_of(client.get(f"{base}?q=zzz"))

    @pytest.mark.parametrize(("change", "state"), [("revoke", "revoked"), ("suspend", "suspended")])
    def test_changes_with_a_reason_that_is_shown_first(self, world: World, change: str, state: str) -> None:
        award = make_award(world)
        client = signed_in(world.registrar)
        address = f"/o/{world.organization.slug}/awards/{award.public_id}/{change}"
        assert client.post(address, {"reason": " "}).status_code == 422
        preview = client.post(address, {"reason": "Wrong <person>", "preview": "1"})
        assert preview.status_code == 200
        assert "Wrong &lt;person&gt;" in text_of(preview)
        award.refresh_from_db()
        assert award.state == "issued"
        assert client.post(address, {"reason": "Wrong person"}).status_code == 303
        award.refresh_from_db()
        assert award.state == state

    def test_a_second_time_is_a_conflict_in_words(self, world: World) -> None:
        award = make_award(world)
        award_suspend(award_id=award.public_id, reason="A", actor=world.registrar_acts, at=now())
        client = signed_in(world.registrar)
        base = f"/o/{world.organization.slug}/awards/{award.public_id}"
        answer = client.post(f"{base}/suspend", {"reason": "B"})
        assert answer.status_code == 409
        assert "This badge is paused already. Nothing changed." in text_of(answer)
        assert client.post(f"{base}/reinstate", {"reason": "C"}).status_code == 303
        assert client.post(f"{base}/revoke", {"reason": "D"}).status_code == 303
        client.cookies["language"] = "es"
        answer = client.post(f"{base}/revoke", {"reason": "E"})
        assert answer.status_code == 409
        assert "ya estaba revocada" in text_of(answer)
        assert client.get(f"{base}/undo").status_code == 404

    @pytest.mark.parametrize("reason", ["  ", "Una razón larga " * 40])
    def test_keeps_what_was_typed_when_it_cannot_be_held_so(self, world: World, reason: str) -> None:
        base, client = f"/o/{world.organization.slug}", signed_in(world.registrar)
        decision = make_decision(world, learner=make_person(), at=now())
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
        answer = client.post(f"{base}/decisions/{decision.public_id}/hold", {"reason": reason})
        page = text_of(answer)
        assert answer.status_code == 422
        assert "Escribe" in page or "Escriba" in page
        assert "Write a reason" not in page
        assert reason.strip() in page
        assert 'name="reason"' in page
        assert not AwardHold.objects.exists()

    def test_holds_and_releases_what_is_not_signed(self, world: World) -> None:
        decision = make_decision(world, learner=make_person("Tobias", born_on=ADULT), at=a_month_ago())
        client = signed_in(world.registrar)
        base = f"/o/{world.organization.slug}"
        assert "Met, not being signed yet" in text_of(client.get(f"{base}/awards"))
        held = client.post(f"{base}/decisions/{decision.public_id}/hold", {"reason": "To be looked at"})
        assert held.status_code == 303
        page = text_of(client.get(f"{base}/awards"))
        assert "To be looked at" in page
        assert "Tobias" in page
        assert client.post(f"{base}/decisions/{decision.public_id}/release").status_code == 303
        assert not AwardHold.objects.filter(released_at__isnull=True).exists()
        assert "not on hold" in text_of(client.post(f"{base}/decisions/{decision.public_id}/release", follow=True))

    def test_names_what_is_being_signed_and_what_stopped(self, world: World) -> None:
        award = make_award(world)
        Award.objects.filter(pk=award.pk).update(state="reserved", issued_at=None)
        client = signed_in(world.registrar)
        address = f"/o/{world.organization.slug}/awards/{award.public_id}"
        assert "Being signed" in text_of(client.get(address))
        Reservation.objects.filter(origin_id=award.origin_id).update(state="quarantined")
        assert "Quarantined" in text_of(client.get(address))
        assert "Whoever runs this has to look" in text_of(client.get(address))

    def test_mails_a_fresh_link(self, world: World) -> None:
        award = make_award(world)
        before = claim_address(award)
        address = f"/o/{world.organization.slug}/awards/{award.public_id}/new-link"
        assert signed_in(world.author).post(address).status_code == 403
        assert signed_in(world.registrar).post(address).status_code == 303
        assert Client().get(before).status_code == 404

    def test_pages_do_not_ask_more_for_longer_lists(
        self, world: World, django_assert_max_num_queries: object
    ) -> None:
        for number in range(3):
            make_award(world, name=f"Learner {number}")
        client = signed_in(world.registrar)
        with django_assert_max_num_queries(25):  # type: ignore[operator]  # pytest-django's fixture
            assert client.get(f"/o/{world.organization.slug}/awards").status_code == 200


def test_visibility_set_back_closes_at_once(world: World) -> None:
    award = make_award(world, visibility="public")
    assert Client().get(f"/awards/{award.public_id}").status_code == 200
    learner = Actor.person(owner_of(award))
    visibility_set(award_id=award.public_id, visibility="private", actor=learner, at=now())
    assert Client().get(f"/awards/{award.public_id}.json").status_code == 404
