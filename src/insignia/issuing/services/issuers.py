"""Identities and keys: making an organization's issuer, rotating its keys."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from insignia.audit.services import audit_record
from insignia.foundation.ids import new_id
from insignia.issuing.errors import IssuerExists, OriginUnusable
from insignia.issuing.models import Issuer, SigningKey
from insignia.issuing.selectors import keys_retired_with
from insignia.issuing.services.forgotten_keys import keys_keep
from insignia.issuing.services.guard import role_require
from insignia.issuing.services.status import lists_sign_anew, publish_on_commit, set_open
from insignia.issuing.signers import signing_backend
from insignia.vc.keys import Algorithm

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.organizations.models import Organization

ALGORITHMS = (SigningKey.Algorithm.ED25519, SigningKey.Algorithm.P256)


@transaction.atomic
def issuer_create(
    *,
    organization: Organization,
    actor: Actor,
    at: datetime,
    origin: str = "",
    url: str = "",
    email: str = "",
    image: str = "",
) -> Issuer:
    """Give an organization its signing identity: two keys, a set of status lists, an origin for ever.

    Raises:
        NotAllowed: a person who is no owner.
        IssuerExists: it has one already.
        OriginUnusable: the origin is not a plain https scheme and host.
    """
    role_require(actor, organization=organization, role="owner")
    chosen = _origin_checked(origin or organization.origin or settings.INSIGNIA_ORIGIN)
    issuer = _issuer_insert(organization, chosen, url=url, email=email, image=image, at=at)
    organization.origin = chosen
    organization.save(update_fields=["origin"])
    keys = [_key_make(issuer, algorithm, at=at) for algorithm in ALGORITHMS]
    keys_keep()
    status_set = set_open(issuer, number=1, at=at)
    _audit(issuer, "issuer.created", actor, at, {"origin": chosen, "keys": _names(keys)})
    publish_on_commit(status_set, at=at)
    return issuer


def _issuer_insert(
    organization: Organization, origin: str, *, url: str, email: str, image: str, at: datetime
) -> Issuer:
    try:
        with transaction.atomic():
            return Issuer.objects.create(
                organization=organization,
                origin=origin,
                url=url,
                email=email,
                image=image,
                language=organization.language,
                created_at=at,
            )
    except IntegrityError as error:
        raise IssuerExists("This organization has its signing identity already.") from error


def _origin_checked(origin: str) -> str:
    parts = urlsplit(origin)
    plain = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in {"https", "http"} or not parts.hostname or plain != origin or "@" in parts.netloc:
        raise OriginUnusable("The origin is a scheme and a host, such as https://badges.example.org.")
    return origin


@transaction.atomic
def issuer_update(*, issuer: Issuer, actor: Actor, at: datetime, url: str, email: str, image: str) -> Issuer:
    """Change what the issuer's Profile says from now on; signed documents keep what they said.

    Raises:
        NotAllowed: a person who is no owner.
    """
    role_require(actor, organization=issuer.organization, role="owner")
    row = Issuer.objects.select_for_update().select_related("organization").get(pk=issuer.pk)
    old = {"url": row.url, "email": row.email, "image": row.image}
    row.url, row.email, row.image = url, email, image
    row.full_clean(exclude=["organization"])
    row.save(update_fields=["url", "email", "image"])
    _audit(row, "issuer.updated", actor, at, {"url": url, "email": email, "image": image}, old=old)
    return row


@transaction.atomic
def key_rotate(*, issuer: Issuer, actor: Actor, at: datetime, compromised: bool = False) -> tuple[SigningKey, ...]:
    """Retire both active keys and make new ones. The old public keys stay published for ever.

    When they may be in other hands, they vouch for nothing any more: the status lists are signed anew at once.

    Raises:
        NotAllowed: a person who is no owner.
    """
    role_require(actor, organization=issuer.organization, role="owner")
    Issuer.objects.select_for_update().get(pk=issuer.pk)
    retiring = list(SigningKey.objects.filter(issuer=issuer, retired_at__isnull=True))
    for key in retiring:
        key.retired_at, key.compromised_at = at, at if compromised else None
        key.save(update_fields=["retired_at", "compromised_at"])
    keys = tuple(_key_make(issuer, algorithm, at=at) for algorithm in ALGORITHMS)
    keys_keep()
    new = {"keys": _names(keys), "compromised": compromised}
    _audit(issuer, "issuer.keys-rotated", actor, at, new, old={"keys": _names(retiring)})
    if compromised or not retiring:  # without a key they waited for one
        lists_sign_anew(issuer, at=at)
    return keys


@transaction.atomic
def keys_withdraw(*, issuer: Issuer, key_id: UUID, actor: Actor, at: datetime) -> tuple[SigningKey, ...]:
    """Say of keys retired long ago that somebody else may hold them: they vouch for nothing any more.

    The key of this id goes, and whichever was retired together with it; both lay in one place. Twice is the same
    as once. The status lists are signed anew, since one may still carry the old signature.

    Raises:
        NotAllowed: a person who is no owner.
        IssuerNotFound: no such key of this issuer.
        KeyActive: it signs now.
    """
    role_require(actor, organization=issuer.organization, role="owner")
    Issuer.objects.select_for_update().get(pk=issuer.pk)
    together = keys_retired_with(issuer, key_id)
    withdrawn = [key for key in together if key.compromised_at is None]
    for key in withdrawn:
        key.compromised_at = at
        key.save(update_fields=["compromised_at"])
    if withdrawn:
        keys_keep()
        old = {"keys": _names(withdrawn)}
        _audit(issuer, "issuer.keys-withdrawn", actor, at, {"compromised": True}, old=old)
        lists_sign_anew(issuer, at=at)
    return tuple(withdrawn)


def _key_make(issuer: Issuer, algorithm: SigningKey.Algorithm, *, at: datetime) -> SigningKey:
    public_id = new_id()
    made = signing_backend().key_make(public_id, Algorithm(algorithm.value))
    return SigningKey.objects.create(
        public_id=public_id,
        issuer=issuer,
        algorithm=algorithm,
        public_jwk=made.public.jwk,
        public_multibase=made.public.multibase,
        sealed_private=made.sealed_private,
        created_at=at,
    )


def _names(keys: list[SigningKey] | tuple[SigningKey, ...]) -> list[str]:
    return [str(key.public_id) for key in keys]


def _audit(
    issuer: Issuer,
    action: str,
    actor: Actor,
    at: datetime,
    new: dict[str, Any],
    *,
    old: dict[str, Any] | None = None,
) -> None:
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=("issuer", issuer.public_id),
        organization_id=issuer.organization.public_id,
        old=old,
        new=new,
    )
