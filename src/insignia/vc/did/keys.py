"""did:key and did:jwk: identifiers that are their own key."""

from __future__ import annotations

from insignia.vc.did.document import ControllerDocument, VerificationMethod
from insignia.vc.errors import DidMalformed, DidUnsupported, VcError
from insignia.vc.keys import PublicKey
from insignia.vc.keys.encoding import base64url_decode
from insignia.vc.limits import parse_object
from insignia.vc.model.json import JsonObject

_SIGNING = frozenset({"assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation"})
_LONGEST = 4096


class KeyResolver:
    """Resolves did:key (W3C CCG did:key 0.9) and did:jwk without asking anybody."""

    def resolve(self, identifier: str) -> ControllerDocument:
        """Read the key out of the identifier.

        Raises:
            DidUnsupported: another DID method.
            DidMalformed: no usable key in it.
        """
        if len(identifier) > _LONGEST:
            raise DidMalformed("The identifier is too long.")
        try:
            if identifier.startswith("did:key:"):
                return _did_key(identifier)
            if identifier.startswith("did:jwk:"):
                return _did_jwk(identifier)
        except DidMalformed:
            raise
        except VcError as error:
            raise DidMalformed(f"The identifier holds no usable key: {error.message}") from error
        raise DidUnsupported(f"{identifier[:80]} is not its own key.")


def _did_key(did: str) -> ControllerDocument:
    multibase = did.removeprefix("did:key:").partition(":")[2] or did.removeprefix("did:key:")
    key = PublicKey.from_multibase(multibase)
    return _document(did, f"{did}#{multibase}", key, _SIGNING)


def _did_jwk(did: str) -> ControllerDocument:
    jwk = parse_object(base64url_decode(did.removeprefix("did:jwk:")))
    purposes = frozenset({"keyAgreement"}) if jwk.get("use") == "enc" else _SIGNING
    return _document(did, f"{did}#0", PublicKey.from_jwk(jwk), purposes)


def _document(did: str, method: str, key: PublicKey, purposes: frozenset[str]) -> ControllerDocument:
    raw: JsonObject = {
        "id": did,
        "verificationMethod": [{"id": method, "controller": did, "publicKeyJwk": key.jwk}],
    }
    return ControllerDocument(did, (VerificationMethod(method, did, key, purposes),), raw)
