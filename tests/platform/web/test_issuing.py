"""Public identities, keys and lists; an organization's own settings."""

from __future__ import annotations

import time

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from insignia.accounts.models import Person
from insignia.issuing.models import Issuer, SigningKey
from insignia.issuing.selectors import lists_of
from insignia.vc.did import did_web_url, parse_controller_document
from tests.platform.awards.world import World
from tests.platform.factories import make_member, make_organization, make_person
from tests.platform.web.award_world import make_award, make_past_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"
    cache.clear()


@pytest.fixture
def world() -> World:
    return make_past_world()


def signed_in(person: Person, *, fresh: bool = True) -> Client:
    """Sign in; `fresh` is a proof of the person made just now, otherwise an hour ago."""
    client = Client()
    client.force_login(person)
    session = client.session
    at = time.time() - (0 if fresh else 3600)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "code", "at": at}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    return client


class TestPublic:
    """What anybody can fetch."""

    def test_list_and_page_show_who_issues(self, world: World) -> None:
        assert "Quillwater High" in Client().get("/issuers").content.decode()
        page = Client().get(f"/issuers/{world.issuer.public_id}").content.decode()
        assert f"did:web:badges.example.org:issuers:{world.issuer.public_id}" in page
        assert "Ed25519" in page
        assert Client().get("/issuers/01890000-0000-7000-8000-000000000000").status_code == 404

    def test_did_leads_to_its_document(self, world: World) -> None:
        url = did_web_url(f"did:web:badges.example.org:issuers:{world.issuer.public_id}")
        answer = Client().get(url.removeprefix("https://badges.example.org"))
        assert answer.status_code == 200
        document = parse_controller_document(answer.json())
        assert len(document.methods) == 2
        assert answer.headers["Access-Control-Allow-Origin"] == "*"

    @pytest.mark.parametrize(
        ("accept", "kind", "key"),
        [
            ("application/json", "application/json", "otherIdentifier"),
            ("application/ld+json", "application/ld+json", "otherIdentifier"),
            ("application/did+ld+json", "application/did+ld+json", "verificationMethod"),
        ],
    )
    def test_address_answers_profile_or_did_by_accept(
        self, world: World, accept: str, kind: str, key: str
    ) -> None:
        answer = Client().get(f"/issuers/{world.issuer.public_id}", headers={"accept": accept})
        assert answer.headers["Content-Type"] == kind
        assert "Accept" in answer.headers["Vary"]
        assert key in answer.json()

    @pytest.mark.parametrize("visitor", ["nobody", "signed in", "with an old session"])
    def test_documents_for_machines_are_the_same_whoever_asks(self, world: World, visitor: str) -> None:
        """A cache between us and verifiers keeps one copy of each, not one for each cookie."""
        client = signed_in(world.registrar) if visitor == "signed in" else Client()
        if visitor == "with an old session":  # the answer would take its cookie back
            client.cookies["sessionid"] = "0" * 32
        base, version = f"/issuers/{world.issuer.public_id}", world.version
        badge = f"/achievements/{version.achievement.public_id}/v{version.number}"
        kid = Client().get(f"{base}/jwks.json").json()["keys"][0]["kid"]
        for address, accept, varies in (
            *((f"/status/{row.public_id}", "*/*", "") for row in lists_of(world.issuer)),
            (f"{base}/did.json", "*/*", ""),
            (f"{base}/jwks.json", "*/*", ""),
            ("/.well-known/jwks.json", "*/*", ""),
            (kid.removeprefix("https://badges.example.org"), "*/*", ""),
            (base, "application/did+json", "Accept"),
            (base, "application/json", "Accept"),
            (badge, "application/json", "Accept"),
            (f"{badge}.json", "*/*", "Accept"),
        ):
            answer = client.get(address, headers={"accept": accept})
            assert answer.status_code == 200, address
            assert answer.headers["Cache-Control"] == "public, max-age=300", address
            assert answer.headers.get("Vary", "") == varies, address
            assert not answer.cookies, address
            assert answer.content == Client().get(address, headers={"accept": accept}).content
        page = client.get(base, headers={"accept": "text/html"})
        assert {"Accept", "Cookie"} <= {part.strip() for part in page.headers["Vary"].split(",")}
        assert "public" not in page.headers.get("Cache-Control", "")

    def test_every_kid_answers_one_public_key(self, world: World) -> None:
        base = f"/issuers/{world.issuer.public_id}"
        keys = Client().get(f"{base}/jwks.json").json()["keys"]
        assert len(keys) == 2
        for key in keys:
            answer = Client().get(key["kid"].removeprefix("https://badges.example.org"))
            assert answer.json() == key
            assert "d" not in key
        assert Client().get("/.well-known/jwks.json").json()["keys"] == keys
        other = f"/issuers/01890000-0000-7000-8000-000000000000/keys/{keys[0]['kid'].rpartition('/')[2]}"
        assert Client().get(other).status_code == 404

    def test_status_lists_are_public_kept_a_while_and_answer_304(self, world: World) -> None:
        make_award(world)
        for row in lists_of(world.issuer):
            answer = Client().get(f"/status/{row.public_id}")
            assert answer.status_code == 200
            assert answer.headers["Content-Type"] == "application/vc+ld+json"
            assert answer.headers["Cache-Control"] == "public, max-age=300"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert answer.json()["credentialSubject"]["statusPurpose"] == row.purpose
            again = Client().get(f"/status/{row.public_id}", headers={"if-none-match": answer.headers["ETag"]})
            assert (again.status_code, again.content) == (304, b"")
        assert Client().get("/status/01890000-0000-7000-8000-000000000000").status_code == 404


class TestSettings:
    """Can we sign, and with what?"""

    def test_first_key_is_made_by_an_owner(self) -> None:
        school = make_organization()
        owner, registrar = make_member(school, "owner"), make_member(school, "registrar")
        address = f"/o/{school.slug}/issuer"
        page = signed_in(registrar).get(address).content.decode()
        assert "Nothing can be signed yet. Create a key." in page
        assert '<form method="post" action="/o/' not in page
        assert signed_in(registrar).post(f"{address}/first-key").status_code == 403
        assert not Issuer.objects.exists()
        client = signed_in(owner)
        assert client.post(f"{address}/first-key").status_code == 303
        assert "We can sign" in client.get(address).content.decode()
        assert "already" in client.post(f"{address}/first-key", follow=True).content.decode()
        assert SigningKey.objects.count() == 2

    def test_are_for_registrars_and_owners_of_this_school(self, world: World) -> None:
        address = f"/o/{world.organization.slug}/issuer"
        wanted = [
            (world.registrar, 200),
            (world.author, 403),
            (make_person("Noor"), 404),
            (make_member(make_organization(), "owner"), 404),
        ]
        for person, status in wanted:
            assert signed_in(person).get(address).status_code == status
            assert signed_in(person).get(f"{address}/rotate").status_code in {403, 404}
        assert Client().get(address).status_code == 302
        assert signed_in(world.registrar).post(address, {"url": ""}).status_code == 403

    def test_rotation_asks_who_is_there_first(self, world: World) -> None:
        owner = make_member(world.organization, "owner")
        address = f"/o/{world.organization.slug}/issuer/rotate"
        stale = signed_in(owner, fresh=False)
        for answer in (stale.get(address), stale.post(address, {"why": "habit"})):
            assert answer.status_code == 403
            assert "Show again that it is you" in answer.content.decode()
        assert SigningKey.objects.count() == 2
        again = stale.post("/sign-out", {"next": f"/sign-in?next={address}"})
        assert again.headers["Location"] == f"/sign-in?next={address}"

    def test_rotation_asks_for_the_passkey_of_who_has_one(self, world: World) -> None:
        owner = make_member(world.organization, "owner")
        Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "Key"})
        answer = signed_in(owner, fresh=False).get(f"/o/{world.organization.slug}/issuer/rotate")
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/confirm/passkey?next=")

    @pytest.mark.parametrize(("why", "words"), [("habit", "Badges it signed until"), ("leak", "Withdrawn")])
    def test_rotation_keeps_old_keys_published(self, world: World, why: str, words: str) -> None:
        client = signed_in(make_member(world.organization, "owner"))
        address = f"/o/{world.organization.slug}/issuer"
        assert client.get(f"{address}/rotate").status_code == 200
        assert client.post(f"{address}/rotate", {"why": "whim"}).status_code == 422
        assert client.post(f"{address}/rotate", {"why": why}).status_code == 303
        assert words in client.get(address).content.decode()
        document = Client().get(f"/issuers/{world.issuer.public_id}/did.json").json()
        assert len(document["verificationMethod"]) == 4
        assert sum("revoked" in method for method in document["verificationMethod"]) == (2 if why == "leak" else 0)

    def test_old_keys_can_be_withdrawn_later(self, world: World) -> None:
        client = signed_in(make_member(world.organization, "owner"))
        address = f"/o/{world.organization.slug}/issuer"
        client.post(f"{address}/rotate", {"why": "habit"})
        old = SigningKey.objects.filter(retired_at__isnull=False)[0]
        withdraw = f"{address}/keys/{old.public_id}/withdraw"
        assert withdraw in client.get(address).content.decode()
        assert withdraw not in signed_in(world.registrar).get(address).content.decode()
        assert withdraw not in Client().get(f"/issuers/{world.issuer.public_id}").content.decode()
        assert "No current badge is signed with them." in client.get(withdraw).content.decode()
        assert signed_in(world.registrar).post(withdraw).status_code == 403
        assert client.post(withdraw).headers["Location"] == address
        assert SigningKey.objects.filter(compromised_at__isnull=False).count() == 2
        assert "withdrawn already" in client.get(withdraw).content.decode()
        active = SigningKey.objects.filter(retired_at__isnull=True)[0]
        refused = client.post(f"{address}/keys/{active.public_id}/withdraw")
        assert refused.status_code == 409
        assert "This key signs now" in refused.content.decode()

    def test_profile_is_changed_and_typed_text_survives(self, world: World) -> None:
        client = signed_in(make_member(world.organization, "owner"))
        address = f"/o/{world.organization.slug}/issuer"
        wrong = client.post(address, {"url": "not a site", "email": "office@quillwater.example", "image": ""})
        assert wrong.status_code == 422
        assert "office@quillwater.example" in wrong.content.decode()
        data = {"url": "https://quillwater.example/", "email": "office@quillwater.example", "image": ""}
        assert client.post(address, data).status_code == 303
        profile = Client().get(f"/issuers/{world.issuer.public_id}", headers={"accept": "application/json"}).json()
        assert profile["url"] == "https://quillwater.example/"
