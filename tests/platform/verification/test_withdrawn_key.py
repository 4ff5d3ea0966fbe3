"""A key that somebody else may hold: what the record knew before stays valid here, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from insignia.audit.services import audit_sequence
from insignia.awards import logged
from insignia.awards.models import Award
from insignia.awards.selectors import award_json, award_jwt, award_public
from insignia.awards.services import award_from_decision, award_reissue, award_revoke
from insignia.foundation.sealing import unseal_private_key
from insignia.issuing.models import Reservation, SigningKey
from insignia.issuing.services import key_rotate, keys_withdraw, lists_republish
from insignia.issuing.sources import context_loader
from insignia.vc.issue import prepare, sign
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.verify import Outcome, Verdict
from insignia.verification.selectors import bytes_judged
from tests.platform.awards.world import World, make_decision, make_world
from tests.platform.factories import AT, SETUP

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=3)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def award(world: World) -> Award:
    award = award_from_decision(decision_id=make_decision(world).public_id, at=AT)
    audit_sequence(AT)
    return award


def forms(award: Award) -> tuple[bytes, bytes]:
    view = award_public(award_id=award.public_id, viewer=award.learner, on=AT)
    return award_json(view), award_jwt(view).encode()


def withdraw(world: World) -> None:
    key_rotate(issuer=world.issuer, actor=SETUP, at=LATER, compromised=True)
    audit_sequence(LATER)
    lists_republish(LATER)


def forged(award: Award, change: Callable[[dict[str, object]], None]) -> bytes:
    """Sign something else with the stolen keys, as of a day before they were withdrawn."""
    document = json.loads(forms(award)[0])
    del document["proof"]
    change(document)
    reservation = Reservation.objects.select_related("ed25519_key", "p256_key", "issuer").get()
    prepared = prepare(
        document,
        verification_method=f"{document['issuer']['id']}#{reservation.ed25519_key.public_id}",
        jwt_kid=f"https://badges.example.org/issuers/{reservation.issuer.public_id}/keys/{reservation.p256_key.public_id}",
        created=AT,
        loader=context_loader(),
    )
    keys = {row.algorithm: stolen(row) for row in SigningKey.objects.filter(retired_at__isnull=False)}
    return sign(prepared, data_integrity=keys["Ed25519"], jwt=keys["P-256"]).json_bytes


def stolen(key: SigningKey) -> LocalSigner:
    private = unseal_private_key(bytes(key.sealed_private), name=str(key.public_id))
    return LocalSigner.from_private_bytes(Algorithm(key.algorithm), private)


class TestWithdrawnKey:
    @pytest.mark.parametrize("form", [0, 1])
    def test_leaves_what_the_record_knew_valid_here(self, world: World, award: Award, form: int) -> None:
        raw = forms(award)[form]
        withdraw(world)
        report = bytes_judged(raw=raw, at=LATER)
        assert report.verdict is Verdict.VALID, report.checks
        assert report.check("key").data["code"] == "key-logged"

    @pytest.mark.parametrize("name", ["validFrom", "awardedDate"])
    def test_makes_nothing_else_valid(self, world: World, award: Award, name: str) -> None:
        withdraw(world)
        report = bytes_judged(
            raw=forged(award, lambda document: document.update({name: "2020-01-01T00:00:00Z"})), at=LATER
        )
        assert report.check("signature").outcome is Outcome.PASSED
        assert (report.verdict, report.check("key").data["code"]) == (Verdict.INVALID, "key-revoked")

    def test_makes_no_badge_valid_that_the_record_never_saw(self, world: World, award: Award) -> None:
        withdraw(world)
        address = "https://badges.example.org/awards/01890000-0000-7000-8000-000000000000"
        report = bytes_judged(raw=forged(award, lambda document: document.update(id=address)), at=LATER)
        assert report.verdict is Verdict.INVALID

    def test_leaves_a_revoked_badge_revoked(self, world: World, award: Award) -> None:
        raw = forms(award)[0]
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=LATER)
        withdraw(world)
        report = bytes_judged(raw=raw, at=LATER)
        assert (report.verdict, report.check("key").outcome) == (Verdict.INVALID, Outcome.PASSED)

    def test_vouches_only_for_what_came_before_it_in_the_chain(
        self, world: World, award: Award, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        raw = forms(award)[0]
        withdraw(world)
        for number in (10_000, None):
            monkeypatch.setattr(logged, "intent_place", lambda _reservation, number=number: number)
            assert bytes_judged(raw=raw, at=LATER).verdict is Verdict.INVALID

    def test_withdrawn_long_after_it_was_retired_is_the_same(self, world: World, award: Award) -> None:
        raw, key_id = forms(award)[0], Reservation.objects.get().ed25519_key.public_id
        key_rotate(issuer=world.issuer, actor=SETUP, at=LATER)
        stolen_one = forged(award, lambda document: document.update(validFrom="2020-01-01T00:00:00Z"))
        assert bytes_judged(raw=stolen_one, at=LATER).check("key").outcome is Outcome.PASSED
        keys_withdraw(issuer=world.issuer, key_id=key_id, actor=SETUP, at=LATER)
        audit_sequence(LATER)
        lists_republish(LATER)
        assert bytes_judged(raw=raw, at=LATER).check("key").data["code"] == "key-logged"
        assert bytes_judged(raw=stolen_one, at=LATER).verdict is Verdict.INVALID

    def test_asks_for_nothing_once_the_badge_is_signed_again(self, world: World, award: Award) -> None:
        withdraw(world)
        award_reissue(award_id=award.public_id, actor=world.registrar_acts, at=LATER)
        report = bytes_judged(raw=forms(award)[0], at=LATER)
        assert (report.verdict, "code" in report.check("key").data) == (Verdict.VALID, False)
