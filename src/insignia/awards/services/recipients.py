"""Who an organization gives badges to: people with an account here, and people it only knows by its own list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.accounts.models import Person
from insignia.awards.models import Recipient
from insignia.awards.rules import person_key
from insignia.foundation.bulk import bulk_insert, ids_take
from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import OpenKey, datakey_draw, datakey_open

if TYPE_CHECKING:
    from insignia.organizations.models import Organization

KEY_COLUMNS = ("id", "public_id", "sealed", "created_at", "destroyed_at")
RECIPIENT_COLUMNS = (
    "id", "public_id", "organization_id", "key", "person_id", "urn", "data_key_id", "name", "email", "language"
)  # fmt: skip


def subject_urn() -> str:
    """Draw the random name by which documents call somebody; it says nothing about them."""
    return f"urn:uuid:{new_id()}"


def recipient_of_person(person: Person, *, organization: Organization) -> Recipient:
    """Find or make the recipient that a person with an account is to this organization."""
    recipient, _ = Recipient.objects.get_or_create(
        organization=organization,
        key=person_key(person.public_id),
        defaults={"person": person, "urn": subject_urn(), "data_key": person.data_key},
    )
    return recipient


@dataclass(frozen=True)
class Listed:
    """Somebody as a school's list has them. `key` is how the school tells them apart, such as a number.

    What is empty the list does not say.
    """

    key: str
    name: str
    email: str
    language: str


@dataclass(frozen=True)
class Known:
    """A recipient that is in the database, with their key open for the length of a chunk."""

    pk: int
    public_id: UUID
    urn: str
    data_key_id: int
    key: OpenKey
    person_id: int | None
    name: str
    address: str
    language: str


def recipients_take(listed: Iterable[Listed], *, organization: Organization, at: datetime) -> Mapping[str, Known]:
    """Find or make the recipients of a chunk, in the caller's transaction; by key, the first of a key counts.

    Of somebody who claimed a badge the account's name and address count, of others what the list says now; what it
    does not say stays as it is known. Who was erased is missing from what is given.

    Raises:
        IntegrityError: another worker made one of them meanwhile.
    """
    wanted: dict[str, Listed] = {}
    for one in listed:
        wanted.setdefault(one.key, one)
    rows = Recipient.objects.filter(organization=organization, key__among=wanted)
    found = {row.key: row for row in rows.select_related("data_key", "person")}
    there = {key: row for key, row in found.items() if row.data_key.sealed is not None}
    _refresh(there.values(), wanted)  # of whoever was erased no list brings the name back
    known = {key: _known(row) for key, row in there.items()}
    return known | _made([one for key, one in wanted.items() if key not in found], organization, at=at)


def _refresh(found: Iterable[Recipient], wanted: Mapping[str, Listed]) -> None:
    changed = []
    for row in found:
        now, known = wanted[row.key], (row.name, row.email, row.language)
        told = (now.name or row.name, now.email or row.email, now.language or row.language)
        if row.person_id is None and told != known:
            row.name, row.email, row.language = told
            changed.append(row)
    if changed:
        # in one order, as whoever holds them does: two runs for the same people would lock each other out
        among = Recipient.objects.select_for_update(no_key=True).filter(pk__among=[row.pk for row in changed])
        list(among.order_by("pk").values_list("pk"))
        Recipient.objects.bulk_update(changed, ["name", "email", "language"])


def _known(row: Recipient) -> Known:
    return Known(
        pk=row.pk,
        public_id=row.public_id,
        urn=row.urn,
        data_key_id=row.data_key_id,
        key=datakey_open(row.data_key),
        person_id=row.person_id,
        name=row.shown_name.strip(),
        address=row.address,
        language=row.mail_language,
    )


def recipients_hold(people: Mapping[str, Known]) -> Mapping[str, Known]:
    """Give the recipients of a chunk as they are now, and keep them so to the end of the caller's transaction.

    Somebody may have claimed an earlier badge since they were taken: then what is made now is theirs too.
    """
    rows = Recipient.objects.select_for_update(no_key=True).filter(pk__among=[one.pk for one in people.values()])
    owners = dict(rows.order_by("pk").values_list("pk", "person_id"))
    tied = [one.pk for one in people.values() if owners[one.pk] != one.person_id]
    if not tied:
        return people
    changed = {row.pk: row for row in Recipient.objects.select_related("person").filter(pk__among=tied)}
    return {key: _with_owner(one, changed[one.pk]) if one.pk in changed else one for key, one in people.items()}


def _with_owner(one: Known, row: Recipient) -> Known:
    name, address, language = row.shown_name.strip(), row.address, row.mail_language
    return replace(one, person_id=row.person_id, name=name, address=address, language=language)


def _made(fresh: list[Listed], organization: Organization, *, at: datetime) -> dict[str, Known]:
    drawn = [datakey_draw() for _ in fresh]
    key_ids, ids = ids_take(DataKey, len(fresh)), ids_take(Recipient, len(fresh))
    keys = zip(key_ids, drawn, strict=True)
    bulk_insert(DataKey, KEY_COLUMNS, [(key_id, new_id(), sealed, at, None) for key_id, (_open, sealed) in keys])
    spoken = organization.language
    known = [
        Known(pk, new_id(), subject_urn(), key_id, key, None, one.name, one.email, one.language or spoken)
        for pk, key_id, (key, _sealed), one in zip(ids, key_ids, drawn, fresh, strict=True)
    ]
    bulk_insert(
        Recipient,
        RECIPIENT_COLUMNS,
        [
            (row.pk, row.public_id, organization.pk, one.key, None, row.urn, row.data_key_id, row.name,
             row.address, row.language)
            for row, one in zip(known, fresh, strict=True)
        ],
    )  # fmt: skip
    return {one.key: row for one, row in zip(fresh, known, strict=True)}


def recipients_of_people(person_ids: Iterable[int], *, organization: Organization) -> None:
    """Make the recipients that these people with accounts are to the organization, where they are missing."""
    known = Recipient.objects.filter(organization=organization, person__isnull=False, key__startswith="person:")
    missing = Person.objects.filter(pk__in=set(person_ids)).exclude(pk__in=known.values("person_id"))
    fresh = [
        Recipient(
            organization=organization,
            key=person_key(person.public_id),
            person=person,
            urn=subject_urn(),
            data_key_id=person.data_key_id,
        )
        for person in missing
    ]
    Recipient.objects.bulk_create(fresh, ignore_conflicts=True)
