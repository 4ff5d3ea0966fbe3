"""Who signs for this installation: this process, several, a process under its own user, a device."""

from insignia.issuing.signers.choosing import signing_backend
from insignia.issuing.signers.judging import approval_require, open_require, signable_require
from insignia.issuing.signers.port import ListDocument, MadeKey, Refusal, Signatures, SigningBackend
from insignia.issuing.signers.reading import Reading, reservations_read

__all__ = [
    "ListDocument",
    "MadeKey",
    "Reading",
    "Refusal",
    "Signatures",
    "SigningBackend",
    "approval_require",
    "open_require",
    "reservations_read",
    "signable_require",
    "signing_backend",
]
