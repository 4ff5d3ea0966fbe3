"""Whom an organization knows and what they hold, for long lists of people: a few queries, however many."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models.functions import Lower

from insignia.awards.models import Award, AwardHold, Recipient

if TYPE_CHECKING:
    from insignia.organizations.models import Organization


@dataclass(frozen=True)
class KnownRecipient:
    """A recipient of the organization: the key it is known by, its address as the organization wrote it."""

    pk: int
    key: str
    address: str
    person_id: int | None
    person_public_id: UUID | None
    is_erased: bool


@dataclass(frozen=True)
class Holding:
    """One award of a recipient: where it stands, since when, until when, and what it follows from."""

    recipient_id: int
    state: str
    since: datetime
    until: datetime | None
    origin_id: UUID


KNOWN = ("pk", "key", "lower_email", "person_id", "person__public_id", "data_key__destroyed_at")


def recipients_known(
    *,
    organization: Organization,
    keys: Collection[str] = (),
    addresses: Collection[str] = (),
    person_ids: Collection[int] = (),
) -> list[KnownRecipient]:
    """Find recipients by key, by the address the organization wrote (without regard to case), by their account.

    An equal address says only whom the organization's own list means; it ties nobody to an account.
    """
    ours = Recipient.objects.filter(organization=organization).annotate(lower_email=Lower("email"))
    asked = (
        ("key__among", keys),
        ("lower_email__among", [address.lower() for address in addresses]),
        ("person_id__among", person_ids),
    )
    found: dict[int, KnownRecipient] = {}
    for lookup, values in asked:
        if values:
            for pk, key, address, person_id, person_public_id, erased_at in (
                ours.filter(**{lookup: list(values)}).order_by("pk").values_list(*KNOWN)
            ):
                is_erased = erased_at is not None
                found[pk] = KnownRecipient(pk, key, address, person_id, person_public_id, is_erased)
    return list(found.values())


def holdings_of(*, achievement_id: UUID, recipient_ids: Collection[int]) -> list[Holding]:
    """List what these recipients hold of one badge, any version, in any state."""
    rows = Award.objects.filter(
        version__achievement__public_id=achievement_id, recipient_id__among=list(recipient_ids)
    )
    fields = ("recipient_id", "state", "valid_from", "valid_until", "origin_id")
    return [Holding(*row) for row in rows.order_by("id").values_list(*fields)]


def origins_held(*, organization: Organization, origin_ids: Collection[UUID]) -> frozenset[UUID]:
    """Name, of these origins, those whose award a registrar stopped."""
    rows = AwardHold.objects.filter(
        organization=organization, origin_id__among=list(origin_ids), released_at__isnull=True
    )
    return frozenset(rows.values_list("origin_id", flat=True))


def awards_made(origin_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Give the signed awards that follow from these origins: origin -> award."""
    rows = Award.objects.filter(origin_id__among=list(origin_ids)).exclude(state=Award.State.RESERVED)
    return dict(rows.values_list("origin_id", "public_id"))
