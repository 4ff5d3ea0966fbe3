"""The credential that every implementation signs and verifies: 74 statements, 9.4 KB of canonical form.

A badge with rubric, result, evidence and status, as a school gives it to many; what differs from one to the next
is whose it is, its id, its dates and its place on the status list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from insignia.vc.canon.pointers import with_texts
from insignia.vc.codec import serialize
from insignia.vc.contexts import ContextLoader
from insignia.vc.did import SuppliedResolver
from insignia.vc.issue import SignedCredential, prepare, sign, sign_status_list
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.model.json import JsonObject
from insignia.vc.status import BitstringList, encode, status_list_credential
from insignia.vc.verify import Sources

AT = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
ISSUER = "did:web:badges.example:issuers:1"
METHOD, TOKEN_METHOD = f"{ISSUER}#ed25519", f"{ISSUER}#p256"
KID = "https://badges.example/issuers/1/keys/p256"
LIST_URL = "https://badges.example/status/1"
LIST_LENGTH = 131_072
SLOTS = (
    "/id",
    "/credentialSubject/id",
    "/credentialSubject/identifier/0/identityHash",
    "/validFrom",
    "/awardedDate",
    "/credentialStatus/id",
    "/credentialStatus/statusListIndex",
    "/evidence/0/id",
)
NAMES = (
    "Itzel Marroquín",
    "Noor Haddad",
    "Mai 木村",
    'Ana "Nan" O\'Neill',
    "Łukasz Żak",
    "Zoë Ñandú",
    "Jo Li",
    "Sáng",
)


def credential() -> JsonObject:
    """Read the unsigned badge."""
    document: JsonObject = json.loads((Path(__file__).parent / "credential.json").read_bytes())
    return document


def rows(count: int) -> list[tuple[str, ...]]:
    """Write what fills the slots of so many badges, no two alike."""
    return [_row(number) for number in range(count)]


def _row(number: int) -> tuple[str, ...]:
    award = f"https://badges.example/awards/{_uuid('award', number)}"
    index = str(number * 7919 % LIST_LENGTH)
    moment = (AT - timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        award,
        f"urn:uuid:{_uuid('person', number)}",
        f"{NAMES[number % len(NAMES)]} {number}",
        moment,
        moment,
        f"{LIST_URL}#{index}",
        index,
        f"{award}/evidence/1",
    )


def _uuid(kind: str, number: int) -> str:
    found = hashlib.sha256(f"{kind} {number}".encode()).hexdigest()
    return f"{found[:8]}-{found[8:12]}-7{found[13:16]}-8{found[17:20]}-{found[20:32]}"


@dataclass(frozen=True)
class Issuer:
    """One issuer with keys that are the same in every run, and what a verifier is given."""

    ed25519: LocalSigner
    p256: LocalSigner
    loader: ContextLoader

    @classmethod
    def fixed(cls) -> Issuer:
        """Make the issuer."""
        seeds = (hashlib.sha256(name).digest() for name in (b"benchmark ed25519", b"benchmark p256"))
        ed25519, p256 = (
            LocalSigner.from_private_bytes(algorithm, seed)
            for algorithm, seed in zip((Algorithm.ED25519, Algorithm.P256), seeds, strict=True)
        )
        return cls(ed25519, p256, ContextLoader())

    def did_document(self) -> JsonObject:
        """Write the DID document as issuing publishes it."""
        return {
            "id": ISSUER,
            "verificationMethod": [
                {
                    "id": METHOD,
                    "type": "Multikey",
                    "controller": ISSUER,
                    "publicKeyMultibase": self.ed25519.public.multibase,
                },
                {
                    "id": TOKEN_METHOD,
                    "type": "JsonWebKey",
                    "controller": ISSUER,
                    "publicKeyJwk": {**self.p256.public.jwk, "kid": KID},
                },
            ],
            "assertionMethod": [METHOD, TOKEN_METHOD],
        }

    def documents(self, count: int) -> list[JsonObject]:
        """Write unsigned badges, no two alike."""
        whole = credential()
        return [with_texts(whole, SLOTS, row) for row in rows(count)]

    def sign(self, document: JsonObject) -> SignedCredential:
        """Sign a badge by the general path."""
        prepared = prepare(document, verification_method=METHOD, jwt_kid=KID, created=AT, loader=self.loader)
        return sign(prepared, data_integrity=self.ed25519, jwt=self.p256)

    def signed(self, count: int) -> list[bytes]:
        """Give signed badges, no two alike."""
        return [self.sign(document).json_bytes for document in self.documents(count)]

    def sources(self) -> Sources:
        """Give what a verifier offline would be given: DID document, status list, contexts."""
        return Sources(SuppliedResolver([self.did_document()]), _OneList(self._status_list()), self.loader)

    def _status_list(self) -> bytes:
        document = status_list_credential(
            id=LIST_URL,
            issuer=ISSUER,
            purpose="revocation",
            encoded_list=encode(bytes(BitstringList(LIST_LENGTH))),
            valid_from=AT - timedelta(hours=1),
            valid_until=AT + timedelta(days=1),
            ttl_ms=300_000,
        )
        return sign_status_list(
            document, verification_method=METHOD, created=AT, signer=self.ed25519, loader=self.loader
        )

    def pem(self) -> tuple[bytes, bytes]:
        """Give the Ed25519 key as others read it: private and public PEM."""
        key = Ed25519PrivateKey.from_private_bytes(self.ed25519.private_bytes)
        return (
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        )


@dataclass(frozen=True)
class _OneList:
    """A status source that has the one list at hand, as a cache would."""

    raw: bytes

    def fetch(self, _url: str) -> bytes:
        return self.raw


def serialized(documents: Sequence[JsonObject]) -> list[bytes]:
    """Write documents as bytes."""
    return [serialize(document) for document in documents]
