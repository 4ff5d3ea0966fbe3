"""The Resolver port: from an identifier to its controller document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from insignia.vc.did.document import ControllerDocument, parse_controller_document
from insignia.vc.errors import DidUnsupported, Unreachable
from insignia.vc.model.json import JsonObject


class Resolver(Protocol):
    """Somebody who can look an identifier up."""

    def resolve(self, identifier: str) -> ControllerDocument:
        """Give the controller document of a DID or https id (without fragment).

        Raises:
            Unreachable: it could not be asked; this says nothing about the identifier.
            DidUnsupported: another kind of identifier.
            VcError: it answered something unusable.
        """


class SuppliedResolver:
    """Answers from documents the caller supplies, by their own id."""

    def __init__(self, documents: Sequence[JsonObject]) -> None:
        parsed = [parse_controller_document(document) for document in documents]
        self._documents = {document.id: document for document in parsed}

    def resolve(self, identifier: str) -> ControllerDocument:
        """Give the supplied document with this id.

        Raises:
            Unreachable: it was not supplied.
        """
        if identifier not in self._documents:
            raise Unreachable(f"No document was supplied for {identifier[:200]}.", identifier=identifier[:200])
        return self._documents[identifier]


class ChainResolver:
    """Asks one resolver after the other; the first that knows this kind of identifier and reaches it answers."""

    def __init__(self, *resolvers: Resolver) -> None:
        self._resolvers = resolvers

    def resolve(self, identifier: str) -> ControllerDocument:
        """Give the first answer.

        Raises:
            Unreachable: nobody reached it.
            DidUnsupported: nobody knows this kind of identifier.
        """
        last: Unreachable | DidUnsupported = DidUnsupported(
            f"{identifier[:80]} is a kind of identifier that is not resolved here."
        )
        for resolver in self._resolvers:
            try:
                return resolver.resolve(identifier)
            except DidUnsupported:
                continue
            except Unreachable as error:
                last = error
        raise last
