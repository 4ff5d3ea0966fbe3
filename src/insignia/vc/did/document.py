"""Controller documents (Controlled Identifiers 1.0, 2; DID Core 1.0, 5): identifiers and their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from insignia.vc.errors import DidMalformed, DidTooLarge, KeyMalformed, KeyUnsupported
from insignia.vc.keys import PublicKey
from insignia.vc.limits import DEFAULT_LIMITS, Limits
from insignia.vc.model.json import Json, JsonObject

PURPOSES = (
    "assertionMethod",
    "authentication",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)


@dataclass(frozen=True)
class VerificationMethod:
    """One key of a controller document; `purposes` are the relationships that list it, `raw` is its entry."""

    id: str
    controller: str
    key: PublicKey
    purposes: frozenset[str]
    raw: Mapping[str, Json] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class ControllerDocument:
    """An identifier with its keys. Keys of kinds we do not use are left out; `raw` has everything."""

    id: str
    methods: tuple[VerificationMethod, ...]
    raw: JsonObject
    also_known_as: tuple[str, ...] = ()

    def method(self, identifier: str) -> VerificationMethod | None:
        """Find a key by its id."""
        return next((method for method in self.methods if method.id == identifier), None)


def parse_controller_document(raw: JsonObject, *, limits: Limits = DEFAULT_LIMITS) -> ControllerDocument:
    """Read a DID document, or an https Profile with keys.

    Raises:
        DidMalformed: no id, or a key entry that is none.
        DidTooLarge: more keys than we read.
    """
    identifier = raw.get("id")
    if not isinstance(identifier, str) or ":" not in identifier:
        raise DidMalformed("The document has no id.")
    purposes: dict[str, set[str]] = {}
    entries: dict[str, JsonObject] = {}
    for purpose, entry in _entries(raw):
        name = _absolute(_name(entry), identifier)
        if isinstance(entry, dict):
            entries.setdefault(name, entry)
        if purpose:
            purposes.setdefault(name, set()).add(purpose)
        if len(entries) > limits.did_keys:
            raise DidTooLarge(f"The document lists more than {limits.did_keys} keys.")
    read = (_method(name, entry, identifier, purposes.get(name, set())) for name, entry in entries.items())
    known = raw.get("alsoKnownAs")
    return ControllerDocument(
        id=identifier,
        methods=tuple(method for method in read if method is not None),
        raw=raw,
        also_known_as=tuple(name for name in known if isinstance(name, str)) if isinstance(known, list) else (),
    )


def _entries(raw: JsonObject) -> Iterator[tuple[str, Json]]:
    for entry in _as_list(raw.get("verificationMethod")):
        yield "", entry
    for purpose in PURPOSES:
        for entry in _as_list(raw.get(purpose)):
            yield purpose, entry


def _as_list(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _name(entry: Json) -> str:
    name = entry.get("id") if isinstance(entry, dict) else entry
    if not isinstance(name, str) or not name:
        raise DidMalformed("A key of the document has no id.")
    return name


def _absolute(name: str, identifier: str) -> str:
    return identifier + name if name.startswith("#") else name


def _method(name: str, entry: JsonObject, identifier: str, purposes: set[str]) -> VerificationMethod | None:
    controller = entry.get("controller", identifier)
    if not isinstance(controller, str):
        raise DidMalformed("The controller of a key is not an identifier.")
    try:
        key = _key(entry)
    except (KeyUnsupported, KeyMalformed):
        return None  # a key we cannot use does no harm until somebody signs with it
    return VerificationMethod(name, controller, key, frozenset(purposes), entry)


def _key(entry: JsonObject) -> PublicKey:
    multibase, jwk = entry.get("publicKeyMultibase"), entry.get("publicKeyJwk")
    if isinstance(multibase, str) and jwk is None:
        return PublicKey.from_multibase(multibase)
    if isinstance(jwk, dict) and multibase is None:
        return PublicKey.from_jwk(jwk)
    raise KeyMalformed("A key has exactly one of publicKeyMultibase and publicKeyJwk.")
