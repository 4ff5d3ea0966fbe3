"""Writing issuing: identities and keys, status lists, reservations and the one sign step."""

from insignia.issuing.guard import mark_require, signing_stopped
from insignia.issuing.services.chunks import (
    Intent,
    Refused,
    reservations_finish,
    reservations_lock,
    reservations_open,
    reservations_waiting,
    reserve_many,
)
from insignia.issuing.services.forgotten_keys import keys_keep
from insignia.issuing.services.issuers import issuer_create, issuer_update, key_rotate, keys_withdraw
from insignia.issuing.services.recover import RecoveryReport, recover
from insignia.issuing.services.reservations import (
    approval_grant,
    approval_withdraw,
    reservation_abandon,
    reservation_finish,
    reserve,
    signed_check,
)
from insignia.issuing.services.shapes import Frozen, Slots, shape_of, slots_of
from insignia.issuing.services.signing import SignedReservation, Unsigned, sign_reservation, sign_reservations
from insignia.issuing.services.status import (
    indexes_take,
    list_publish,
    lists_republish,
    set_with_room,
    slots_take,
    status_change,
    status_change_many,
)

__all__ = [
    "Frozen",
    "Intent",
    "RecoveryReport",
    "Refused",
    "Signatures",
    "SignedReservation",
    "Slots",
    "Unsigned",
    "approval_grant",
    "approval_withdraw",
    "indexes_take",
    "issuer_create",
    "issuer_update",
    "key_rotate",
    "keys_keep",
    "keys_withdraw",
    "list_publish",
    "lists_republish",
    "mark_require",
    "recover",
    "reservation_abandon",
    "reservation_finish",
    "reservations_finish",
    "reservations_lock",
    "reservations_open",
    "reservations_waiting",
    "reserve",
    "reserve_many",
    "set_with_room",
    "shape_of",
    "sign_reservation",
    "sign_reservations",
    "signed_check",
    "signing_stopped",
    "slots_of",
    "slots_take",
    "status_change",
    "status_change_many",
]
