"""What our own record says of a badge whose key was withdrawn because somebody else may hold it.

Whoever holds a stolen key can write any badge and any date with it, so the key vouches for nothing any more. The
record does: each signature was intended in it before it was made, and its chain shows which rows came before the
key was withdrawn. What the record knew by then is as true as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.audit.selectors import withdrawals_of
from insignia.awards.models import AwardDocument
from insignia.awards.selectors import award_of_credential, document_json
from insignia.issuing.selectors import intent_place

if TYPE_CHECKING:
    from insignia.awards.models import Award
    from insignia.vc.model.json import JsonObject

SECURING = frozenset({"proof", "iss", "sub", "jti", "nbf", "exp", "iat"})
"""What a form of securing adds to a document; the rest is what the document says."""


def logged_before_withdrawal(document: JsonObject) -> bool:
    """Say whether our record knew this very document before its key was withdrawn."""
    award = award_of_credential(str(document.get("id", "")))
    if award is None or award.recipient.data_key.destroyed_at is not None:
        return False
    said = _said(document)
    return any(_said(document_json(award, row)) == said and _came_before(row) for row in _of_old_keys(award))


def _said(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name not in SECURING}


def _of_old_keys(award: Award) -> list[AwardDocument]:
    rows = AwardDocument.objects.filter(award=award, reservation__ed25519_key__compromised_at__isnull=False)
    return list(rows.select_related("reservation__ed25519_key", "reservation__issuer").order_by("number"))


def _came_before(row: AwardDocument) -> bool:
    reservation = row.reservation
    intended = intent_place(reservation)
    withdrawn = withdrawals_of(reservation.issuer.public_id).get(reservation.ed25519_key.public_id)
    return intended is not None and withdrawn is not None and intended < withdrawn
