"""Claiming: the link in the mail needs no account, and opening it changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.awards.errors import AwardNotIssued, ClaimedByAnother, ClaimUnusable
from insignia.awards.models import Award, Recipient
from insignia.awards.rules import CLAIM_VALIDITY
from insignia.awards.selectors import award_by_id, claim_open
from insignia.awards.services.recording import award_audit, holder_of, issuer_or_learner_require, person_of
from insignia.awards.services.showing import choices_set
from insignia.foundation.tokens import token_derive, token_hash
from insignia.outbox.services import message_queue, messages_cancel

if TYPE_CHECKING:
    from insignia.accounts.models import Person

CLAIM = "claim"
GIVEN_TO_ANOTHER = "This badge was given to somebody else. Sign out to keep it from this link."


def claim_token_of(award: Award) -> str:
    """Derive the token of an award's newest claim link."""
    return claim_token(award_id=award.public_id, recipient_id=award.recipient.public_id, serial=award.claim_serial)


def claim_token(*, award_id: UUID, recipient_id: UUID, serial: int) -> str:
    """Derive the claim token; the database holds only its hash, and the mailer derives it again."""
    return token_derive(CLAIM, str(recipient_id), str(award_id), str(serial))


def claim_path(award_public_id: str) -> str:
    """Give the path of an award's claim link, at the moment its mail is written."""
    columns = ("public_id", "recipient__public_id", "claim_serial")
    award_id, recipient_id, serial = Award.objects.values_list(*columns).get(public_id=award_public_id)
    return f"/claim/{claim_token(award_id=award_id, recipient_id=recipient_id, serial=serial)}"


def claim_mails_cancel(award_ids: Collection[UUID], *, at: datetime) -> frozenset[UUID]:
    """Keep the first mails of these awards from ever being sent; name the awards whose mail is out already."""
    keys = {f"award:{award_id}:issued:1": award_id for award_id in award_ids}
    return frozenset(keys[key] for key in messages_cancel(list(keys), at=at))


@transaction.atomic
def award_claim(*, token: str, actor: Actor, at: datetime) -> Award:
    """Keep an award: the holder of the link is its recipient. Twice is the same as once.

    Raises:
        ClaimUnusable: no such link, or a newer one replaced it.
        ClaimEnded: the link's time is over.
        ClaimedByAnother: somebody else is signed in.
    """
    award = Award.objects.select_for_update().get(pk=claim_open(token=token, on=at).pk)
    person = person_of(actor)
    if person is not None and award.learner not in (None, person):
        raise ClaimedByAnother(GIVEN_TO_ANOTHER)
    if person is not None and award.learner is None:
        _tie(award, person, actor=actor, at=at)
    if award.claimed_at is not None:
        return award
    award.claimed_at = at
    award.save(update_fields=["claimed_at"])
    award_audit(award, "award.claimed", actor=actor, at=at, old={"claimed": False}, new={"claimed": True})
    return award


def _tie(award: Award, person: Person, *, actor: Actor, at: datetime) -> None:
    """Tie the recipient to the account that holds the link: all their badges from this organization go along.

    Raises:
        ClaimedByAnother: the recipient is somebody else already, by another badge.
    """
    recipient = Recipient.objects.select_for_update().get(pk=award.recipient_id)
    if recipient.person_id not in (None, person.pk):
        raise ClaimedByAnother(GIVEN_TO_ANOTHER)
    is_new = recipient.person_id is None
    recipient.person = person
    recipient.save(update_fields=["person"])
    Award.objects.filter(recipient=recipient, learner__isnull=True).update(learner=person)
    award.recipient, award.learner = recipient, person
    if is_new:
        _tie_record(award, person, actor=actor, at=at)


def _tie_record(award: Award, person: Person, *, actor: Actor, at: datetime) -> None:
    audit_record(
        actor=actor,
        at=at,
        action="recipient.claimed",
        subject=("recipient", award.recipient.public_id),
        organization_id=award.organization.public_id,
        old={"person": None},
        new={"person": str(person.public_id)},
    )


@transaction.atomic
def claim_choices_set(*, token: str, visibility: str, shown: Collection[int], actor: Actor, at: datetime) -> Award:
    """Let the holder of the claim link decide who sees the award they kept, without an account.

    Raises:
        ClaimUnusable, ClaimEnded, ClaimedByAnother: as for claiming.
        ConsentMissing, LinksNotAllowed, EvidenceUnknown: as for choosing when signed in.
    """
    award = award_claim(token=token, actor=actor, at=at)
    holder = holder_of(award)
    return choices_set(award_id=award.public_id, visibility=visibility, shown=shown, actor=holder, at=at)


@transaction.atomic
def claim_renew(*, award_id: UUID, actor: Actor, at: datetime) -> Award:
    """Replace the claim link by a fresh one and mail it; the old one stops working.

    Raises:
        NotFound: the actor is neither the learner nor a member of the issuer.
        NotAllowed: a member who is no registrar.
        AwardNotIssued: it is still being signed; its first mail is yet to come.
    """
    award = Award.objects.select_for_update().get(pk=award_by_id(award_id).pk)
    issuer_or_learner_require(award, actor)
    if award.state == Award.State.RESERVED:
        raise AwardNotIssued("This badge is being signed. Its mail comes by itself.")
    award.claim_serial += 1
    award.claim_token_hash = token_hash(claim_token_of(award))
    award.claim_expires_at = at + CLAIM_VALIDITY
    award.save(update_fields=["claim_serial", "claim_token_hash", "claim_expires_at"])
    award_audit(award, "award.claim-renewed", actor=actor, at=at, new={"serial": award.claim_serial})
    claim_mail(award, key=f"award:{award.public_id}:claim:{award.claim_serial}", kind="award-claim", at=at)
    return award


def claim_renew_by_link(*, token: str, at: datetime) -> Award:
    """Mail a fresh claim link to the recipient, asked for by whoever holds the old one, ended or not.

    The mail goes only to the recipient, and the old link stops working with it, so that it is asked for once.

    Raises:
        ClaimUnusable: no such link, or a newer one replaced it.
    """
    award = Award.objects.select_related("learner", "recipient").filter(claim_token_hash=token_hash(token)).first()
    if award is None or award.state == Award.State.RESERVED:
        raise ClaimUnusable("This link is not in use. A newer one may have replaced it.")
    return claim_renew(award_id=award.public_id, actor=holder_of(award), at=at)


def claim_mail(award: Award, *, key: str, kind: str, at: datetime) -> None:
    """Queue the mail that carries the claim link, in the caller's transaction."""
    recipient = award.recipient
    message_queue(
        kind=kind,
        key=key,
        recipient=recipient.address,
        language=recipient.mail_language,
        context={
            "badge": award.version.content["name"],
            "organization": award.organization.name,
            "name": recipient.shown_name,
            "award_path": f"/awards/{award.public_id}",
            "days": CLAIM_VALIDITY.days,
        },
        late={"claim_path": ["awards.claim-path", str(award.public_id)]},
        data_key=recipient.data_key,
        organization_id=award.organization.public_id,
        at=at,
    )
