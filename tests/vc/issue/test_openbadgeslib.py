"""Against an independent implementation, both ways and in both forms: it verifies ours, we verify its."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from openbadgeslib.ob3 import OB3LdpSigner, OB3LdpVerifier, OB3Signer, OB3Verifier
from openbadgeslib.ob3.credential import Achievement, Evidence, IdentityObject, Issuer, OpenBadgeCredential
from openbadgeslib.ob3.verifier import OB3VerificationError

from insignia.vc.codec import serialize
from insignia.vc.did import ControllerDocument, KeyResolver, VerificationMethod
from insignia.vc.keys import Algorithm, LocalSigner, PublicKey
from insignia.vc.limits import parse_object
from insignia.vc.verify import NoStatusLists, Outcome, Sources, Verdict, verify, verify_jwt
from tests.vc.credentials import AT, LOADER, World, badge, without

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
SIGNING_KEYS: dict[str, Callable[[], PrivateKey]] = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
KINDS = {"RS256": Algorithm.RSA, "ES256": Algorithm.P256, "EdDSA": Algorithm.ED25519}


def public_pem(signer: LocalSigner) -> bytes:
    return signer.public.raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def theirs(issuer: str) -> OpenBadgeCredential:
    """Write a badge with the other library's own classes, non-ASCII names included."""
    return OpenBadgeCredential(
        issuer=Issuer(id=issuer, name="Escuela Ñandú", url="https://school.example/"),
        recipient_id="urn:uuid:5d8f6c5e-58a7-4c0b-9f0e-b8f1f6f7a001",
        achievement=Achievement(
            id="https://school.example/achievements/1",
            name="数据可视化",
            description="Draws what numbers say.",
            criteria_narrative="Three charts.",
            tags=["data"],
        ),
        issuance_date=datetime(2026, 5, 14, 9, tzinfo=UTC),
        evidence=[Evidence(id="https://school.example/e/1", name="Charts")],
        identifiers=[IdentityObject.create("itzel@school.example", salt="s4lt")],
    )


class Published:
    """A resolver that knows one issuer with one key."""

    def __init__(self, issuer: str, key: PublicKey) -> None:
        method = VerificationMethod(f"{issuer}#k", issuer, key, frozenset({"assertionMethod"}))
        self.document = ControllerDocument(issuer, (method,), {"id": issuer})

    def resolve(self, identifier: str) -> ControllerDocument:
        assert identifier == self.document.id
        return self.document


@pytest.fixture(scope="module")
def world() -> World:
    return World()


class TestItVerifiesOurs:
    # their verifier compares with the clock, so what it sees must have begun and not be over
    document = without(badge(), "validUntil") | {"validFrom": "2020-01-01T00:00:00Z"}

    def test_with_a_data_integrity_proof(self, world: World) -> None:
        signed = world.sign(self.document)
        found = OB3LdpVerifier(public_pem(world.ed25519)).verify(signed.json_bytes)
        assert found.id == self.document["id"]
        assert found.achievement.name == "Scientific communication"

    def test_as_token(self, world: World) -> None:
        signed = world.sign(self.document)
        found = OB3Verifier(public_pem(world.p256)).verify(signed.jwt)
        assert found.id == self.document["id"]
        assert found.recipient_id == "urn:uuid:0b0f9a52-0d2b-4f0a-9a54-0d0a5cf8bb10"

    def test_and_refuses_what_we_refuse(self, world: World) -> None:
        signed = world.sign(self.document)
        changed = serialize(parse_object(signed.json_bytes) | {"name": "Another"})
        with pytest.raises(OB3VerificationError):
            OB3LdpVerifier(public_pem(world.ed25519)).verify(changed)
        assert world.verify(changed).verdict is Verdict.INVALID
        with pytest.raises(OB3VerificationError):
            OB3Verifier(public_pem(World().p256)).verify(signed.jwt)


class TestWeVerifyIts:
    def test_with_a_data_integrity_proof(self) -> None:
        key = ed25519.Ed25519PrivateKey.generate()
        did = f"did:key:{PublicKey(Algorithm.ED25519, key.public_key()).multibase}"
        document = OB3LdpSigner(private_pem(key)).sign(theirs(did))
        sources = Sources(KeyResolver(), NoStatusLists(), LOADER)
        report = verify(serialize(document), at=AT, sources=sources)
        assert report.verdict is Verdict.VALID, report
        assert report.credential.issuer == "Escuela Ñandú"
        assert verify(serialize(document | {"name": "x"}), at=AT, sources=sources).verdict is Verdict.INVALID

    @pytest.mark.parametrize("name", SIGNING_KEYS)
    def test_as_token(self, name: str) -> None:
        key = SIGNING_KEYS[name]()
        issuer = "https://school.example/issuer"
        token = OB3Signer(private_pem(key), algorithm=name).sign(theirs(issuer))
        resolver = Published(issuer, PublicKey(KINDS[name], key.public_key()))
        report = verify_jwt(token, at=AT, sources=Sources(resolver, NoStatusLists(), LOADER))
        assert report.verdict is Verdict.VALID, report
        stranger = Published(issuer, LocalSigner.generate(KINDS[name]).public)
        report = verify_jwt(token, at=AT, sources=Sources(stranger, NoStatusLists(), LOADER))
        assert report.check("key").outcome is Outcome.FAILED

    def test_our_rules_accept_its_badge_but_for_the_proof(self) -> None:
        from insignia.vc.issue import lint

        assert lint(theirs("https://school.example/issuer").to_vc()) == ()
