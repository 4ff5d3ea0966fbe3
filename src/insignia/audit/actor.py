"""Who did it: a person, a job of ours, or somebody at the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class HasPublicId(Protocol):
    """Anything with a public id; a person, for an actor."""

    public_id: UUID


@dataclass(frozen=True)
class Actor:
    """The one who acts: `kind` is person, recipient, system or command; people are named by opaque id alone."""

    kind: str
    id: UUID | None = None
    name: str = ""

    @classmethod
    def person(cls, person: HasPublicId) -> Actor:
        """Name a signed-in person."""
        return cls("person", id=person.public_id)

    @classmethod
    def program(cls, person: HasPublicId, *, token: str) -> Actor:
        """Name a program that acts for a person, by the visible beginning of its token."""
        return cls("person", id=person.public_id, name=f"API token {token}")

    @classmethod
    def recipient(cls, recipient: HasPublicId) -> Actor:
        """Name whoever holds the link that was mailed to a recipient without an account."""
        return cls("recipient", id=recipient.public_id)

    @classmethod
    def system(cls, name: str) -> Actor:
        """Name one of our own jobs, such as `awards.converge`."""
        return cls("system", name=name)

    @classmethod
    def command(cls, name: str) -> Actor:
        """Name a command an operator ran, such as `insignia demo`."""
        return cls("command", name=name)
