"""What an award's document says, and nothing else (decisions, "What is permanent").

Ids are addresses under the issuer's origin; the person appears as a random URN and the name they chose, never
with an e-mail address, a birth date or a school number; evidence by its requirement's name alone.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.achievements.rules import content_from_json
from insignia.achievements.selectors import achievement_model
from insignia.awards.rules import Said, evidence_listed, moment
from insignia.issuing.selectors import issuer_profile
from insignia.vc.codec import model_json, to_json
from insignia.vc.model import (
    AchievementSubject,
    Credential,
    CredentialSchema,
    Evidence,
    IdentityObject,
    Result,
)
from insignia.vc.model.moments import moment_read

if TYPE_CHECKING:
    from insignia.achievements.models import AchievementVersion
    from insignia.achievements.rules import AchievementContent
    from insignia.assessment.selectors import EvidencePiece
    from insignia.awards.decisions import Judgement
    from insignia.awards.models import Award
    from insignia.issuing.services import Frozen
    from insignia.vc.model import Achievement
    from insignia.vc.model.json import Json, JsonObject

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
)
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
SCHEMA_TYPE = "1EdTechJsonSchemaValidator2019"


@dataclass(frozen=True)
class DocumentFacts:
    """What a document says besides its badge and its issuer: whose it is, since when, what it rests on.

    `levels` maps criterion id to the level reached; `name` and `narrative` are left out when empty.
    """

    award_id: UUID
    urn: str
    name: str
    awarded_at: datetime
    valid_from: datetime
    valid_until: datetime | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[EvidencePiece, ...] = ()
    narrative: str = ""


def document_facts(award: Award, facts: Judgement) -> DocumentFacts:
    """Collect what the document of an award from a decision says."""
    return DocumentFacts(
        award_id=award.public_id,
        urn=award.recipient.urn,
        name=award.recipient.shown_name.strip(),
        awarded_at=facts.decided_at,
        valid_from=award.valid_from,
        valid_until=award.valid_until,
        levels=facts.levels,
        pieces=facts.pieces,
    )


def award_document(version: AchievementVersion, facts: DocumentFacts, *, frozen: Frozen) -> JsonObject:
    """Write the unsigned credential of an award (Open Badges 3.0, OpenBadgeCredential)."""
    content = content_from_json(version.content)
    achievement = achievement_model(version, origin=frozen.addresses.origin, issuer_id=frozen.addresses.did)
    address = f"{frozen.addresses.origin}/awards/{facts.award_id}"
    credential = Credential(
        context=CONTEXTS,
        id=address,
        type=("VerifiableCredential", "OpenBadgeCredential"),
        name=achievement.name,
        issuer=issuer_profile(frozen.issuer),
        valid_from=moment(facts.valid_from),
        valid_until=moment(facts.valid_until) if facts.valid_until else None,
        awarded_date=moment(facts.awarded_at),
        credential_subject=_subject(facts, achievement),
        evidence=_evidence(content, facts, address=address),
        credential_schema=(CredentialSchema(id=SCHEMA, type=SCHEMA_TYPE),),
        extra=_status(frozen) | _digests(content, facts, address=address),
    )
    return to_json(credential)


def said_by(document: JsonObject) -> Said:
    """Read out of a signed document what a correction may say otherwise."""
    subject = _member(document, "credentialSubject")
    until = document.get("validUntil")
    return Said(
        name=next((name for entry in _entries(subject) if (name := _name_in(entry)) is not None), ""),
        awarded_at=moment_read(str(document["awardedDate"])),
        valid_from=moment_read(str(document["validFrom"])),
        valid_until=moment_read(str(until)) if until is not None else None,
    )


def document_again(document: JsonObject, said: Said, *, frozen: Frozen) -> JsonObject:
    """Write the award's next document: as the signed one, but for what is corrected and for its own status entry.

    It is made from the bytes that were signed, so that nothing else can change with a correction, whatever became
    of the badge, the issuer's profile or the learner's account meanwhile.
    """
    fresh = {name: value for name, value in document.items() if name not in {"proof", "validUntil"}}
    fresh |= {"awardedDate": moment(said.awarded_at), "validFrom": moment(said.valid_from)} | _status(frozen)
    if said.valid_until is not None:
        fresh["validUntil"] = moment(said.valid_until)
    fresh["credentialSubject"] = _renamed(_member(document, "credentialSubject"), said.name)
    return fresh


def _renamed(subject: JsonObject, name: str) -> JsonObject:
    others: list[Json] = [entry for entry in _entries(subject) if _name_in(entry) is None]
    named: list[Json] = [model_json(entry) for entry in _name_entries(name)]
    identifiers = [*named, *others]
    kept = {key: value for key, value in subject.items() if key != "identifier"}
    return kept | {"identifier": identifiers} if identifiers else kept


def _entries(subject: JsonObject) -> list[Json]:
    found = subject.get("identifier", [])
    return found if isinstance(found, list) else [found]


def _name_in(entry: Json) -> str | None:
    is_name = isinstance(entry, dict) and entry.get("identityType") == "name"
    return str(entry.get("identityHash", "")) if isinstance(entry, dict) and is_name else None


def _member(document: JsonObject, name: str) -> JsonObject:
    found = document[name]
    return found if isinstance(found, dict) else {}


def _subject(facts: DocumentFacts, achievement: Achievement) -> AchievementSubject:
    return AchievementSubject(
        id=facts.urn,
        type=("AchievementSubject",),
        identifier=_name_entries(facts.name),
        achievement=achievement,
        narrative=facts.narrative or None,
        result=_results(achievement, facts.levels),
    )


def _name_entries(name: str) -> tuple[IdentityObject, ...]:
    if not name:
        return ()
    return (IdentityObject(type="IdentityObject", hashed=False, identity_hash=name, identity_type="name"),)


def _results(achievement: Achievement, reached: Mapping[str, str]) -> tuple[Result, ...]:
    """Say the level reached for each criterion, by the ids that the version's result descriptions have."""
    found = []
    for description in achievement.result_description:
        levels = {level.id.rpartition("-")[2]: level.id for level in description.rubric_criterion_level}
        level_id = reached.get(description.id.rpartition("-")[2])
        if level_id in levels:
            result = Result(
                type=("Result",),
                result_description=description.id,
                achieved_level=levels[level_id],
                status="Completed",
            )
            found.append(result)
    return tuple(found)


def _evidence(content: AchievementContent, facts: DocumentFacts, *, address: str) -> tuple[Evidence, ...]:
    answered = frozenset(piece.requirement_id for piece in facts.pieces)
    pieces = evidence_listed(content, answered=answered, language=content.language)
    return tuple(
        Evidence(
            id=f"{address}/evidence/{piece.number}",
            type=("Evidence",),
            name=piece.name,
            genre=piece.genre or None,
        )
        for piece in pieces
    )


def _status(frozen: Frozen) -> dict[str, Json]:
    """Name the revocation list alone: the official schema allows a credential one status entry, not several.

    The same index of the suspension and refresh lists is kept and published; our own pages read those too.
    """
    return {"credentialStatus": frozen.status_entries["revocation"]}


def _digests(content: AchievementContent, facts: DocumentFacts, *, address: str) -> dict[str, Json]:
    """Fix the evidence by its hashes (VCDM 2.0, 5.3): shared later, it can be told from anything else.

    The hashed bytes of texts begin with random ones, so that a short text cannot be guessed from its hash.
    """
    places = {wanted.id: number for number, wanted in enumerate(content.requirements, start=1)}
    resources: list[Json] = [
        {
            "id": f"{address}/evidence/{places[piece.requirement_id]}/{piece.number}",
            "digestSRI": "sha256-" + base64.b64encode(bytes.fromhex(piece.sha256)).decode(),
            "mediaType": piece.media_type,
        }
        for piece in facts.pieces
    ]
    return {"relatedResource": resources} if resources else {}
