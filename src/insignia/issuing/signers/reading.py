"""What a signer looks at: reservations read back from the database after they were committed, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from insignia.foundation.models import DataKey
from insignia.foundation.sealing import sealed_open
from insignia.issuing.errors import ReservationNotOpen
from insignia.issuing.models import Approval, DocumentShape, Issuer, Reservation, SigningKey
from insignia.issuing.prepared import prepared_of

if TYPE_CHECKING:
    from insignia.vc.issue import PreparedCredential

_MAKER: Final = object()


class Reading:
    """Committed reservations and what they hold. Only `reservations_read` makes one, so nobody hands in others."""

    def __init__(
        self,
        ids: Sequence[UUID],
        rows: Mapping[UUID, Reservation],
        sealed_keys: Mapping[int, bytes | memoryview | None],
        maker: object,
    ) -> None:
        if maker is not _MAKER:
            raise TypeError("Only reservations_read() makes a Reading.")
        self.ids = tuple(ids)
        self._rows = rows
        self._sealed_keys = sealed_keys
        self._prepared: dict[UUID, PreparedCredential] = {}

    @property
    def issuers(self) -> list[Issuer]:
        """Give the issuers of the reservations, each once."""
        return list({row.issuer_id: row.issuer for row in self._rows.values()}.values())

    def row(self, public_id: UUID) -> Reservation:
        """Give one of the reservations.

        Raises:
            ReservationNotOpen: there was none of this id.
        """
        if public_id not in self._rows:
            raise ReservationNotOpen("This document is not waiting for a signature.", state="unknown")
        return self._rows[public_id]

    def prepared(self, public_id: UUID) -> PreparedCredential:
        """Rebuild and lint what is to be signed; a second look costs nothing.

        Raises:
            Erased: the person was erased.
            LintRefused, SignedBytesMismatch: what is stored may not be signed.
        """
        if public_id not in self._prepared:
            row = self.row(public_id)
            key = sealed_open(self._sealed_keys[row.data_key_id])
            self._prepared[public_id] = prepared_of(row, key=key)
        return self._prepared[public_id]


def reservations_read(ids: Sequence[UUID]) -> Reading:
    """Read reservations, with as many queries for a thousand as for one: what many share is read once."""
    # durable: refuses to run inside another transaction, whose reservations might yet be rolled back
    with transaction.atomic(durable=True):
        rows = list(Reservation.objects.filter(public_id__among=ids))
        sealed = DataKey.objects.filter(pk__among={row.data_key_id for row in rows})
        keys = dict(sealed.values_list("pk", "sealed"))
        for name, found in (
            ("issuer", Issuer.objects.select_related("organization")),
            ("ed25519_key", SigningKey.objects.all()),
            ("p256_key", SigningKey.objects.all()),
            ("approval", Approval.objects.all()),
            ("shape", DocumentShape.objects.defer("compiled")),
        ):
            _attach(rows, name, found)
    return Reading(ids, {row.public_id: row for row in rows}, keys, _MAKER)


def _attach(rows: Sequence[Reservation], name: str, found: QuerySet[Any]) -> None:
    # a descriptor's own checks would cost five times what this does, for each of the rows
    field: Any = Reservation._meta.get_field(name)  # noqa: SLF001  - Django's documented door to a model's fields
    shared = found.in_bulk({getattr(row, field.attname) for row in rows} - {None})
    for row in rows:
        if (key := getattr(row, field.attname)) is not None:
            field.set_cached_value(row, shared[key])
