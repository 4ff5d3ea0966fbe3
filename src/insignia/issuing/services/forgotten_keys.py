"""Keys that changed after the backup: keep them beside the database, and put back what an older copy forgot.

Only public halves can be put back. A key that is put back is retired: it proves what it signed, and signs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.audit.services import audit_record
from insignia.issuing.keyring import KeptKey, keys_add, keys_kept
from insignia.issuing.models import Issuer, SigningKey
from insignia.issuing.selectors import issuer_addresses
from insignia.issuing.services.reimport import PublishedList

if TYPE_CHECKING:
    from insignia.audit.actor import Actor


@dataclass(frozen=True)
class KeysRecovered:
    """By issuer: how many keys were put back, names of keys nobody knows; and who has none that signs."""

    restored: Mapping[int, int]
    unknown: Mapping[int, tuple[str, ...]]
    keyless: tuple[int, ...]


def keys_keep() -> None:
    """Keep the public half of every key beside the database, before anyone can rely on it or on its end.

    In a transaction that comes to nothing this keeps too much: a key nobody used, or an end that `recover` takes
    for true and asks for new keys. Keeping too little would let a withdrawn key sign.
    """
    rows = SigningKey.objects.select_related("issuer").defer("sealed_private").order_by("id")
    keys_add(_kept(row) for row in rows)


def _kept(row: SigningKey) -> KeptKey:
    return KeptKey(
        public_id=row.public_id,
        issuer_id=row.issuer.public_id,
        algorithm=row.algorithm,
        public_jwk=row.public_jwk,
        public_multibase=row.public_multibase,
        created_at=row.created_at,
        retired_at=row.retired_at,
        compromised_at=row.compromised_at,
    )


def keys_recover(lists: Iterable[PublishedList], *, actor: Actor, at: datetime) -> KeysRecovered:
    """Put back what the database forgot of keys; where a list names one that nobody knows, none signs any more."""
    issuers = {issuer.public_id: issuer for issuer in Issuer.objects.select_related("organization").order_by("id")}
    restored = {issuer.pk: 0 for issuer in issuers.values()}
    rows = {row.public_id: row for row in SigningKey.objects.select_for_update().order_by("id")}
    withdrawn: dict[int, list[UUID]] = {}
    for kept in keys_kept():
        if kept.issuer_id not in issuers:
            continue
        issuer, row = issuers[kept.issuer_id], rows.get(kept.public_id)
        if kept.compromised_at is not None and (row is None or row.compromised_at is None):
            withdrawn.setdefault(issuer.pk, []).append(kept.public_id)
        if row is None:
            _restore(kept, issuer, at=at)
            restored[issuer.pk] += 1
        else:
            _give_up(row, kept)
    for issuer in issuers.values():
        _audit_withdrawn(issuer, withdrawn.get(issuer.pk, []), actor=actor, at=at)
    unknown = _unknown(lists, issuers.values())
    SigningKey.objects.filter(issuer__in=unknown, retired_at__isnull=True).update(retired_at=at)
    active = SigningKey.objects.filter(retired_at__isnull=True).values_list("issuer", flat=True)
    transaction.on_commit(keys_keep)  # a recovery that is refused says nothing of any key
    return KeysRecovered(restored, unknown, tuple(pk for pk in restored if pk not in set(active)))


def _restore(kept: KeptKey, issuer: Issuer, *, at: datetime) -> None:
    SigningKey.objects.create(
        public_id=kept.public_id,
        issuer=issuer,
        algorithm=kept.algorithm,
        public_jwk=kept.public_jwk,
        public_multibase=kept.public_multibase,
        sealed_private=b"",
        created_at=kept.created_at,
        retired_at=kept.retired_at or at,
        compromised_at=kept.compromised_at,
    )


def _give_up(row: SigningKey, kept: KeptKey) -> None:
    now = _kept_as(row, kept)
    if (row.retired_at, row.compromised_at) != now:
        row.retired_at, row.compromised_at = now
        row.save(update_fields=["retired_at", "compromised_at"])


def _kept_as(row: SigningKey, kept: KeptKey) -> tuple[datetime | None, datetime | None]:
    return row.retired_at or kept.retired_at, row.compromised_at or kept.compromised_at


def _unknown(lists: Iterable[PublishedList], issuers: Iterable[Issuer]) -> dict[int, tuple[str, ...]]:
    """Name, by issuer, the keys that signed lists of theirs and that nobody here knows."""
    by_did = {issuer_addresses(issuer).did: issuer for issuer in issuers}
    known = set(SigningKey.objects.values_list("issuer", "public_id"))
    methods = {
        issuer.pk: {issuer_addresses(issuer).method(key) for pk, key in known if pk == issuer.pk}
        for issuer in by_did.values()
    }
    found: dict[int, set[str]] = {}
    for one in lists:
        issuer = by_did.get(one.issuer_did)
        if issuer is not None and one.method not in methods[issuer.pk]:
            found.setdefault(issuer.pk, set()).add(one.method)
    return {pk: tuple(sorted(names)) for pk, names in found.items()}


def _audit_withdrawn(issuer: Issuer, keys: list[UUID], *, actor: Actor, at: datetime) -> None:
    """Say again what was withdrawn: what a withdrawn key still proves here is what stands in the record before."""
    if keys:
        audit_record(
            actor=actor,
            at=at,
            action="issuer.keys-withdrawn",
            subject=("issuer", issuer.public_id),
            organization_id=issuer.organization.public_id,
            old={"keys": [str(key) for key in keys]},
            new={"compromised": True, "recovered": True},
        )
