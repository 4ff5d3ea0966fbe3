"""Identities and keys: made once, rotated, published for ever, private halves only in envelopes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from insignia.audit.actor import Actor
from insignia.audit.models import AuditEntry
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.foundation.sealing import SealBroken, unseal_private_key
from insignia.issuing.errors import IssuerExists, IssuerMissing, IssuerNotFound, KeyActive, OriginUnusable
from insignia.issuing.models import Issuer, SigningKey, StatusList
from insignia.issuing.selectors import (
    did_document,
    issuer_of,
    jwks,
    key_active,
    key_jwk,
    keys_of,
    own_document,
    profile_json,
)
from insignia.issuing.services import issuer_create, issuer_update, key_rotate, keys_withdraw, lists_republish
from insignia.organizations.models import Organization
from insignia.vc.did import parse_controller_document
from insignia.vc.keys import Algorithm, LocalSigner, PublicKey
from tests.platform.factories import AT, SETUP, make_member, make_organization

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=400)
AFTER = LATER + timedelta(days=30)


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def issuer(organization: Organization) -> Issuer:
    return issuer_create(organization=organization, actor=SETUP, at=AT, origin="https://badges.example.org")


class TestIssuerCreate:
    def test_makes_both_keys_and_fixes_the_origin(self, organization: Organization, issuer: Issuer) -> None:
        assert sorted(key.algorithm for key in keys_of(issuer)) == ["Ed25519", "P-256"]
        organization.refresh_from_db()
        assert organization.origin == issuer.origin == "https://badges.example.org"
        assert issuer_of(organization) == issuer

    def test_happens_once(self, organization: Organization, issuer: Issuer) -> None:
        with pytest.raises(IssuerExists):
            issuer_create(organization=organization, actor=SETUP, at=LATER)
        assert Issuer.objects.count() == 1

    @pytest.mark.parametrize(
        "origin",
        ["badges.example.org", "https://badges.example.org/", "ftp://x", "https://a@b", "https://a/b", "https://"],
    )
    def test_refuses_an_origin_that_would_be_wrong_for_ever(self, organization: Organization, origin: str) -> None:
        with pytest.raises(OriginUnusable):
            issuer_create(organization=organization, actor=SETUP, at=AT, origin=origin)

    def test_is_for_owners(self, organization: Organization) -> None:
        for person, refusal in (
            (make_member(organization, "registrar"), NotAllowed),
            (make_member(make_organization(), "owner"), NotFound),
        ):
            with pytest.raises(refusal):
                issuer_create(organization=organization, actor=Actor.person(person), at=AT)
        owner = make_member(organization, "owner")
        assert issuer_create(organization=organization, actor=Actor.person(owner), at=AT).pk

    def test_without_it_nothing_can_be_signed(self, organization: Organization) -> None:
        with pytest.raises(IssuerMissing):
            issuer_of(organization)


class TestPrivateKey:
    def test_lies_in_an_envelope_bound_to_its_name(self, issuer: Issuer) -> None:
        one, other = keys_of(issuer)
        private = unseal_private_key(bytes(one.sealed_private), name=str(one.public_id))
        signer = LocalSigner.from_private_bytes(Algorithm(one.algorithm), private)
        assert signer.public == PublicKey.from_multibase(one.public_multibase)
        assert private not in bytes(one.sealed_private)
        with pytest.raises(SealBroken):
            unseal_private_key(bytes(one.sealed_private), name=str(other.public_id))


class TestKeyRotation:
    def test_keeps_every_old_public_key_published(self, issuer: Issuer) -> None:
        old = {key.public_multibase for key in keys_of(issuer)}
        new = {key.public_multibase for key in key_rotate(issuer=issuer, actor=SETUP, at=LATER)}
        document = parse_controller_document(did_document(issuer))
        published = {method.key.multibase for method in document.methods}
        assert published == old | new
        assert len(old | new) == 4
        assert all("assertionMethod" in method.purposes for method in document.methods)
        assert len(jwks(issuer)["keys"]) == 4  # type: ignore[arg-type]  # JSON

    def test_leaves_one_active_key_of_each_kind(self, issuer: Issuer) -> None:
        for days in range(3):
            key_rotate(issuer=issuer, actor=SETUP, at=LATER + timedelta(days=days))
        active = SigningKey.objects.filter(issuer=issuer, retired_at__isnull=True)
        assert sorted(active.values_list("algorithm", flat=True)) == ["Ed25519", "P-256"]
        assert SigningKey.objects.count() == 8

    def test_after_a_theft_marks_the_stolen_keys_revoked(self, issuer: Issuer) -> None:
        key_rotate(issuer=issuer, actor=SETUP, at=LATER, compromised=True)
        methods: Any = did_document(issuer)["verificationMethod"]
        assert [("revoked" in method) for method in methods] == [True, True, False, False]

    def test_is_for_owners(self, organization: Organization, issuer: Issuer) -> None:
        registrar = Actor.person(make_member(organization, "registrar"))
        with pytest.raises(NotAllowed):
            key_rotate(issuer=issuer, actor=registrar, at=LATER)
        assert SigningKey.objects.count() == 2


class TestWithdrawal:
    """Keys that were retired as a habit, and later may be in other hands."""

    def test_marks_those_retired_together_revoked_and_no_others(self, issuer: Issuer) -> None:
        first = keys_of(issuer)
        key_rotate(issuer=issuer, actor=SETUP, at=LATER)
        key_rotate(issuer=issuer, actor=SETUP, at=LATER + timedelta(days=1))
        withdrawn = keys_withdraw(issuer=issuer, key_id=first[1].public_id, actor=SETUP, at=AFTER)
        assert set(withdrawn) == set(first)
        methods: Any = did_document(issuer)["verificationMethod"]
        assert [method.get("revoked") for method in methods] == [AFTER.isoformat().replace("+00:00", "Z")] * 2 + [
            None
        ] * 4

    def test_twice_is_once(self, issuer: Issuer) -> None:
        first, *_others = keys_of(issuer)
        key_rotate(issuer=issuer, actor=SETUP, at=LATER)
        keys_withdraw(issuer=issuer, key_id=first.public_id, actor=SETUP, at=AFTER)
        assert (
            keys_withdraw(issuer=issuer, key_id=first.public_id, actor=SETUP, at=AFTER + timedelta(days=1)) == ()
        )
        first.refresh_from_db()
        assert first.compromised_at == AFTER
        assert AuditEntry.objects.filter(action="issuer.keys-withdrawn").count() == 1

    def test_signs_the_lists_with_a_key_that_still_counts(self, issuer: Issuer) -> None:
        first, *_others = keys_of(issuer)
        lists_republish(LATER)
        key_rotate(issuer=issuer, actor=SETUP, at=LATER)
        assert signers_of_lists(issuer) == {first.public_id.hex}
        keys_withdraw(issuer=issuer, key_id=first.public_id, actor=SETUP, at=AFTER)
        lists_republish(AFTER)
        assert signers_of_lists(issuer) == {key_active(issuer, "Ed25519").public_id.hex}

    def test_leaves_the_key_that_signs_now(self, issuer: Issuer) -> None:
        with pytest.raises(KeyActive):
            keys_withdraw(issuer=issuer, key_id=keys_of(issuer)[0].public_id, actor=SETUP, at=LATER)
        assert not SigningKey.objects.filter(compromised_at__isnull=False).exists()

    def test_knows_only_the_issuers_own(self, issuer: Issuer) -> None:
        other = issuer_create(organization=make_organization(), actor=SETUP, at=AT, origin=issuer.origin)
        key_rotate(issuer=other, actor=SETUP, at=LATER)
        with pytest.raises(IssuerNotFound):
            keys_withdraw(issuer=issuer, key_id=keys_of(other)[0].public_id, actor=SETUP, at=LATER)

    def test_is_for_owners(self, organization: Organization, issuer: Issuer) -> None:
        key_rotate(issuer=issuer, actor=SETUP, at=LATER)
        registrar = Actor.person(make_member(organization, "registrar"))
        with pytest.raises(NotAllowed):
            keys_withdraw(issuer=issuer, key_id=keys_of(issuer)[0].public_id, actor=registrar, at=LATER)


def signers_of_lists(issuer: Issuer) -> set[str]:
    """Give the ids of the keys that signed what everybody gets as the issuer's lists."""
    rows = StatusList.objects.filter(status_set__issuer=issuer)
    methods = (json.loads(bytes(row.document))["proof"]["verificationMethod"] for row in rows)
    return {UUID(method.rpartition("#")[2]).hex for method in methods}


class TestPublished:
    def test_did_document_names_profile_and_keys(self, issuer: Issuer) -> None:
        document: Any = did_document(issuer)
        assert document["id"] == f"did:web:badges.example.org:issuers:{issuer.public_id}"
        assert document["alsoKnownAs"] == [f"https://badges.example.org/issuers/{issuer.public_id}"]
        kinds = [method["type"] for method in document["verificationMethod"]]
        assert kinds == ["Multikey", "JsonWebKey"]
        assert document["assertionMethod"] == [method["id"] for method in document["verificationMethod"]]

    def test_nothing_private_is_published(self, issuer: Issuer) -> None:
        text = json.dumps([did_document(issuer), jwks(issuer), profile_json(issuer)])
        assert '"d"' not in text
        assert "sealed" not in text

    def test_kid_address_answers_one_key_of_this_issuer(self, issuer: Issuer) -> None:
        key = SigningKey.objects.get(algorithm="P-256")
        jwk = key_jwk(issuer_id=issuer.public_id, key_id=key.public_id)
        assert jwk["kid"] == f"https://badges.example.org/issuers/{issuer.public_id}/keys/{key.public_id}"
        other = issuer_create(organization=make_organization(), actor=SETUP, at=AT)
        with pytest.raises(IssuerNotFound):
            key_jwk(issuer_id=other.public_id, key_id=key.public_id)

    def test_profile_follows_what_owners_write(self, issuer: Issuer) -> None:
        issuer_update(
            issuer=issuer,
            actor=SETUP,
            at=LATER,
            url="https://school.example",
            email="hello@school.example",
            image="",
        )
        profile = profile_json(Issuer.objects.get())
        assert (profile["url"], profile["email"]) == ("https://school.example", "hello@school.example")
        assert "image" not in profile

    def test_our_own_addresses_are_answered_from_the_database(self, issuer: Issuer) -> None:
        document: Any = did_document(issuer)
        assert own_document(document["id"]) == document
        for foreign in ("did:web:elsewhere.example", "https://elsewhere.example/status/1", "", "/status/x"):
            assert own_document(foreign) is None
