"""May this be signed? Asked again by whoever signs, however often it was asked before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.issuing.errors import ApprovalWithdrawn, KeyRetired, ReservationNotOpen, ReservedElsewhere
from insignia.issuing.models import Approval, Reservation
from insignia.issuing.selectors import issuer_addresses

if TYPE_CHECKING:
    from insignia.vc.issue import PreparedCredential


def signable_require(reservation: Reservation) -> None:
    """Let only a reservation pass that waits, whose approval stands and whose keys are active.

    Raises:
        ReservationNotOpen: finished, abandoned or quarantined.
        ApprovalWithdrawn: what allowed it was taken back.
        KeyRetired: one of its keys was retired since.
    """
    open_require(reservation)
    approval_require(reservation.approval)
    if reservation.ed25519_key.retired_at or reservation.p256_key.retired_at:
        raise KeyRetired("The key was retired before it signed. A new one will sign.")


def open_require(reservation: Reservation) -> None:
    """Let only a reservation pass that waits for its signature.

    Raises:
        ReservationNotOpen: finished, abandoned or quarantined.
    """
    if reservation.state != Reservation.State.RESERVED:
        raise ReservationNotOpen("This document is not waiting for a signature.", state=reservation.state)


def approval_require(approval: Approval) -> None:
    """Refuse what was allowed once and is no more.

    Raises:
        ApprovalWithdrawn: it was taken back.
    """
    if approval.withdrawn_at is not None:
        raise ApprovalWithdrawn("What allowed this badge was withdrawn. Nothing was signed.")


def own_keys_require(reservation: Reservation, prepared: PreparedCredential) -> None:
    """Sign for an issuer with its own keys only, and only a document that names the key recorded beside it.

    Raises:
        ReservedElsewhere: another issuer's key, or another key's name in the document.
    """
    keys = (reservation.ed25519_key, reservation.p256_key)
    named = issuer_addresses(reservation.issuer).method(reservation.ed25519_key.public_id)
    if (
        any(key.issuer_id != reservation.issuer_id for key in keys)
        or prepared.proof_options.get("verificationMethod") != named
    ):
        raise ReservedElsewhere("What is reserved names another key. Nothing was signed.")
