"""What can stop a signature. Every one of these leaves the database as it was, or says what it changed."""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Invalid, NotFound, Unavailable


class IssuerNotFound(NotFound):
    """No such issuer, key or list."""

    code = "issuer-not-found"


class IssuerMissing(Conflict):
    """The organization has no issuer yet, so nothing can be signed."""

    code = "issuer-missing"


class IssuerExists(Conflict):
    """The organization has an issuer already; its identity is permanent."""

    code = "issuer-exists"


class OriginUnusable(Conflict):
    """The origin is not a plain scheme and host; it would be wrong for ever."""

    code = "origin-unusable"


class MarkMissing(Unavailable):
    """This machine does not know how far the counters got, so an old copy could not be told apart."""

    code = "mark-missing"


class DatabaseBehindMark(Unavailable):
    """The database is an old copy: signing would use indexes twice and bring revoked badges back."""

    code = "database-behind-mark"


class ReservationNotOpen(Conflict):
    """The reservation is finished, abandoned or quarantined; it is not signed again."""

    code = "reservation-not-open"


class ApprovalWithdrawn(Conflict):
    """What allowed this signature was taken back before it was made."""

    code = "approval-withdrawn"


class KeyActive(Conflict):
    """The key signs now: it is withdrawn by rotating the keys, never alone."""

    code = "key-active"


class KeyRetired(Conflict):
    """The key was retired between reservation and signature."""

    code = "key-retired"


class SignedBytesDiffer(Unavailable):
    """What came back from the signer is not what was reserved; the reservation is quarantined."""

    code = "signed-bytes-differ"


class RevocationIsFinal(Conflict):
    """A revocation bit is never cleared; only a suspension can be lifted."""

    code = "revocation-is-final"


class ListBusy(Unavailable):
    """Other publishers kept winning; the list they published is newer than ours would be."""

    code = "list-busy"


class RecoveryDocumentUnusable(Invalid):
    """A file given to recovery is not a status list that this installation signed."""

    code = "recovery-document-unusable"


class RecoveryListsMissing(Conflict):
    """Lists were published later than any of them that is here; `lists` are their addresses."""

    code = "recovery-lists-missing"


class SignerUnavailable(Unavailable):
    """The signer did not answer. What is reserved stays reserved, and is signed when it does."""

    code = "signer-unavailable"


class SignerMisconfigured(Unavailable):
    """`INSIGNIA_SIGNER` names no signer that this installation has."""

    code = "signer-misconfigured"


class SignerLimitReached(Unavailable):
    """The signer made as many signatures as it may in a day. The others wait."""

    code = "signer-limit-reached"


class KeyNotHeld(Unavailable):
    """The signer does not hold the private half of this key."""

    code = "key-not-held"


class ReservedElsewhere(Conflict):
    """What is reserved names another key than the one recorded beside it; nothing signs that."""

    code = "reserved-elsewhere"


class SigningRefused(Unavailable):
    """The signer refused for a reason of its own, which `reason` names."""

    code = "signing-refused"


class LedgerBroken(Unavailable):
    """The signer's own record does not end as the signer ends it; it goes on only when somebody has looked."""

    code = "ledger-broken"
