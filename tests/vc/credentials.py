"""A badge, an issuer with two keys and everything a verifier needs to judge them, for the kernel's tests."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from insignia.vc.contexts import CREDENTIALS_V2, OB3_CONTEXT, OB3_EXTENSIONS, ContextLoader
from insignia.vc.did import ChainResolver, KeyResolver, SuppliedResolver
from insignia.vc.errors import Unreachable
from insignia.vc.issue import SignedCredential, prepare, sign, sign_status_list
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.model.json import JsonObject
from insignia.vc.status import BitstringList, encode, status_entry, status_list_credential
from insignia.vc.verify import Policy, Report, Sources, verify, verify_jwt

AT = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
ISSUER = "did:web:badges.example:issuers:1"
METHOD = f"{ISSUER}#ed25519"
TOKEN_METHOD = f"{ISSUER}#p256"
KID = "https://badges.example/issuers/1/keys/p256"
LIST_URL = "https://badges.example/status/1"
INDEX = 4711
LOADER = ContextLoader()
ACHIEVEMENT = "https://badges.example/achievements/7/v1"


def badge() -> JsonObject:
    """Write an unsigned badge with rubric, result, evidence and status."""
    return {
        "@context": [CREDENTIALS_V2, OB3_CONTEXT, OB3_EXTENSIONS],
        "id": "https://badges.example/awards/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": ISSUER, "type": ["Profile"], "name": "Colegio Río Claro"},
        "validFrom": "2026-05-14T09:00:00Z",
        "validUntil": "2028-05-14T09:00:00Z",
        "awardedDate": "2026-05-13T15:30:00+02:00",
        "name": "Scientific communication",
        "credentialSubject": {
            "id": "urn:uuid:0b0f9a52-0d2b-4f0a-9a54-0d0a5cf8bb10",
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": "Itzel 木村", "identityType": "name"}
            ],
            "achievement": {
                "id": ACHIEVEMENT,
                "type": ["Achievement"],
                "achievementType": "MicroCredential",
                "name": "Scientific communication",
                "description": "Explains a finding to people who were not there.",
                "criteria": {"narrative": "A talk, a poster and answers to questions."},
                "image": {
                    "id": "https://badges.example/achievements/7/v1.png",
                    "type": "Image",
                    "caption": "A comet",
                },
                "tag": ["science", "speaking"],
                "version": "1",
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": "Communicates findings",
                        "targetUrl": "https://frameworks.example/items/sc-4",
                        "targetType": "CFItem",
                    }
                ],
                "resultDescription": [
                    {
                        "id": f"{ACHIEVEMENT}#clarity",
                        "type": ["ResultDescription"],
                        "name": "Clarity",
                        "resultType": "RubricCriterionLevel",
                        "requiredLevel": f"{ACHIEVEMENT}#clarity-2",
                        "rubricCriterionLevel": [
                            {
                                "id": f"{ACHIEVEMENT}#clarity-{level}",
                                "type": ["RubricCriterionLevel"],
                                "name": f"Level {level}",
                                "points": str(level),
                            }
                            for level in (1, 2, 3)
                        ],
                    }
                ],
            },
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": f"{ACHIEVEMENT}#clarity",
                    "achievedLevel": f"{ACHIEVEMENT}#clarity-3",
                }
            ],
        },
        "evidence": [
            {
                "id": "https://badges.example/awards/1/evidence/1",
                "type": ["Evidence"],
                "name": "Talk",
                "genre": "Video",
            }
        ],
        "credentialStatus": status_entry(list_url=LIST_URL, index=INDEX, purpose="revocation"),
        "credentialSchema": [
            {
                "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
                "type": "1EdTechJsonSchemaValidator2019",
            }
        ],
    }


@dataclass
class Lists:
    """A status source that knows what it is given and reports what was asked."""

    known: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> bytes:
        """Give a list that is known.

        Raises:
            Unreachable: it is not.
        """
        self.asked.append(url)
        if url not in self.known:
            raise Unreachable(f"{url} did not answer.")
        return self.known[url]


@dataclass
class World:
    """One issuer with its keys, its document and its status list."""

    ed25519: LocalSigner = field(default_factory=lambda: LocalSigner.generate(Algorithm.ED25519))
    p256: LocalSigner = field(default_factory=lambda: LocalSigner.generate(Algorithm.P256))
    lists: Lists = field(default_factory=Lists)
    method_extra: Mapping[str, str] = field(default_factory=dict)
    purposes: tuple[str, ...] = (METHOD, TOKEN_METHOD)

    def did_document(self) -> JsonObject:
        """Write the issuer's DID document, as issuing publishes it."""
        return {
            "id": ISSUER,
            "verificationMethod": [
                {
                    "id": METHOD,
                    "type": "Multikey",
                    "controller": ISSUER,
                    "publicKeyMultibase": self.ed25519.public.multibase,
                    **self.method_extra,
                },
                {
                    "id": TOKEN_METHOD,
                    "type": "JsonWebKey",
                    "controller": ISSUER,
                    "publicKeyJwk": {**self.p256.public.jwk, "kid": KID},
                    **self.method_extra,
                },
            ],
            "assertionMethod": list(self.purposes),
        }

    def sources(self, *more: JsonObject) -> Sources:
        """Give what a verifier offline would be given."""
        resolver = ChainResolver(KeyResolver(), SuppliedResolver([self.did_document(), *more]))
        return Sources(resolver, self.lists, LOADER)

    def sign(self, document: JsonObject) -> SignedCredential:
        """Prepare and sign a badge."""
        prepared = prepare(document, verification_method=METHOD, jwt_kid=KID, created=AT, loader=LOADER)
        return sign(prepared, data_integrity=self.ed25519, jwt=self.p256)

    def publish(self, *revoked: int, url: str = LIST_URL, **changes: object) -> JsonObject:
        """Publish the status list; `changes` replace arguments of the list credential."""
        bits = BitstringList(131_072)
        for index in revoked:
            bits.set(index, value=True)
        arguments: dict[str, object] = {
            "id": url,
            "issuer": ISSUER,
            "purpose": "revocation",
            "encoded_list": encode(bytes(bits)),
            "valid_from": AT - timedelta(hours=1),
            "valid_until": AT + timedelta(days=1),
            "ttl_ms": 300_000,
        } | changes
        document = status_list_credential(**arguments)  # type: ignore[arg-type]  # tests change any argument
        self.lists.known[url] = self.sign_list(document)
        return document

    def sign_list(self, document: JsonObject, signer: LocalSigner | None = None, method: str = METHOD) -> bytes:
        """Sign a status list credential."""
        return sign_status_list(
            document, verification_method=method, created=AT, signer=signer or self.ed25519, loader=LOADER
        )

    def verify(self, raw: bytes, *, at: datetime = AT, policy: Policy | None = None) -> Report:
        """Verify a JSON credential with this world's sources."""
        return verify(raw, at=at, sources=self.sources(), policy=policy)

    def verify_jwt(self, token: str, *, at: datetime = AT, policy: Policy | None = None) -> Report:
        """Verify a token with this world's sources."""
        return verify_jwt(token, at=at, sources=self.sources(), policy=policy)


def without(document: JsonObject, *path: str) -> JsonObject:
    """Copy a document without one member."""
    copied = copy.deepcopy(document)
    holder = copied
    for name in path[:-1]:
        inner = holder[name]
        assert isinstance(inner, dict)
        holder = inner
    del holder[path[-1]]
    return copied
