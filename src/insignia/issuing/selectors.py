"""Reading issuing: identities, keys, lists. All of it is public except the private halves of keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from insignia.audit.selectors import entries_doing, links_about
from insignia.foundation.localized import localized_pick
from insignia.issuing.errors import IssuerMissing, IssuerNotFound, KeyActive
from insignia.issuing.models import (
    Issuer,
    Purpose,
    Reservation,
    SigningKey,
    StatusEvent,
    StatusList,
    StatusSet,
    StatusSlot,
)
from insignia.issuing.rules import INTENDED, INTENDED_TOGETHER, IssuerAddresses, Mark
from insignia.vc.model import Image, Profile
from insignia.vc.status import BitstringList

if TYPE_CHECKING:
    from insignia.organizations.models import Organization
    from insignia.vc.model.json import JsonObject

DID_CONTEXTS = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
)
PROFILE_CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)


def issuer_of(organization: Organization) -> Issuer:
    """Give the organization's issuer.

    Raises:
        IssuerMissing: it has none yet.
    """
    issuer = Issuer.objects.select_related("organization").filter(organization=organization).first()
    if issuer is None:
        raise IssuerMissing("Nothing can be signed yet. Create a key first.")
    return issuer


def issuer_get(public_id: UUID) -> Issuer:
    """Find an issuer by public id.

    Raises:
        IssuerNotFound: there is none.
    """
    issuer = Issuer.objects.select_related("organization").filter(public_id=public_id).first()
    if issuer is None:
        raise IssuerNotFound("There is no such issuer here.")
    return issuer


def issuers_all() -> list[Issuer]:
    """List every issuer of this installation, oldest first."""
    return list(Issuer.objects.select_related("organization").order_by("id"))


def issuer_addresses(issuer: Issuer) -> IssuerAddresses:
    """Give the permanent addresses of an issuer."""
    return IssuerAddresses(origin=issuer.origin, issuer_id=issuer.public_id)


def issuer_name(issuer: Issuer) -> str:
    """Give the issuer's name in the language its documents are written in."""
    return localized_pick(issuer.organization.name, issuer.language)


def issuer_profile(issuer: Issuer) -> Profile:
    """Give the Profile that is written into documents: id the DID, name, address, picture."""
    return Profile(
        id=issuer_addresses(issuer).did,
        type=("Profile",),
        name=issuer_name(issuer),
        url=issuer.url or issuer_addresses(issuer).profile,
        email=issuer.email or None,
        image=Image(id=issuer.image, type="Image") if issuer.image else None,
    )


def keys_of(issuer: Issuer) -> list[SigningKey]:
    """List every key the issuer ever had, oldest first."""
    return list(SigningKey.objects.filter(issuer=issuer).order_by("id"))


def keys_retired_with(issuer: Issuer, key_id: UUID) -> list[SigningKey]:
    """List a retired key and those that were retired together with it.

    Raises:
        IssuerNotFound: no such key of this issuer.
        KeyActive: it signs now.
    """
    key = SigningKey.objects.filter(issuer=issuer, public_id=key_id).first()
    if key is None:
        raise IssuerNotFound("There is no such key here.")
    if key.retired_at is None:
        raise KeyActive("This key signs now. Rotate the keys, and say there that somebody else may hold them.")
    return list(SigningKey.objects.filter(issuer=issuer, retired_at=key.retired_at).order_by("id"))


def key_active(issuer: Issuer, algorithm: str) -> SigningKey:
    """Give the key that signs now.

    Raises:
        IssuerMissing: there is no active key of this kind.
    """
    key = SigningKey.objects.filter(issuer=issuer, algorithm=algorithm, retired_at__isnull=True).first()
    if key is None:
        is_over = SigningKey.objects.filter(issuer=issuer, algorithm=algorithm).exists()
        words = (
            "No key signs any more. Renew the keys."
            if is_over
            else "Nothing can be signed yet. Create a key first."
        )
        raise IssuerMissing(words)
    return key


def did_document(issuer: Issuer) -> JsonObject:
    """Write the DID document (DID Core 1.0, 5; Controlled Identifiers 1.0, 2): every key ever used stays.

    Keys that were retired still vouch for what they signed; a compromised one is marked revoked.
    """
    methods: list[Any] = [_method(issuer, key) for key in keys_of(issuer)]
    return {
        "@context": list(DID_CONTEXTS),
        "id": issuer_addresses(issuer).did,
        "alsoKnownAs": [issuer_addresses(issuer).profile],
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def _method(issuer: Issuer, key: SigningKey) -> JsonObject:
    addresses = issuer_addresses(issuer)
    method: JsonObject = {"id": addresses.method(key.public_id), "controller": addresses.did}
    if key.algorithm == SigningKey.Algorithm.ED25519:
        method |= {"type": "Multikey", "publicKeyMultibase": key.public_multibase}
    else:
        method |= {"type": "JsonWebKey", "publicKeyJwk": _jwk(issuer, key)}
    if key.compromised_at:
        method["revoked"] = key.compromised_at.isoformat().replace("+00:00", "Z")
    return method


def _jwk(issuer: Issuer, key: SigningKey) -> JsonObject:
    return {**key.public_jwk, "kid": issuer_addresses(issuer).key(key.public_id)}


def profile_json(issuer: Issuer) -> JsonObject:
    """Write the public Profile that the issuer's https address answers (Open Badges 3.0, Profile)."""
    did = did_document(issuer)
    profile: JsonObject = {
        "@context": list(PROFILE_CONTEXTS),
        "id": issuer_addresses(issuer).profile,
        "type": ["Profile"],
        "name": issuer_name(issuer),
        "url": issuer.url or issuer_addresses(issuer).profile,
    }
    if issuer.email:
        profile["email"] = issuer.email
    if issuer.image:
        profile["image"] = {"id": issuer.image, "type": "Image"}
    profile["otherIdentifier"] = [
        {"type": "IdentifierEntry", "identifier": did["id"], "identifierType": "ext:did"},
    ]
    return profile


def jwks(issuer: Issuer) -> JsonObject:
    """Write the issuer's key set (RFC 7517, 5), retired keys included."""
    return {"keys": [_jwk(issuer, key) for key in keys_of(issuer)]}


def key_jwk(*, issuer_id: UUID, key_id: UUID) -> JsonObject:
    """Write the one JWK that a token's `kid` address answers.

    Raises:
        IssuerNotFound: no such key of this issuer.
    """
    key = SigningKey.objects.select_related("issuer").filter(public_id=key_id, issuer__public_id=issuer_id).first()
    if key is None:
        raise IssuerNotFound("There is no such key here.")
    return _jwk(key.issuer, key)


def lists_of(issuer: Issuer) -> list[StatusList]:
    """List the issuer's status lists, by set and purpose."""
    return list(StatusList.objects.filter(status_set__issuer=issuer).order_by("status_set__number", "purpose"))


def lists_of_set(status_set: StatusSet) -> list[StatusList]:
    """List the three lists of one set in the order documents name them, without their bits."""
    rows = StatusList.objects.filter(status_set=status_set).defer("bits", "document")
    return sorted(rows, key=lambda row: Purpose.values.index(row.purpose))


def status_document(list_id: UUID) -> bytes:
    """Give a status list credential as it was signed last. Public, and its readers are not logged.

    Raises:
        IssuerNotFound: no such list, or it was never published.
    """
    row = StatusList.objects.filter(public_id=list_id).only("document").first()
    if row is None or not row.document:
        raise IssuerNotFound("There is no such status list here.")
    return bytes(row.document)


def own_document(url: str) -> bytes | JsonObject | None:
    """Answer one of our own addresses from the database: a DID, a DID document's URL or a status list.

    None means that the address is not ours. The installation never asks itself over the network.
    """
    for issuer in issuers_all():
        addresses = issuer_addresses(issuer)
        if url in {addresses.did, f"{addresses.profile}/did.json"}:
            return did_document(issuer)
    prefix, _, name = url.rpartition("/")
    if not prefix.endswith("/status"):
        return None
    row = StatusList.objects.filter(public_id=_uuid(name)).select_related("status_set__issuer").first()
    if row is None or prefix != f"{row.status_set.issuer.origin}/status":
        return None
    return bytes(row.document) or None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # names nothing


def counters_now(*, issuer: Issuer | None = None) -> Mark:
    """Read how far the counters got in the database, of one issuer or of all."""
    sets = StatusSet.objects.all() if issuer is None else StatusSet.objects.filter(issuer=issuer)
    lists = StatusList.objects.filter(status_set__in=sets)
    return Mark(
        reserved={str(public_id): count for public_id, count in sets.values_list("public_id", "reserved")},
        epochs={str(public_id): epoch for public_id, epoch in lists.values_list("public_id", "epoch")},
    )


def sets_lost(mark: Mark, now: Mark) -> tuple[str, ...]:
    """Name the sets that handed out slots once and that this database does not know at all."""
    unknown = {name for name, count in mark.reserved.items() if count and name not in now.reserved}
    if not unknown:
        return ()
    known = StatusSet.objects.filter(public_id__in=unknown).values_list("public_id", flat=True)
    return tuple(sorted(unknown - {str(public_id) for public_id in known}))


def reservation_get(public_id: UUID) -> Reservation:
    """Find a reservation by public id, with everything the signer needs."""
    return (
        Reservation.objects.select_related(
            "issuer__organization", "slot__status_set", "ed25519_key", "p256_key", "approval", "data_key", "shape"
        )
        .defer("shape__compiled")
        .get(public_id=public_id)
    )


def reservation_of(*, origin_kind: str, origin_id: UUID, number: int) -> Reservation | None:
    """Give the reservation of one document of an origin that was not abandoned, if there is one."""
    live = Reservation.objects.exclude(state=Reservation.State.ABANDONED)
    found = live.filter(origin_kind=origin_kind, origin_id=origin_id, document_number=number)
    return found.order_by("id").first()


def intents_counted() -> Counter[UUID]:
    """Count, for each reservation, the rows of the record that announced its signature; the doctor reads all."""
    counts: Counter[UUID] = Counter()
    for kind, subject_id, new in entries_doing(INTENDED):
        counts.update(_announced(kind, subject_id, new))
    return counts


def intent_place(reservation: Reservation) -> int | None:
    """Give the place in the chain of the row that announced a reservation's signature; None while it has none."""
    for link in links_about(reservation.intent_id or reservation.public_id, action=INTENDED):
        entry = link.entry
        if reservation.public_id in _announced(entry.subject_kind, entry.subject_id, entry.new):
            return link.number
    return None


def _announced(kind: str, subject_id: UUID, new: Mapping[str, Any]) -> list[UUID]:
    return [UUID(name) for name in new.get("reservations", [])] if kind == INTENDED_TOGETHER else [subject_id]


def status_on(slot: StatusSlot, purpose: str, *, at: datetime) -> bool:
    """Give the bit of a slot in one of its lists as it stood at a moment in the past."""
    events = StatusEvent.objects.filter(slot=slot, status_list__purpose=purpose, at__lte=at)
    event = events.order_by("-sequence").first()
    return event.value if event else False


def list_bits_on(row: StatusList, *, at: datetime) -> bytes:
    """Give all bits of a list as they stood at a moment in the past, folded from its events."""
    bits = BitstringList(row.status_set.length)
    events = StatusEvent.objects.filter(status_list=row, at__lte=at).order_by("sequence")
    for index, value in events.values_list("slot__index", "value").iterator():
        bits.set(index, value)
    return bytes(bits)


def bits_now() -> dict[tuple[int, str], BitstringList]:
    """Load the bits of every list, by set and purpose; for those who compare all documents with them."""
    rows = StatusList.objects.values_list("status_set", "purpose", "bits")
    return {(set_id, purpose): BitstringList(bytes(bits)) for set_id, purpose, bits in rows}


def status_bit(slot: StatusSlot, purpose: str) -> bool:
    """Give the bit of a slot in one of its lists, as the newest event left it."""
    event = StatusEvent.objects.filter(slot=slot, status_list__purpose=purpose).order_by("-sequence").first()
    return event.value if event else False
