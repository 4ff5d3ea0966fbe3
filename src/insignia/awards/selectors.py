"""Reading awards. Whoever may not see one learns nothing: not that it exists, not whose it is."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from insignia.accounts.models import ConsentPurpose
from insignia.accounts.selectors import consent_current, person_is_minor
from insignia.achievements.rules import content_from_json
from insignia.achievements.selectors import image_get, image_svg
from insignia.awards.decisions import DECISION, judgement_get
from insignia.awards.errors import AwardErased, AwardNotFound, ClaimEnded, ClaimUnusable, ShareEnded
from insignia.awards.models import Award, AwardChange, AwardDocument, AwardHold, ExpiryPolicy, ShareLink
from insignia.awards.rules import EXPIRY_DAYS, EvidenceEntry, Openness, Sight, evidence_listed, sight
from insignia.foundation.sealing import datakey_open, unseal
from insignia.foundation.tokens import token_hash
from insignia.issuing.prepared import signed_of
from insignia.issuing.selectors import reservation_of
from insignia.organizations.selectors import permission_require, roles_of
from insignia.vc.bake import bake_png, bake_svg
from insignia.vc.issue import SignedCredential

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.foundation.models import DataKey
    from insignia.issuing.models import Reservation
    from insignia.organizations.models import Organization
    from insignia.vc.model.json import JsonObject

DOCUMENT_PURPOSE_JSON = "award-document-json"
DOCUMENT_PURPOSE_JWT = "award-document-jwt"
RELATED = ("organization", "learner", "recipient__data_key", "recipient__person", "version__achievement")


@dataclass(frozen=True)
class AwardView:
    """An award, its current document, and in what capacity the viewer sees it."""

    award: Award
    document: AwardDocument
    sight: Sight


def _awards() -> QuerySet[Award]:
    return Award.objects.select_related(*RELATED)


def award_by_id(public_id: UUID) -> Award:
    """Load an award for those who may write; visibility plays no part here.

    Raises:
        AwardNotFound: there is none.
    """
    award = _awards().filter(public_id=public_id).first()
    if award is None:
        raise AwardNotFound("There is no such badge here.")
    return award


def award_of_origin(kind: str, origin_id: UUID) -> Award | None:
    """Give the award that follows from an origin, if it was made."""
    return _awards().filter(origin_kind=kind, origin_id=origin_id).first()


def reservation_open_of(award: Award) -> Reservation | None:
    """Give the reservation of the award's first document that is neither abandoned nor quarantined."""
    return reservation_of(origin_kind=award.origin_kind, origin_id=award.origin_id, number=1)


def openness_of(award: Award, *, on: datetime) -> Openness:
    """Collect what decides who may see the award on this day."""
    learner = award.learner
    return Openness(
        visibility=award.visibility,
        is_minor=is_of_minor(award, on=on),
        has_consent=learner is not None and _has_consent(learner, award),
        links_allowed=award.organization.minors_may_share_links,
    )


def is_of_minor(award: Award, *, on: datetime) -> bool:
    """Say whether the award counts as a minor's on this day, as its organization counts days."""
    today = on.astimezone(ZoneInfo(award.organization.time_zone)).date()
    return award.learner is None or person_is_minor(award.learner, on=today)


def _has_consent(learner: Person, award: Award) -> bool:
    found = consent_current(
        person=learner,
        purpose=ConsentPurpose.PUBLIC_AWARD,
        organization_id=award.organization.public_id,
    )
    return found is not None


def award_public(*, award_id: UUID, viewer: Person | None, on: datetime, share_token: str = "") -> AwardView:
    """Give an award as this viewer may see it, page and machine copies alike.

    Raises:
        AwardNotFound: none, not signed yet, private, or a minor's without consent.
        AwardErased: the person asked to be erased.
    """
    award = _awards().filter(public_id=award_id).exclude(state=Award.State.RESERVED).first()
    if award is None:
        raise AwardNotFound("There is no badge at this address, or its owner keeps it private.")
    if award.recipient.data_key.destroyed_at is not None:
        raise AwardErased("The person this badge belonged to asked us to erase it.")
    capacity = sight(
        openness_of(award, on=on),
        is_learner=viewer is not None and viewer.pk == award.learner_id,
        is_issuer=viewer is not None and _is_issuer(viewer, award),
        has_link=bool(share_token) and _share_opens(award, share_token, on=on),
    )
    if capacity is None:
        raise AwardNotFound("There is no badge at this address, or its owner keeps it private.")
    return AwardView(award=award, document=document_current(award), sight=capacity)


def award_held(award: Award) -> AwardView:
    """Give an award to whoever holds its claim link, as its owner sees it.

    Raises:
        AwardErased: the person asked to be erased.
    """
    if award.recipient.data_key.destroyed_at is not None:
        raise AwardErased("The person this badge belonged to asked us to erase it.")
    return AwardView(award=award, document=document_current(award), sight=Sight.LEARNER)


def _is_issuer(viewer: Person, award: Award) -> bool:
    return "registrar" in roles_of(person=viewer, organization=award.organization)


def _share_opens(award: Award, token: str, *, on: datetime) -> bool:
    live = ShareLink.objects.filter(award=award, ended_at__isnull=True, expires_at__gt=on)
    return live.filter(token_hash=token_hash(token)).exists()


def _documents() -> QuerySet[AwardDocument]:
    rows = AwardDocument.objects.select_related(
        "reservation__slot__status_set", "reservation__ed25519_key", "reservation__shape"
    )
    return rows.defer("reservation__shape__compiled")


def document_current(award: Award) -> AwardDocument:
    """Give the head of the award's chain of documents."""
    return _documents().get(award=award, superseded_at__isnull=True)


def documents_current(award_pks: Collection[int]) -> QuerySet[AwardDocument]:
    """Give the heads of the chains of documents of many awards, in the awards' order."""
    return _documents().filter(award__in=award_pks, superseded_at__isnull=True).order_by("award_id")


def badges_signed_with(key_ids: Collection[UUID]) -> int:
    """Count the awards whose current document was signed with one of these Ed25519 keys."""
    signed = AwardDocument.objects.filter(
        superseded_at__isnull=True, reservation__ed25519_key__public_id__in=key_ids
    )
    return signed.count()


def document_numbered(view: AwardView, number: int) -> AwardView:
    """Give the same view of one document of the award's chain.

    Raises:
        AwardNotFound: it has no such document.
    """
    document = _documents().filter(award=view.award, number=number).first()
    if document is None:
        raise AwardNotFound("This badge has no document with this number.")
    return replace(view, document=document)


def share_open(*, token: str, on: datetime) -> ShareLink:
    """Find the share behind a secret link.

    Raises:
        AwardNotFound: no such link, or the learner closed the award again.
        ShareEnded: the owner ended it, or its time is over.
    """
    share = ShareLink.objects.select_related("award__learner", "award__organization")
    found = share.filter(token_hash=token_hash(token)).first()
    if found is None or found.award.visibility == Award.Visibility.PRIVATE:
        raise AwardNotFound("There is no badge at this address, or its owner keeps it private.")
    if found.ended_at is not None:
        raise ShareEnded("The owner ended this share. Ask them for another.")
    if found.expires_at <= on:
        ended = _day_there(found.award, found.expires_at)
        raise ShareEnded(f"This link ended on {ended}. Ask its owner for another.", ended=ended)
    if not openness_of(found.award, on=on).may_be_linked:
        raise AwardNotFound("There is no badge at this address, or its owner keeps it private.")
    return found


@dataclass(frozen=True)
class CredentialState:
    """What its issuer says of one of our own credentials now, with the reason readers are given."""

    state: str
    since: datetime
    reason: str
    is_replaced: bool
    time_zone: str


def credential_state(credential_id: str) -> CredentialState | None:
    """Look up what became of a credential of ours, by its id; None when it is nobody of ours.

    For verifiers who hold the file: the signed document names the revocation list alone, so a pause shows here.
    """
    award = award_of_credential(credential_id)
    if award is None or award.issued_at is None:
        return None
    change = AwardChange.objects.filter(award=award).order_by("-id").first()
    return CredentialState(
        state=award.state,
        since=change.at if change else award.issued_at,
        reason=change.reason if change else "",
        is_replaced=AwardDocument.objects.filter(award=award, superseded_at__isnull=False).exists(),
        time_zone=award.organization.time_zone,
    )


def award_of_credential(credential_id: str) -> Award | None:
    """Find the award whose credential has this id; None when it is nobody of ours."""
    prefix, _, name = credential_id.rpartition("/awards/")
    try:
        award = _awards().filter(public_id=UUID(name)).first()
    except ValueError:
        return None
    return award if award is not None and award.organization.origin == prefix else None


def shares_of(award: Award) -> list[ShareLink]:
    """List an award's links, newest first; for its learner only."""
    return list(ShareLink.objects.filter(award=award).order_by("-id"))


def shares_by(person: Person) -> list[ShareLink]:
    """List every link a learner made, newest first, with award and badge."""
    rows = ShareLink.objects.filter(award__learner=person)
    return list(rows.select_related("award__version", "award__organization").order_by("-id"))


def claim_open(*, token: str, on: datetime) -> Award:
    """Find the award behind a claim link. Nothing changes: mail scanners open links too.

    Raises:
        ClaimUnusable: no such link, or a newer one replaced it.
        ClaimEnded: its time is over.
    """
    award = _awards().filter(claim_token_hash=token_hash(token)).exclude(state=Award.State.RESERVED).first()
    if award is None:
        raise ClaimUnusable("This link is not in use. A newer one may have replaced it.")
    if award.claim_expires_at <= on:
        ended = _day_there(award, award.claim_expires_at)
        raise ClaimEnded(f"This link ended on {ended}. Your badge is safe; get a new one.", ended=ended)
    return award


def _day_there(award: Award, at: datetime) -> str:
    """Give the day of a moment as the award's organization counts it."""
    return at.astimezone(ZoneInfo(award.organization.time_zone)).date().isoformat()


def awards_of(person: Person) -> list[Award]:
    """List a learner's own awards, newest first."""
    return list(_awards().filter(learner=person).exclude(state=Award.State.RESERVED).order_by("-issued_at", "-id"))


def awards_in(*, organization: Organization, viewer: Person) -> list[Award]:
    """List what an organization gave, newest first, awards being signed included.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    permission_require(person=viewer, organization=organization, role="registrar")
    return list(_awards().filter(organization=organization).order_by("-id"))


def expiry_days_of(organization: Organization) -> tuple[int, ...]:
    """Give how many days before the end an organization has its learners told, longest before first."""
    policy = ExpiryPolicy.objects.filter(organization=organization).first()
    return tuple(policy.days) if policy else EXPIRY_DAYS


def awards_public_recent(*, on: datetime, limit: int = 6) -> list[Award]:
    """List awards in force that everyone may see, newest first."""
    in_force = Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    shown = _awards().filter(in_force, visibility=Award.Visibility.PUBLIC, state=Award.State.ISSUED)
    rows = shown.order_by("-issued_at")
    return [award for award in rows[: limit * 5] if openness_of(award, on=on).may_be_public][:limit]


def holds_in(*, organization: Organization, viewer: Person) -> list[AwardHold]:
    """List the organization's awards on hold, oldest first; they follow from decisions.

    Raises:
        NotFound, NotAllowed: the viewer is no registrar there.
    """
    permission_require(person=viewer, organization=organization, role="registrar")
    holds = AwardHold.objects.filter(organization=organization, origin_kind=DECISION, released_at__isnull=True)
    return list(holds.select_related("held_by").order_by("id"))


def document_json(award: Award, document: AwardDocument) -> JsonObject:
    """Read one signed document of an award, for those who may write; visibility plays no part here."""
    content: JsonObject = json.loads(document_open(document, key=award.recipient.data_key).json_bytes)
    return content


def document_open(document: AwardDocument, *, key: DataKey) -> SignedCredential:
    """Give both secured forms of a document, byte for byte as they were signed.

    Raises:
        Erased: the person was erased.
    """
    if document.ed25519_signature:
        return signed_of(
            document.reservation,
            ed25519=bytes(document.ed25519_signature),
            es256=bytes(document.es256_signature),
            key=datakey_open(key),
        )
    return SignedCredential(
        json_bytes=unseal(bytes(document.sealed_json), key=key, purpose=DOCUMENT_PURPOSE_JSON),
        jwt=unseal(bytes(document.sealed_jwt), key=key, purpose=DOCUMENT_PURPOSE_JWT).decode(),
    )


def award_json(view: AwardView) -> bytes:
    """Give the credential as it was signed, with its Data Integrity proof."""
    return document_open(view.document, key=view.award.recipient.data_key).json_bytes


def award_jwt(view: AwardView) -> str:
    """Give the credential as the VC-JWT that was signed."""
    return document_open(view.document, key=view.award.recipient.data_key).jwt


def award_png(view: AwardView) -> bytes:
    """Bake the credential into the PNG picture of its version (Open Badges 3.0, baking).

    Raises:
        NotFound: the version has no picture.
    """
    return bake_png(bytes(image_get(view.award.version).png), award_json(view))


def award_svg(view: AwardView) -> bytes:
    """Bake the credential into the SVG picture of its version.

    Raises:
        NotFound: the picture was uploaded as PNG; there is no SVG of it.
    """
    return bake_svg(image_svg(view.award.version).encode(), award_json(view))


def evidence_of(award: Award) -> tuple[EvidenceEntry, ...]:
    """List the award's pieces of evidence, numbered as its signed document numbers them."""
    if award.origin_kind != DECISION:
        return ()
    content = content_from_json(award.version.content)
    answered = judgement_get(award.origin_id).answered
    return evidence_listed(content, answered=answered, language=content.language)
