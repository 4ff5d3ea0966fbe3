"""Finding the key that should have signed, and what its owner's own document says of it.

For an embedded proof (Controlled Identifiers 1.0, 3.3): the verification method, in the document it names.
For a token, always in the issuer's controller document first: the method whose `id` is the token's `kid`; else
the method whose `publicKeyJwk.kid` is; else, for an https `kid` on an https issuer's own host, the one JWK
answered there. That counts only where the document cannot be had or lists no key at all, and if it lies below
the issuer's own address and its `iss` names the issuer: others may have a place on the same host. A `jwk` in
the header says which key to look for; it never vouches for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.errors import KeyNotPublished, VcError
from insignia.vc.keys import PublicKey
from insignia.vc.model.moments import moment_read
from insignia.vc.verify.reading import host_of

if TYPE_CHECKING:
    from insignia.vc.did import ControllerDocument, Resolver, VerificationMethod
    from insignia.vc.model.json import JsonObject

PURPOSE = "assertionMethod"


@dataclass(frozen=True)
class FoundKey:
    """A key, and what the documents of its controller say.

    Attributes:
        unlisted: why the key does not count; None when the issuer's own document lists it for assertions.
        unsure: nothing speaks against the key, but nothing vouches for it either.
    """

    method: VerificationMethod
    unlisted: str | None
    unsure: bool = False

    @property
    def key(self) -> PublicKey:
        """Give the public key."""
        return self.method.key

    def moment(self, name: str) -> datetime | None:
        """Read `expires` or `revoked` of the verification method.

        Raises:
            MalformedCredential: it is there and no moment.
        """
        value = self.method.raw.get(name)
        return None if value is None else moment_read(str(value))


def find_method(name: str, *, issuer_id: str, resolver: Resolver) -> FoundKey:
    """Find the verification method of an embedded proof.

    Raises:
        KeyNotPublished: its document does not have it.
        VcError: the document cannot be had, by name.
    """
    document = resolver.resolve(name.partition("#")[0])
    method = _method(document, name)
    if method is None:
        raise KeyNotPublished(f"{document.id[:200]} does not publish the key {name[-80:]}.")
    return FoundKey(method, _unlisted(document, method, issuer_id, resolver))


def _method(document: ControllerDocument, name: str) -> VerificationMethod | None:
    for method in document.methods:
        if method.id == name:
            return method
    # some software names a did:key without its fragment; there is only one key it can mean
    if name == document.id and name.startswith(("did:key:", "did:jwk:")) and document.methods:
        return document.methods[0]
    return None


def _unlisted(
    document: ControllerDocument, method: VerificationMethod, issuer_id: str, resolver: Resolver
) -> str | None:
    if method.controller != issuer_id:
        return f"The key belongs to {method.controller[:200]}, not to the issuer."
    own = document if document.id == issuer_id else resolver.resolve(issuer_id)
    listed = _method(own, method.id)
    if listed is None or PURPOSE not in listed.purposes or listed.key != method.key:
        return "The issuer does not list the key for signing credentials."
    return None


def find_for_token(header: JsonObject, *, issuer_id: str, resolver: Resolver) -> FoundKey:
    """Find the key of a token by the rule at the top of this file.

    Raises:
        KeyNotPublished: nothing vouches for the key.
        VcError: the issuer's document cannot be had, by name.
    """
    kid, jwk = header.get("kid"), header.get("jwk")
    wanted = PublicKey.from_jwk(jwk) if isinstance(jwk, dict) else None
    if isinstance(kid, str):
        found = _by_kid(kid, issuer_id, resolver)
        if wanted is not None and found.key != wanted:
            raise KeyNotPublished("The token's kid and jwk are two different keys.")
        return found
    document = resolver.resolve(issuer_id)
    for method in document.methods:
        if method.key == wanted:
            return FoundKey(method, _unlisted(document, method, issuer_id, resolver))
    raise KeyNotPublished(f"{issuer_id[:200]} does not publish the key in the token.")


def _by_kid(kid: str, issuer_id: str, resolver: Resolver) -> FoundKey:
    lists_keys = False
    try:
        document = resolver.resolve(issuer_id)
    except VcError:
        if not _same_host(kid, issuer_id):
            raise
    else:
        method = _method(document, kid) or _by_jwk_kid(document, kid)
        if method is not None:
            return FoundKey(method, _unlisted(document, method, issuer_id, resolver))
        lists_keys = bool(document.methods)
    if not _same_host(kid, issuer_id):
        raise KeyNotPublished(f"{issuer_id[:200]} does not publish the key {kid[-80:]}.")
    return _fetched(kid, issuer_id, resolver, may_count=not lists_keys)


def _by_jwk_kid(document: ControllerDocument, kid: str) -> VerificationMethod | None:
    for method in document.methods:
        jwk = method.raw.get("publicKeyJwk")
        if isinstance(jwk, dict) and jwk.get("kid") == kid:
            return method
    return None


def _same_host(kid: str, issuer_id: str) -> bool:
    host = host_of(kid)
    return host is not None and host == host_of(issuer_id)


def _fetched(kid: str, issuer_id: str, resolver: Resolver, *, may_count: bool) -> FoundKey:
    document = resolver.resolve(kid)
    if len(document.methods) != 1:
        raise KeyNotPublished(f"{kid[:200]} does not answer one key.")
    vouched = may_count and _lies_below(kid, issuer_id) and document.raw.get("iss") == issuer_id
    unlisted = None if vouched else "The key lies on the issuer's host, but nothing says that it is the issuer's."
    return FoundKey(document.methods[0], unlisted, unsure=not vouched)


def _lies_below(kid: str, issuer_id: str) -> bool:
    """Say whether an address is a part of the issuer's own, and no question that some program answers."""
    return kid.startswith(issuer_id.rstrip("/") + "/") and not set(kid) & set("?#%") and "/." not in kid
