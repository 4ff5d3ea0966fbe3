"""Every error of the kernel, drawn once.

    VcError
    ├── LimitExceeded               an input is larger or costlier than we judge
    │   ├── BodyTooLarge, JsonTooDeep, JsonTooManyNodes, JsonStringTooLong, JsonNumberTooLong
    │   ├── TooManyContexts, TooManyProofs, TooManyParts, TextTooLong
    │   ├── GraphTooLarge, CanonWorkExceeded
    │   ├── DidTooLarge, JwtTooLarge, StatusListTooLarge
    │   ├── ImageTooLarge, PngTextTooLarge, SvgTooComplex
    │   └── FetchTooLarge, FetchTimeout, FetchRedirects, FetchBudgetSpent
    ├── Malformed                   the input is not what it says it is
    │   ├── MalformedJson, DuplicateKey, MalformedCredential
    │   ├── ProofMalformed, JwtMalformed, StatusListMalformed
    │   └── ImageMalformed, CredentialsInImage, KeyMalformed, DidMalformed
    ├── TermsUnsigned               words the signature would not cover
    │   └── ContextUnknown, ContextInline, TermsDropped, RelativeIri
    ├── Unsupported                 well-formed, but nothing we judge
    │   └── KeyUnsupported, DidUnsupported, ProofUnsupported, ImageUnsupported
    ├── Unreachable                 something outside did not answer; says nothing about the badge
    │   └── AddressRefused
    ├── DidUnresolvable             the identifier's own answer cannot be used
    │   └── KeyNotPublished
    ├── SignatureMismatch, SignedBytesMismatch
    ├── LintRefused                 our own rules refuse to sign the document
    └── ShapeUncompilable           the general path knows this document, a template does not

Codes are stable; `data` holds what the sentence names.
"""

from __future__ import annotations

from typing import Any, ClassVar


class VcError(Exception):
    """The root of every error that can leave the kernel."""

    code: ClassVar[str] = "vc-error"

    def __init__(self, message: str, **data: Any) -> None:  # noqa: ANN401  - facts for the sentence, any kind
        super().__init__(message)
        self.message = message
        self.data = data


class LimitExceeded(VcError):
    """An input is larger, deeper or costlier than we judge."""

    code = "limit-exceeded"


class BodyTooLarge(LimitExceeded):
    """The whole input is too large."""

    code = "body-too-large"


class JsonTooDeep(LimitExceeded):
    """JSON nested too deep."""

    code = "json-too-deep"


class JsonTooManyNodes(LimitExceeded):
    """Too many values in one JSON text."""

    code = "json-too-many-nodes"


class JsonStringTooLong(LimitExceeded):
    """One JSON string is too long."""

    code = "json-string-too-long"


class JsonNumberTooLong(LimitExceeded):
    """One JSON number has too many digits."""

    code = "json-number-too-long"


class TooManyContexts(LimitExceeded):
    """Too many JSON-LD contexts."""

    code = "too-many-contexts"


class TooManyProofs(LimitExceeded):
    """Too many proofs on one document."""

    code = "too-many-proofs"


class TooManyParts(LimitExceeded):
    """Too many pictures or pieces of evidence."""

    code = "too-many-parts"


class TextTooLong(LimitExceeded):
    """A name or narrative is too long."""

    code = "text-too-long"


class GraphTooLarge(LimitExceeded):
    """The RDF graph has too many quads or blank nodes."""

    code = "graph-too-large"


class CanonWorkExceeded(LimitExceeded):
    """Canonicalizing would cost too much: too many blank nodes look alike (a poison graph)."""

    code = "canon-work-exceeded"


class DidTooLarge(LimitExceeded):
    """A DID document is too large, or has too many keys."""

    code = "did-too-large"


class JwtTooLarge(LimitExceeded):
    """A token or its header is too large."""

    code = "jwt-too-large"


class StatusListTooLarge(LimitExceeded):
    """A status list inflates to more than we read."""

    code = "status-list-too-large"


class ImageTooLarge(LimitExceeded):
    """A picture has too many bytes, pixels or chunks."""

    code = "image-too-large"


class PngTextTooLarge(LimitExceeded):
    """A PNG text chunk inflates to more than we read."""

    code = "png-text-too-large"


class SvgTooComplex(LimitExceeded):
    """An SVG has too many bytes, elements or levels."""

    code = "svg-too-complex"


class FetchTooLarge(LimitExceeded):
    """An answer from outside was too large."""

    code = "fetch-too-large"


class FetchTimeout(LimitExceeded):
    """An answer from outside took too long."""

    code = "fetch-timeout"


class FetchRedirects(LimitExceeded):
    """An answer from outside led on too often."""

    code = "fetch-redirects"


class FetchBudgetSpent(LimitExceeded):
    """One verification asked too often outside."""

    code = "fetch-budget-spent"


class Malformed(VcError):
    """The input is not what it says it is."""

    code = "malformed"


class MalformedJson(Malformed):
    """Not JSON as RFC 8259 has it, or a number or string that JSON cannot carry."""

    code = "json-malformed"


class DuplicateKey(Malformed):
    """One JSON object names a member twice, so that two readers could read two things."""

    code = "json-duplicate-key"


class MalformedCredential(Malformed):
    """A member of the credential has a shape that Open Badges 3.0 does not allow."""

    code = "credential-malformed"


class ProofMalformed(Malformed):
    """A Data Integrity proof lacks a member or has a wrong one."""

    code = "proof-malformed"


class JwtMalformed(Malformed):
    """Not a compact JWS, or a header that the 1EdTech profile refuses."""

    code = "jwt-malformed"


class StatusListMalformed(Malformed):
    """A status list or an entry of one cannot be read."""

    code = "status-list-malformed"


class ImageMalformed(Malformed):
    """A picture is broken."""

    code = "image-malformed"


class CredentialsInImage(Malformed):
    """A picture holds no credential, or more than one."""

    code = "image-credentials"


class KeyMalformed(Malformed):
    """Bytes or members that are no key."""

    code = "key-malformed"


class DidMalformed(Malformed):
    """A DID, or a controller document, that cannot be read."""

    code = "did-malformed"


class TermsUnsigned(VcError):
    """The document says something that its signature would not cover."""

    code = "terms-unsigned"


class ContextUnknown(TermsUnsigned):
    """A JSON-LD context that is not among the known ones."""

    code = "context-unknown"


class ContextInline(TermsUnsigned):
    """A JSON-LD context written into the document, which could redefine words."""

    code = "context-inline"


class TermsDropped(TermsUnsigned):
    """Members that no context defines, or values that mean nothing, would vanish unsigned."""

    code = "terms-dropped"


class RelativeIri(TermsUnsigned):
    """A relative address, which means something else in every place."""

    code = "relative-iri"


class Unsupported(VcError):
    """Well-formed, but nothing that we judge."""

    code = "unsupported"


class KeyUnsupported(Unsupported):
    """A kind of key we do not use."""

    code = "key-unsupported"


class DidUnsupported(Unsupported):
    """A DID method we do not resolve."""

    code = "did-unsupported"


class ProofUnsupported(Unsupported):
    """A proof format we do not judge."""

    code = "proof-unsupported"


class ImageUnsupported(Unsupported):
    """A picture format, or a badge of an older standard inside one, that we do not read."""

    code = "image-unsupported"


class Unreachable(VcError):
    """Something outside did not answer. It says nothing about the badge."""

    code = "unreachable"


class AddressRefused(Unreachable):
    """An address that we do not go to: inside a private network, or not https."""

    code = "address-refused"


class DidUnresolvable(VcError):
    """What the identifier answered cannot be used."""

    code = "did-unresolvable"


class KeyNotPublished(DidUnresolvable):
    """The issuer does not publish the key that a proof names."""

    code = "key-not-published"


class SignatureMismatch(VcError):
    """A signature does not fit the bytes and the key."""

    code = "signature-mismatch"


class SignedBytesMismatch(VcError):
    """What was signed is not what was reserved."""

    code = "signed-bytes-mismatch"


class LintRefused(VcError):
    """Our own rules refuse to sign this document; `data["findings"]` says why."""

    code = "lint-refused"


class ShapeUncompilable(VcError):
    """No template can be trusted with documents like this one; the general path can."""

    code = "shape-uncompilable"
