"""A status list as its row has it, signed. Like a reservation it is read by whoever signs it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.issuing.errors import IssuerNotFound
from insignia.issuing.models import SigningKey, StatusList
from insignia.issuing.rules import LIST_TTL_MS, LIST_VALIDITY
from insignia.issuing.selectors import issuer_addresses, key_active
from insignia.issuing.signers.port import ListDocument
from insignia.issuing.sources import context_loader
from insignia.vc.issue import sign_status_list
from insignia.vc.status import encode, status_list_credential

if TYPE_CHECKING:
    from insignia.issuing.signers.port import KeyKeeper


def list_read(list_id: UUID) -> StatusList:
    """Read a list with its bits.

    Raises:
        IssuerNotFound: there is no such list.
    """
    row = (
        StatusList.objects.select_related("status_set__issuer").defer("document").filter(public_id=list_id).first()
    )
    if row is None:
        raise IssuerNotFound("There is no such status list here.")
    return row


def list_signed(row: StatusList, *, keys: KeyKeeper, at: datetime) -> ListDocument:
    """Write the list's credential and sign it with the key that is active now.

    Raises:
        IssuerMissing, KeyNotHeld: there is no key to sign with.
    """
    issuer = row.status_set.issuer
    addresses = issuer_addresses(issuer)
    key = key_active(issuer, SigningKey.Algorithm.ED25519)
    document = status_list_credential(
        id=addresses.status_list(row.public_id),
        issuer=addresses.did,
        purpose=row.purpose,
        encoded_list=encode(bytes(row.bits)),
        valid_from=at,
        valid_until=at + LIST_VALIDITY,
        ttl_ms=LIST_TTL_MS,
    )
    signed = sign_status_list(
        document,
        verification_method=addresses.method(key.public_id),
        created=at,
        signer=keys.signer(key),
        loader=context_loader(),
    )
    return ListDocument(signed, epoch=row.epoch, events=row.event_count)
