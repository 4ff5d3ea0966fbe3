"""Writing issuing: identities and keys, status lists, reservations and the one sign step."""

from insignia.issuing.services.guard import mark_require
from insignia.issuing.services.issuers import issuer_create, issuer_update, key_rotate
from insignia.issuing.services.recover import RecoveryReport, recover
from insignia.issuing.services.reservations import (
    Frozen,
    approval_grant,
    approval_withdraw,
    reservation_abandon,
    reservation_finish,
    reserve,
    sign_reservation,
    signed_check,
)
from insignia.issuing.services.status import (
    list_publish,
    lists_republish,
    set_with_room,
    slots_take,
    status_change,
    status_change_many,
)

__all__ = [
    "Frozen",
    "RecoveryReport",
    "approval_grant",
    "approval_withdraw",
    "issuer_create",
    "issuer_update",
    "key_rotate",
    "list_publish",
    "lists_republish",
    "mark_require",
    "recover",
    "reservation_abandon",
    "reservation_finish",
    "reserve",
    "set_with_room",
    "sign_reservation",
    "signed_check",
    "slots_take",
    "status_change",
    "status_change_many",
]
