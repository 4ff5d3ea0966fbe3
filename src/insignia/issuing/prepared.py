"""What a reservation holds: the document to be signed, and with its signatures the document as it was signed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from insignia.foundation.sealing import OpenKey, datakey_open
from insignia.issuing.shapes import shape_opened
from insignia.vc.issue import PreparedCredential, SignedCredential, assemble

if TYPE_CHECKING:
    from insignia.issuing.models import Reservation

PREPARED_PURPOSE = "reservation"


def prepared_of(reservation: Reservation, *, key: OpenKey | None = None) -> PreparedCredential:
    """Rebuild what is to be signed, and lint it again: from the values of its shape's holes, or from bytes.

    Raises:
        Erased: the person was erased.
        LintRefused, SignedBytesMismatch: what is stored may not be signed.
    """
    opened = key or datakey_open(reservation.data_key)
    stored = opened.unseal(bytes(reservation.sealed_prepared), purpose=PREPARED_PURPOSE)
    if reservation.shape is None:
        return PreparedCredential.from_stored(stored)
    return shape_opened(reservation.shape).prepare(json.loads(stored), created=reservation.created_at)


def signed_of(
    reservation: Reservation, *, ed25519: bytes, es256: bytes, key: OpenKey | None = None
) -> SignedCredential:
    """Give both secured forms byte for byte as they were signed.

    Raises:
        Erased: the person was erased.
    """
    return assemble(prepared_of(reservation, key=key), ed25519=ed25519, es256=es256)
