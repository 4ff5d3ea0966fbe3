"""Who a key belongs to: DIDs, controller documents, and the Resolver port."""

from insignia.vc.did.document import ControllerDocument, VerificationMethod, parse_controller_document
from insignia.vc.did.keys import KeyResolver
from insignia.vc.did.resolver import ChainResolver, Resolver, SuppliedResolver
from insignia.vc.did.web import Fetch, WebResolver, did_web_url

__all__ = [
    "ChainResolver",
    "ControllerDocument",
    "Fetch",
    "KeyResolver",
    "Resolver",
    "SuppliedResolver",
    "VerificationMethod",
    "WebResolver",
    "did_web_url",
    "parse_controller_document",
]
