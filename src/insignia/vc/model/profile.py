"""Who: profiles, pictures, identities (Open Badges 3.0, B.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from insignia.vc.model.json import Json


@dataclass(frozen=True)
class Image:
    """A picture by its address (B.1.17)."""

    id: str
    type: str = "Image"
    caption: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class IdentifierEntry:
    """Another name of a thing, with its kind (B.1.15)."""

    type: str
    identifier: str
    identifier_type: str
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class IdentityObject:
    """A recipient's identity, hashed or plain (B.1.16). A hash is `sha256$` and 64 hex digits."""

    type: str
    hashed: bool
    identity_hash: str
    identity_type: str
    salt: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """An issuer or creator (B.1.21)."""

    id: str
    type: tuple[str, ...] = ("Profile",)
    name: str | None = None
    url: str | None = None
    description: str | None = None
    email: str | None = None
    image: Image | str | None = None
    other_identifier: tuple[IdentifierEntry, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)
