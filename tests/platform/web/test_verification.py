"""The checker: our badges and anybody's, what is no badge, what is too large, where it does not go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import LazySettings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openbadgeslib.ob3 import OB3LdpSigner
from openbadgeslib.ob3.credential import Achievement, Issuer, OpenBadgeCredential

from insignia.audit.actor import Actor
from insignia.awards.models import Award, AwardChange
from insignia.awards.selectors import award_json, award_jwt, award_png, award_public, award_svg
from insignia.awards.services import award_reinstate, share_create
from insignia.foundation.fetch import Fetcher
from insignia.organizations.models import Organization
from insignia.vc import errors as vc_errors
from insignia.vc import verify as package
from insignia.vc.keys import Algorithm, PublicKey
from insignia.vc.verify import CHECK_IDS, CheckResult, Outcome
from insignia.web.verification import limits, words
from insignia.web.verification.forms import FILE_BYTES
from tests.platform.awards.world import World
from tests.platform.factories import owner_of
from tests.platform.web.award_world import Answer, make_award, make_past_world, make_revoked, make_suspended, now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start with unused limits, and fail when anything leaves for the network."""
    settings.INSIGNIA_WAKE = "worker"
    cache.clear()

    def nobody(host: str, port: int) -> list[str]:
        with suppress(ValueError):
            return [str(ip_address(host))]
        raise AssertionError(f"asked for {host}:{port}")

    monkeypatch.setattr("insignia.foundation.fetch.system_addresses", nobody)
    yield
    cache.clear()


@pytest.fixture
def world() -> World:
    return make_past_world()


def forms_of(award: Award) -> dict[str, bytes]:
    view = award_public(award_id=award.public_id, viewer=award.learner, on=now())
    return {
        "badge.json": award_json(view),
        "badge.jwt": award_jwt(view).encode(),
        "badge.png": award_png(view),
        "badge.svg": award_svg(view),
    }


def verdict_of(answer: Answer) -> str:
    """Give the text of the line, its word first."""
    found = re.search(r'<div class="validity[^>]*>.*?<p>(.*?)</p>', answer.content.decode(), re.DOTALL)
    assert found, answer.content.decode()
    return re.sub(r"<[^>]+>", "", found[1]).strip()


def post(data: dict[str, object], *, language: str = "en", client: Client | None = None) -> Answer:
    client = client or Client()
    client.cookies["language"] = language
    return client.post("/verify", data)


def foreign() -> bytes:
    """Sign a badge with an independent implementation and a key nobody here knows."""
    key = Ed25519PrivateKey.generate()
    did = f"did:key:{PublicKey(Algorithm.ED25519, key.public_key()).multibase}"
    badge = OpenBadgeCredential(
        issuer=Issuer(id=did, name="Escuela Ñandú", url="https://school.example/"),
        recipient_id="urn:uuid:5d8f6c5e-58a7-4c0b-9f0e-b8f1f6f7a001",
        achievement=Achievement(
            id="https://school.example/achievements/1",
            name="Data visualization <b>",
            description="Draws what numbers say.",
            criteria_narrative="Three charts.",
        ),
        issuance_date=datetime(2024, 5, 14, 9, tzinfo=UTC),
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return json.dumps(OB3LdpSigner(pem).sign(badge)).encode()


class TestOurBadge:
    """A file of ours, from whoever holds it."""

    @pytest.mark.parametrize("name", ["badge.json", "badge.jwt", "badge.png", "badge.svg"])
    def test_is_valid_in_every_form(self, world: World, name: str) -> None:
        raw = forms_of(make_award(world))[name]
        answer = post({"file": SimpleUploadedFile(name, raw)})
        assert answer.status_code == 200
        assert verdict_of(answer).startswith("Valid.")
        page = answer.content.decode()
        assert "Itzel Marroquín Ñ" in page
        assert "What no check can know" in page

    def test_is_valid_as_pasted_text_in_either_field(self, world: World) -> None:
        forms = forms_of(make_award(world))
        for field in ("text", "url"):
            assert verdict_of(post({field: forms["badge.jwt"].decode()})).startswith("Valid.")
            assert verdict_of(post({field: forms["badge.json"].decode()})).startswith("Valid.")

    def test_says_a_pause_that_its_file_cannot_know(self, world: World) -> None:
        award = make_suspended(world)
        raw = forms_of(award)["badge.json"]
        answer = post({"text": raw.decode()})
        assert verdict_of(answer).startswith("Paused by the issuer on ")
        assert "A question is being looked into" in answer.content.decode()
        award_reinstate(award_id=award.public_id, reason="Settled", actor=world.registrar_acts, at=now())
        assert verdict_of(post({"text": raw.decode()})).startswith("Valid.")

    def test_says_the_day_as_the_school_counts_it(self, world: World) -> None:
        award = make_suspended(world)
        Organization.objects.update(time_zone="America/Denver")
        AwardChange.objects.filter(award=award).update(at=datetime(2026, 5, 2, 3, 0, tzinfo=UTC))
        answer = post({"text": forms_of(award)["badge.json"].decode()})
        assert verdict_of(answer).startswith("Paused by the issuer on 1 May 2026")
        assert "2 May 2026" not in answer.content.decode()

    def test_says_date_and_reason_of_a_revocation(self, world: World) -> None:
        raw = forms_of(make_revoked(world))["badge.png"]
        line = verdict_of(post({"file": SimpleUploadedFile("badge.png", raw)}))
        assert re.fullmatch(r"Revoked on \d+ \w+ \d{4}: Issued in error\. It no longer counts\.", line)

    def test_tampered_is_invalid_and_its_words_are_marked(self, world: World) -> None:
        raw = forms_of(make_revoked(world))["badge.json"].replace(b"Itzel", b"Ritzel")
        answer = post({"text": raw.decode()})
        assert verdict_of(answer) == (
            "Invalid. Changed after signing, or signed by somebody else. Do not rely on it; ask for a fresh copy."
        )
        page = answer.content.decode()
        assert "Not verified" in page
        assert "Issued in error" not in page
        assert page.index(">Signature<") < page.index(">Can be read<")

    def test_speaks_spanish(self, world: World) -> None:
        raw = forms_of(make_award(world))["badge.json"]
        assert verdict_of(post({"text": raw.decode()}, language="es")).startswith("Válida.")
        page = post({"text": raw.decode().replace("Itzel", "X")}, language="es").content.decode()
        assert "No te fíes de ella; pide una copia nueva." in page


class TestOurAddress:
    """An address of this installation, answered from the database, as the visitor may see it."""

    def test_is_checked_without_a_request(self, world: World) -> None:
        award = make_award(world, visibility="public")
        base = f"https://badges.example.org/awards/{award.public_id}"
        for suffix in ("", ".json", ".jwt", ".png", ".svg", "/documents/1", "/checks"):
            assert verdict_of(post({"url": f" {base}{suffix} "})).startswith("Valid."), suffix
        here = f"http://testserver/awards/{award.public_id}"
        assert verdict_of(post({"url": here})).startswith("Valid.")

    def test_of_a_private_award_is_404_but_for_its_owner(self, world: World) -> None:
        award = make_award(world)
        url = f"https://badges.example.org/awards/{award.public_id}"
        answer = post({"url": url})
        assert answer.status_code == 404
        assert url in answer.content.decode()
        owner = Client()
        owner.force_login(owner_of(award))
        assert verdict_of(post({"url": url}, client=owner)).startswith("Valid.")

    def test_of_a_share_opens_as_the_share_does(self, world: World) -> None:
        award = make_award(world)
        path = share_create(award_id=award.public_id, actor=Actor.person(owner_of(award)), at=now()).path
        assert verdict_of(post({"url": f"http://testserver{path}"})).startswith("Valid.")
        assert post({"url": f"http://testserver/s/{'x' * 43}"}).status_code == 404

    @pytest.mark.parametrize("path", ["/", "/issuers", "/verify", "/nothing/at/all"])
    def test_without_a_badge_says_so(self, world: World, path: str) -> None:
        assert post({"url": f"https://badges.example.org{path}"}).status_code == 422


class TestForeignBadge:
    """A badge that another program signed."""

    def test_is_valid_and_escaped(self) -> None:
        answer = post({"file": SimpleUploadedFile("b.json", foreign())})
        assert verdict_of(answer).startswith("Valid.")
        page = answer.content.decode()
        assert "Escuela Ñandú" in page
        assert "Data visualization &lt;b&gt;" in page

    def test_that_names_our_award_gets_no_state_of_ours(self, world: World) -> None:
        revoked = make_revoked(world)
        other = json.loads(foreign())
        other["id"] = f"https://badges.example.org/awards/{revoked.public_id}"
        assert "Issued in error" not in post({"text": json.dumps(other)}).content.decode()


class TestNoBadge:
    """What people hand in by mistake, or on purpose."""

    @pytest.mark.parametrize(
        ("raw", "words_"),
        [
            (b"hello", "There is no badge in this."),
            (b"{", "This is not a whole file"),
            (b'{"a":1,"a":2}', "It says one thing twice"),
            (b"\xff\xd8\xff\xe0 picture", "cannot carry a badge"),
            (b"%PDF-1.7", "cannot carry a badge"),
            (b'{"@context":["https://www.w3.org/2018/credentials/v1"]}', "older standard"),
        ],
    )
    def test_is_a_result_in_words(self, raw: bytes, words_: str) -> None:
        answer = post({"file": SimpleUploadedFile("x", raw)})
        assert answer.status_code == 200
        assert words_ in verdict_of(answer)

    @pytest.mark.parametrize(
        "changes",
        [
            {"validFrom": "0001-01-01T00:00:00+14:00"},
            {"validUntil": "9999-12-31T23:59:59-14:00"},
            {"validUntil": "9999-12-31T23:59:59Z"},
        ],
    )
    def test_with_days_that_are_none_is_a_result_too(self, changes: dict[str, object]) -> None:
        answer = post({"text": json.dumps({**json.loads(foreign()), **changes})})
        assert answer.status_code == 200
        assert not verdict_of(answer).startswith("Valid.")

    @pytest.mark.parametrize("name", ["https://[/x#k", "https://\u2100/x#k"])
    def test_by_a_key_at_no_address_is_a_result_too(self, name: str) -> None:
        badge = json.loads(foreign())
        badge["proof"]["verificationMethod"] = name
        answer = post({"text": json.dumps(badge)})
        assert answer.status_code == 200
        assert not verdict_of(answer).startswith("Valid.")

    @pytest.mark.parametrize("data", [{}, {"url": "  "}, {"text": "\n"}])
    def test_nothing_is_asked_for_again(self, data: dict[str, object]) -> None:
        answer = post(data)
        assert answer.status_code == 422
        assert "Choose a file, or paste an address or a text." in answer.content.decode()
        assert "<title>Error: " in answer.content.decode()

    def test_an_empty_file_is_asked_for_again(self) -> None:
        assert post({"file": SimpleUploadedFile("x.png", b"")}).status_code == 422

    def test_21_mib_are_refused_with_their_size(self) -> None:
        answer = post({"file": SimpleUploadedFile("big.png", b"\x89PNG" + b"\0" * (FILE_BYTES + 2**20 - 4))})
        assert answer.status_code == 413
        assert "This file has 21 MiB; 20 are the limit." in answer.content.decode()

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/b",
            "https://[::1]/b",
            "https://10.0.0.7/b",
            "https://169.254.169.254/latest/meta-data",
            "http://badge.example/b",
            "https://badge.example:8443/b",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "school badge",
            "https://[",
            "https://[::1",
            "http://\u2100/",
        ],
    )
    def test_addresses_inside_or_strange_are_not_asked(self, url: str) -> None:
        answer = post({"url": url})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "This is no public address of a badge." in page
        assert url in page

    def test_a_silent_address_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("insignia.foundation.fetch.system_addresses", lambda _host, _port: [])
        answer = post({"url": "https://badge.example/b"})
        assert answer.status_code == 422
        assert "The address did not answer with a badge." in answer.content.decode()

    def test_an_answer_from_outside_is_judged(self, monkeypatch: pytest.MonkeyPatch) -> None:
        raw = foreign()
        monkeypatch.setattr(Fetcher, "fetch", lambda _self, _url, _accept: raw)
        assert verdict_of(post({"url": "https://badge.example/b"})).startswith("Valid.")


class TestLimits:
    """Nobody has everything checked at once."""

    def test_one_machine_waits_after_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "PER_MINUTE", 3)
        codes = [post({"text": "hello"}).status_code for _time in range(5)]
        assert codes[:3] == [200, 200, 200]
        assert 429 in codes[3:]

    def test_pages_are_free_and_need_a_token(self) -> None:
        assert Client().get("/verify").status_code == 200
        assert Client(enforce_csrf_checks=True).post("/verify", {"text": "x"}).status_code == 403


def kernel_codes() -> list[str]:
    """List every code an error of the kernel can carry into a check."""
    found = [kind for kind in vars(vc_errors).values() if isinstance(kind, type)]
    never = {"vc-error", "limit-exceeded", "malformed", "unsupported", "lint-refused", "signed-bytes-mismatch"}
    never |= {"shape-uncompilable"}  # such documents take the general path, unsaid
    return sorted({kind.code for kind in found if issubclass(kind, vc_errors.VcError)} - never - {"text-too-long"})


class TestWords:
    """The words cover everything the verifier can say."""

    @pytest.mark.parametrize("check_id", CHECK_IDS)
    def test_name_every_check(self, check_id: str) -> None:
        assert check_id in words.NAMES
        skippable = {"evidence", "image", "endorsements"}
        assert check_id in words.PASSED or check_id in skippable

    @pytest.mark.parametrize("code", kernel_codes())
    def test_explain_every_error_of_the_kernel(self, code: str) -> None:
        assert code in words.CODES

    def test_explain_every_code_written_in_a_check(self) -> None:
        source = "\n".join(path.read_text() for path in Path(str(package.__file__)).parent.rglob("*.py"))
        written = set(re.findall(r'(?:failed|undetermined)\(\s*"([a-z0-9.-]+)"', source))
        assert written
        assert written <= set(words.CODES)

    def test_an_unknown_code_falls_back_to_the_outcome(self) -> None:
        check = CheckResult("new-check", Outcome.UNDETERMINED, "m", "s", {"code": "new-code"})
        said = words.check_words(check)
        assert (said.name, said.sentence) == ("new-check", "This could not be told.")

    def test_days_are_written_out(self) -> None:
        check = CheckResult(
            "expiry", Outcome.FAILED, "m", "s", {"code": "expired", "moment": "2029-05-14T05:59:59+00:00"}
        )
        assert words.check_words(check).sentence == "Expired on 14 May 2029. It was in force until then."
