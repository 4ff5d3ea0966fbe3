"""What is signed: the credential, its subject, results and evidence (Open Badges 3.0, B.1; VCDM 2.0, 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from insignia.vc.errors import MalformedCredential
from insignia.vc.model.achievement import Achievement, Alignment
from insignia.vc.model.json import Json, JsonObject
from insignia.vc.model.profile import IdentityObject, Image, Profile


@dataclass(frozen=True)
class Result:
    """What was reached of one result description (B.1.25)."""

    type: tuple[str, ...]
    result_description: str | None = None
    achieved_level: str | None = None
    status: str | None = None
    value: str | None = None
    alignment: tuple[Alignment, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What was shown (B.1.14)."""

    type: tuple[str, ...]
    id: str | None = None
    name: str | None = None
    narrative: str | None = None
    description: str | None = None
    genre: str | None = None
    audience: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class AchievementSubject:
    """Who it is about, and what they achieved (B.1.2)."""

    type: tuple[str, ...]
    achievement: Achievement
    id: str | None = None
    identifier: tuple[IdentityObject, ...] = ()
    activity_start_date: str | None = None
    activity_end_date: str | None = None
    credits_earned: float | None = None
    image: Image | str | None = None
    license_number: str | None = None
    narrative: str | None = None
    result: tuple[Result, ...] = ()
    role: str | None = None
    source: Profile | None = None
    term: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class CredentialStatus:
    """Where to ask whether the credential is still in force (Bitstring Status List 1.0, 2.1)."""

    type: str
    id: str | None = None
    status_purpose: str | None = None
    status_list_index: str | None = None
    status_list_credential: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)

    @classmethod
    def from_entry(cls, entry: JsonObject) -> CredentialStatus:
        """Read an entry as `vc.status.status_entry` makes it.

        Raises:
            MalformedCredential: it has no type.
        """
        known = ("type", "id", "statusPurpose", "statusListIndex", "statusListCredential")
        kind, name, purpose, index, address = (entry.get(member) for member in known)
        if not isinstance(kind, str):
            raise MalformedCredential("A status entry has no type.")
        extra = {member: value for member, value in entry.items() if member not in known}
        return cls(kind, _text(name), _text(purpose), _text(index), _text(address), extra)


@dataclass(frozen=True)
class CredentialSchema:
    """A schema the credential keeps to (VCDM 2.0, 4.11)."""

    id: str
    type: str
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Credential:
    """An `OpenBadgeCredential`. Dates are dateTimeStamp texts, kept as written."""

    context: tuple[str, ...]
    id: str
    type: tuple[str, ...]
    issuer: Profile | str
    valid_from: str
    credential_subject: AchievementSubject
    name: str | None = None
    description: str | None = None
    image: Image | str | None = None
    awarded_date: str | None = None
    valid_until: str | None = None
    evidence: tuple[Evidence, ...] = ()
    credential_status: tuple[CredentialStatus, ...] = ()
    credential_schema: tuple[CredentialSchema, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
