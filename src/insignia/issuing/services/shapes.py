"""Shapes: documents that differ only in the values of their holes are rehearsed once, whole, for all of them."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from insignia.issuing.models import DocumentShape, Issuer, SigningKey, StatusSet
from insignia.issuing.rules import IssuerAddresses
from insignia.issuing.selectors import issuer_addresses, key_active, lists_of_set
from insignia.issuing.sources import context_loader
from insignia.vc.issue import CredentialShape, ShapeUncompilable
from insignia.vc.status import status_entry

if TYPE_CHECKING:
    from insignia.vc.model.json import JsonObject

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Frozen:
    """What a reservation froze before its document is written: issuer, addresses, status entries, time."""

    issuer: Issuer
    addresses: IssuerAddresses
    status_entries: dict[str, JsonObject]
    created: datetime


@dataclass(frozen=True)
class Slots:
    """The status lists and keys that the documents of one chunk share."""

    issuer: Issuer
    status_set: StatusSet
    list_urls: dict[str, str]
    keys: tuple[SigningKey, SigningKey]
    created: datetime

    def frozen(self, index: int) -> Frozen:
        """Freeze what the document with this index is written with."""
        entries = {
            purpose: status_entry(list_url=url, index=index, purpose=purpose)
            for purpose, url in self.list_urls.items()
        }
        return Frozen(self.issuer, issuer_addresses(self.issuer), entries, self.created)


def slots_of(issuer: Issuer, status_set: StatusSet, *, at: datetime) -> Slots:
    """Collect what the documents reserved in one set now have in common.

    Raises:
        IssuerMissing: the issuer has no active key.
    """
    addresses = issuer_addresses(issuer)
    return Slots(
        issuer=issuer,
        status_set=status_set,
        list_urls={row.purpose: addresses.status_list(row.public_id) for row in lists_of_set(status_set)},
        keys=keys_now(issuer),
        created=at,
    )


def keys_now(issuer: Issuer) -> tuple[SigningKey, SigningKey]:
    """Give the keys that sign now: Ed25519 for the Data Integrity proof, P-256 for the VC-JWT.

    Raises:
        IssuerMissing: one of them is missing.
    """
    return key_active(issuer, SigningKey.Algorithm.ED25519), key_active(issuer, SigningKey.Algorithm.P256)


def shape_of(
    slots: Slots, *, pointers: Sequence[str], render: Callable[[Frozen], JsonObject]
) -> DocumentShape | None:
    """Find or make the shape of the documents that `render` writes; `pointers` name their holes (JSON pointers).

    None means that such documents cannot be compiled: each takes the general path.

    Raises:
        LintRefused: the documents would break a rule of the specification.
    """
    specimen = render(slots.frozen(0))
    name = hashlib.sha256(json.dumps([specimen, *pointers], sort_keys=True).encode()).hexdigest()
    ed25519_key, p256_key = slots.keys
    where = {
        "issuer": slots.issuer,
        "status_set": slots.status_set,
        "ed25519_key": ed25519_key,
        "p256_key": p256_key,
        "name": name,
    }
    found = DocumentShape.objects.filter(**where).defer("compiled").first()
    return found or _made(slots, specimen, tuple(pointers), where)


def _made(
    slots: Slots, specimen: JsonObject, pointers: tuple[str, ...], where: dict[str, object]
) -> DocumentShape | None:
    addresses = issuer_addresses(slots.issuer)
    try:
        compiled = CredentialShape.compile(
            specimen,
            pointers,
            verification_method=addresses.method(slots.keys[0].public_id),
            jwt_kid=addresses.key(slots.keys[1].public_id),
            created=slots.created,
            loader=context_loader(),
        )
    except ShapeUncompilable as error:
        log.warning("documents of issuer %s take the general path: %s", slots.issuer.public_id, error)
        return None
    try:
        with transaction.atomic():
            return DocumentShape.objects.create(**where, compiled=compiled.stored(), created_at=slots.created)
    except IntegrityError:  # another worker was quicker
        return DocumentShape.objects.defer("compiled").get(**where)
