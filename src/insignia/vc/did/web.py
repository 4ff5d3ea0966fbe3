"""did:web (W3C CCG did:web method) and https identifiers, through a fetch that the caller gives."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import unquote

from insignia.vc.did.document import ControllerDocument, VerificationMethod, parse_controller_document
from insignia.vc.errors import DidMalformed, DidTooLarge, DidUnresolvable, DidUnsupported
from insignia.vc.keys import PublicKey
from insignia.vc.limits import DEFAULT_LIMITS, Limits, parse_object
from insignia.vc.model.json import JsonObject

Fetch: TypeAlias = Callable[[str, str], bytes]
"""Gets (url, accept) over https, or raises Unreachable or a limit's error."""

ACCEPT = "application/did+json, application/did+ld+json, application/ld+json, application/json"
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\Z")
# A part of a path. Encoded dots and slashes would walk up or down the path on some servers and not on others.
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~-]|%(?!2[EeFf]|5[Cc]|00)[0-9A-Fa-f]{2})+\Z")
_LONGEST = 2048


def did_web_url(did: str) -> str:
    """Give the https address of a did:web's document.

    Raises:
        DidUnsupported: another DID method.
        DidMalformed: an IP address, a bad port, or characters a did:web cannot have.
    """
    if not did.startswith("did:web:"):
        raise DidUnsupported(f"{did[:80]} is not a did:web.")
    if len(did) > _LONGEST:
        raise DidMalformed(f"The did:web has more than {_LONGEST} characters.")
    host, *path = did.removeprefix("did:web:").split(":")
    if any(not _SEGMENT.match(segment) or segment in {".", ".."} for segment in path):
        raise DidMalformed("The path of the did:web has a part that an address cannot have.")
    base = f"https://{_authority(host)}"
    return f"{base}/{'/'.join(path)}/did.json" if path else f"{base}/.well-known/did.json"


def _authority(encoded: str) -> str:
    host, colon, port = unquote(encoded).partition(":")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536 and len(port) < 6):
        raise DidMalformed("The port of the did:web is not a number.")
    if not _HOST.match(host) or _is_address(host):
        raise DidMalformed("A did:web names a host, not an IP address.")
    return f"{host}:{port}" if colon else host


def _is_address(host: str) -> bool:
    if host.rpartition(".")[2].isdigit() or host.lower().startswith("0x"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class WebResolver:
    """Resolves did:web, https controller documents, and https addresses that answer one bare JWK."""

    def __init__(self, fetch: Fetch, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self._fetch = fetch
        self._limits = limits

    def resolve(self, identifier: str) -> ControllerDocument:
        """Fetch the document and require that it is about this identifier.

        Raises:
            DidUnsupported: neither did:web nor https.
            DidUnresolvable: the answer is about somebody else.
            DidTooLarge: the answer is larger than we read.
            VcError: whatever the fetch or the reading raises.
        """
        url = _url(identifier)
        body = self._fetch(url, ACCEPT)
        if len(body) > self._limits.did_bytes:
            raise DidTooLarge(f"The document has more than {self._limits.did_bytes} bytes.")
        raw = parse_object(body)
        if "kty" in raw:
            return _single_key(identifier, raw)
        document = parse_controller_document(raw, limits=self._limits)
        if document.id != identifier:
            raise DidUnresolvable(f"{url} answers for {document.id[:120]}, not for {identifier[:120]}.")
        return document


def _url(identifier: str) -> str:
    if identifier.startswith("did:web:"):
        return did_web_url(identifier)
    if identifier.startswith("https://") and len(identifier) <= _LONGEST:
        return identifier
    raise DidUnsupported(f"{identifier[:80]} is neither a did:web nor an https address.")


def _single_key(url: str, jwk: JsonObject) -> ControllerDocument:
    method = VerificationMethod(url, url, PublicKey.from_jwk(jwk), frozenset({"assertionMethod"}), jwk)
    return ControllerDocument(url, (method,), jwk)
