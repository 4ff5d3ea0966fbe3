"""Issue one badge with the kernel alone: no server, no database.

    python examples/issue_one_badge.py build/example
    insignia verify build/example/badge.svg --offline --did-document build/example/did.json

Writes the signed badge as JSON, as a token and inside a picture, with the issuer's DID document beside it.
"""

# ruff: noqa: T201, TID251  - an example is a door: it prints, and it reads the clock

from __future__ import annotations

import json
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from insignia.vc.bake import bake_svg
from insignia.vc.codec import to_json
from insignia.vc.contexts import CREDENTIALS_V2, OB3_CONTEXT, ContextLoader
from insignia.vc.issue import prepare, sign
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.model import Achievement, AchievementSubject, Credential, Criteria, IdentityObject, Profile
from insignia.vc.model.json import JsonObject
from insignia.vc.model.moments import moment_write

SITE = "https://badges.example"
ISSUER = "did:web:badges.example:issuers:1"
PROOF_KEY, TOKEN_KEY = f"{ISSUER}#proofs", f"{SITE}/issuers/1/keys/tokens"
PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <title>Peer mediation</title>
  <circle cx="32" cy="32" r="30" fill="#245c4f"/>
  <path d="M20 38a12 12 0 0 1 24 0M26 24h12" stroke="#f2d7a0" stroke-width="4" fill="none"/>
</svg>
"""


def write_credential(at: datetime) -> Credential:
    """Say who achieved what, and what they had to show."""
    return Credential(
        context=(CREDENTIALS_V2, OB3_CONTEXT),
        id=f"{SITE}/awards/{uuid.uuid4()}",
        type=("VerifiableCredential", "OpenBadgeCredential"),
        name="Peer mediation",
        issuer=Profile(id=ISSUER, type=("Profile",), name="Dolores Ibarra High"),
        valid_from=moment_write(at),
        credential_subject=AchievementSubject(
            id=uuid.uuid4().urn,
            type=("AchievementSubject",),
            identifier=(
                IdentityObject(
                    type="IdentityObject", hashed=False, identity_hash="Noor Haddad", identity_type="name"
                ),
            ),
            achievement=Achievement(
                id=f"{SITE}/achievements/1/v1",
                type=("Achievement",),
                achievement_type="MicroCredential",
                name="Peer mediation",
                description="Leads two people in conflict to an agreement that both keep.",
                criteria=Criteria(narrative="Two recorded mediations, judged by a rubric, and a reflection."),
            ),
        ),
    )


def write_did_document(proofs: LocalSigner, tokens: LocalSigner) -> JsonObject:
    """Publish the public keys; a real issuer serves this at https://badges.example/issuers/1/did.json."""
    return {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": ISSUER,
        "verificationMethod": [
            {
                "id": PROOF_KEY,
                "type": "Multikey",
                "controller": ISSUER,
                "publicKeyMultibase": proofs.public.multibase,
            },
            {
                "id": TOKEN_KEY,
                "type": "JsonWebKey",
                "controller": ISSUER,
                "publicKeyJwk": {**tokens.public.jwk, "kid": TOKEN_KEY},
            },
        ],
        "assertionMethod": [PROOF_KEY, TOKEN_KEY],
    }


def main(folder: Path) -> None:
    """Rehearse, sign, bake, write."""
    at = datetime.now(UTC).replace(microsecond=0)
    proofs, tokens = LocalSigner.generate(Algorithm.ED25519), LocalSigner.generate(Algorithm.P256)
    prepared = prepare(
        to_json(write_credential(at)),
        verification_method=PROOF_KEY,
        jwt_kid=TOKEN_KEY,
        created=at,
        loader=ContextLoader(),
    )
    signed = sign(prepared, data_integrity=proofs, jwt=tokens)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "badge.json").write_bytes(signed.json_bytes)
    (folder / "badge.jwt").write_text(signed.jwt)
    (folder / "badge.svg").write_bytes(bake_svg(PICTURE, signed.json_bytes))
    (folder / "did.json").write_text(json.dumps(write_did_document(proofs, tokens), indent=2))
    print(f"Issued: {folder}/badge.json, badge.jwt, badge.svg, and did.json to check them with.")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/example"))
