from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.conf import LazySettings

from insignia.awards.models import Award
from insignia.awards.selectors import award_json, award_jwt, award_png, award_public, award_svg
from insignia.awards.services import award_converge, award_revoke
from insignia.foundation.fetch import Fetcher
from insignia.vc.verify import Outcome, Verdict
from insignia.verification.errors import AddressSilent, AddressUnusable, NothingToVerify
from insignia.verification.selectors import address_judged, bytes_judged
from insignia.verification.summary import checks_worst_first, summary_of
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import AT

pytestmark = pytest.mark.django_db(transaction=True)


def nobody(host: str, port: int) -> Sequence[str]:
    raise AssertionError(f"our own badge was asked for at {host}:{port}")


def offline() -> Fetcher:
    """A fetcher that fails the test when it is used."""
    return Fetcher(resolve=nobody)


@pytest.fixture
def world(settings: LazySettings) -> World:
    settings.INSIGNIA_WAKE = "worker"  # jobs run when a test says so, at the test's own time
    return make_world()


def forms_of(award: Award) -> dict[str, bytes]:
    view = award_public(award_id=award.public_id, viewer=award.learner, on=AT)
    return {
        "json": award_json(view),
        "jwt": award_jwt(view).encode(),
        "png": award_png(view),
        "svg": award_svg(view),
    }


def one_award(world: World) -> Award:
    make_decision(world)
    award_converge(AT)
    return Award.objects.select_related("learner", "organization").get()


class TestOwnBadge:
    def test_is_valid_in_every_form_without_asking_the_network(self, world: World) -> None:
        forms = forms_of(one_award(world))
        for form, raw in forms.items():
            report = bytes_judged(raw=raw, at=AT, fetcher=offline())
            assert report.verdict is Verdict.VALID, (
                form,
                [c for c in report.checks if c.outcome is Outcome.FAILED],
            )
            assert summary_of(report, at=AT).standing == "valid"

    def test_is_revoked_for_everybody_as_soon_as_it_is_revoked(self, world: World) -> None:
        award = one_award(world)
        forms = forms_of(award)
        later = AT + timedelta(minutes=1)
        award_revoke(award_id=award.public_id, reason="Issued in error.", actor=world.registrar_acts, at=later)
        for raw in forms.values():
            report = bytes_judged(raw=raw, at=later, fetcher=offline())
            assert report.verdict is Verdict.INVALID
            assert summary_of(report, at=later).standing == "revoked"
            assert report.check("signature").outcome is Outcome.PASSED

    def test_expires_on_its_day(self, world: World) -> None:
        raw = forms_of(one_award(world))["json"]
        report = bytes_judged(raw=raw, at=AT + timedelta(days=1200), fetcher=offline())
        assert report.verdict is Verdict.INVALID
        assert report.check("expiry").outcome is Outcome.FAILED

    def test_fails_by_its_signature_when_a_word_is_changed(self, world: World) -> None:
        raw = forms_of(one_award(world))["json"].replace(b"Scientific Communication", b"Scientific Communicatiom")
        report = bytes_judged(raw=raw, at=AT, fetcher=offline())
        assert report.verdict is Verdict.INVALID
        assert summary_of(report, at=AT).standing == "changed"
        assert checks_worst_first(report)[0].outcome is Outcome.FAILED


class TestInput:
    @pytest.mark.parametrize("raw", [b"", b"  \n "])
    def test_nothing_is_asked_for_again(self, raw: bytes) -> None:
        with pytest.raises(NothingToVerify):
            bytes_judged(raw=raw, at=AT, fetcher=offline())

    def test_what_is_no_badge_is_a_report_too(self) -> None:
        report = bytes_judged(raw=b"hello", at=AT, fetcher=offline())
        assert report.check("readable").outcome is Outcome.FAILED

    def test_our_own_address_is_answered_by_ourselves(self, world: World) -> None:
        raw = forms_of(one_award(world))["json"]
        url = "https://badges.example.org/awards/1"
        report = address_judged(url=url, at=AT, own_copy=lambda _url: raw, fetcher=offline())
        assert report.verdict is Verdict.VALID

    @pytest.mark.parametrize(
        "url",
        ["", "badge", "javascript:alert(1)", "file:///etc/passwd", "ftp://x.example/b", "https://", "x" * 999],
    )
    def test_an_address_that_is_none_says_so(self, url: str) -> None:
        with pytest.raises(AddressUnusable):
            address_judged(url=url, at=AT, own_copy=lambda _url: None, fetcher=offline())

    @pytest.mark.parametrize(
        "url", ["https://127.0.0.1/b", "http://x.example/b", "https://[::1]/b", "https://10.1/b"]
    )
    def test_an_address_inside_a_network_is_not_asked(self, url: str) -> None:
        with pytest.raises(AddressUnusable):
            address_judged(url=url, at=AT, own_copy=lambda _url: None, fetcher=Fetcher())

    def test_a_silent_address_says_so(self) -> None:
        unknown = Fetcher(resolve=lambda _host, _port: [])
        with pytest.raises(AddressSilent):
            address_judged(url="https://badge.example/b", at=AT, own_copy=lambda _url: None, fetcher=unknown)
