"""What the learner decides: who sees the award, who sees which evidence, and which links are open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from insignia.audit.actor import Actor
from insignia.awards.errors import (
    AwardNotFound,
    ConsentMissing,
    EvidenceUnknown,
    LinksNotAllowed,
    ShareExpiryUnusable,
)
from insignia.awards.models import Award, ShareLink
from insignia.awards.rules import SHARE_LONGEST, SHARE_VALIDITY
from insignia.awards.selectors import award_by_id, evidence_of, openness_of
from insignia.awards.services.recording import award_audit, learner_require
from insignia.foundation.ids import new_id
from insignia.foundation.tokens import token_derive, token_hash


@dataclass(frozen=True)
class NewShare:
    """A fresh share and its secret, which is shown once: the database keeps only its hash."""

    share: ShareLink
    token: str

    @property
    def path(self) -> str:
        """Give the path to send to somebody."""
        return share_path(self.share.public_id)


def share_path(public_id: UUID) -> str:
    """Derive the path of a share again, for the one page that shows it to who made it."""
    return f"/s/{_share_token(public_id)}"


def _share_token(public_id: UUID) -> str:
    return token_derive("share", str(public_id))


@transaction.atomic
def visibility_set(*, award_id: UUID, visibility: str, actor: Actor, at: datetime) -> Award:
    """Let nobody, whoever has a link, or everyone see the award.

    Raises:
        AwardNotFound: it is not the actor's.
        ConsentMissing: a minor's award becomes public only with recorded consent.
        LinksNotAllowed: the organization does not let minors share by link.
    """
    award = _own_locked(award_id, actor)
    _allowed_require(award, Award.Visibility(visibility), at=at)
    return _visibility_write(award, visibility, actor=actor, at=at)


def _own_locked(award_id: UUID, actor: Actor) -> Award:
    award = Award.objects.select_for_update().get(pk=award_by_id(award_id).pk)
    learner_require(award, actor)
    return award


def _allowed_require(award: Award, visibility: Award.Visibility, *, at: datetime) -> None:
    openness = openness_of(award, on=at)
    if visibility == Award.Visibility.PUBLIC and not openness.may_be_public:
        raise ConsentMissing("Everyone may see this badge once your guardian has agreed.")
    if visibility == Award.Visibility.LINK and not openness.may_be_linked:
        raise LinksNotAllowed("Your school does not open badges by link before you are 18.")


def _visibility_write(award: Award, visibility: str, *, actor: Actor, at: datetime) -> Award:
    old = award.visibility
    if old != visibility:
        award.visibility = visibility
        award.save(update_fields=["visibility"])
        change = {"old": {"visibility": old}, "new": {"visibility": visibility}}
        award_audit(award, "award.visibility", actor=actor, at=at, **change)
    return award


@transaction.atomic
def evidence_visibility_set(*, award_id: UUID, number: int, shared: bool, actor: Actor, at: datetime) -> Award:
    """Show or hide one piece of evidence to whoever may see the award; new ones are hidden.

    Raises:
        AwardNotFound: it is not the actor's.
        EvidenceUnknown: the award has no piece with this number.
    """
    award = _own_locked(award_id, actor)
    if number not in {piece.number for piece in evidence_of(award)}:
        raise EvidenceUnknown("This badge has no such piece of evidence.")
    old = bool(award.evidence_visibility.get(str(number)))
    if old != shared:
        award.evidence_visibility = {**award.evidence_visibility, str(number): shared}
        award.save(update_fields=["evidence_visibility"])
        change = {"old": {str(number): old}, "new": {str(number): shared}}
        award_audit(award, "award.evidence-visibility", actor=actor, at=at, **change)
    return award


@transaction.atomic
def choices_set(*, award_id: UUID, visibility: str, shown: Collection[int], actor: Actor, at: datetime) -> Award:
    """Decide at once who sees the award and which pieces of evidence they see; pieces not in `shown` are hidden.

    Raises:
        AwardNotFound: it is not the actor's.
        ConsentMissing, LinksNotAllowed: a minor's award does not open that far.
        EvidenceUnknown: the award has no piece with one of these numbers.
    """
    award = visibility_set(award_id=award_id, visibility=visibility, actor=actor, at=at)
    numbers = {piece.number for piece in evidence_of(award)}
    for number in sorted(numbers | set(shown)):
        award = evidence_visibility_set(
            award_id=award_id, number=number, shared=number in shown, actor=actor, at=at
        )
    return award


@transaction.atomic
def share_create(
    *, award_id: UUID, actor: Actor, at: datetime, label: str = "", expires_at: datetime | None = None
) -> NewShare:
    """Make a secret link; a private award opens to links with it. Ends after 90 days unless said otherwise.

    Raises:
        AwardNotFound: it is not the actor's.
        LinksNotAllowed: the organization does not let minors share by link.
        ShareExpiryUnusable: in the past, or more than two years away.
    """
    award = _own_locked(award_id, actor)
    _allowed_require(award, Award.Visibility.LINK, at=at)
    public_id = new_id()
    token = _share_token(public_id)
    share = ShareLink.objects.create(
        public_id=public_id,
        award=award,
        token_hash=token_hash(token),
        label=label.strip()[:120],
        created_at=at,
        expires_at=_expiry_checked(expires_at or at + SHARE_VALIDITY, at=at),
    )
    if award.visibility == Award.Visibility.PRIVATE:
        _visibility_write(award, Award.Visibility.LINK, actor=actor, at=at)
    new = {"share": str(share.public_id), "expires": share.expires_at.isoformat()}
    award_audit(award, "award.share-created", actor=actor, at=at, new=new)
    return NewShare(share=share, token=token)


def _expiry_checked(expires_at: datetime, *, at: datetime) -> datetime:
    if not at < expires_at <= at + SHARE_LONGEST:
        sentence = "Choose an end between tomorrow and two years from now."
        raise ShareExpiryUnusable(sentence, fields={"expires_at": sentence})
    return expires_at


@transaction.atomic
def share_end(*, share_id: UUID, actor: Actor, at: datetime) -> ShareLink:
    """End a link now. Twice is the same as once.

    Raises:
        AwardNotFound: no such link of the actor's.
    """
    share = ShareLink.objects.select_for_update().filter(public_id=share_id).first()
    if share is None:
        raise AwardNotFound("There is no such link among yours.")
    award = share.award
    learner_require(award, actor)
    if share.ended_at is None:
        share.ended_at = at
        share.save(update_fields=["ended_at"])
        award_audit(award, "award.share-ended", actor=actor, at=at, new={"share": str(share_id)})
    return share
