"""What every write of this domain does besides: check whose it is, and leave a row in the record."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from insignia.accounts.selectors import person_get
from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.awards.errors import AwardNotFound, ReasonMissing
from insignia.organizations.selectors import permission_require

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.awards.models import Award
    from insignia.organizations.models import Organization


def person_of(actor: Actor) -> Person | None:
    """Load the person who acts; None for jobs and commands of ours."""
    return person_get(actor.id) if actor.kind == "person" and actor.id else None


def registrar_require(actor: Actor, organization: Organization) -> Person | None:
    """Let registrars and owners pass, and our own commands.

    Raises:
        NotFound: the person is no member.
        NotAllowed: a member without the role.
    """
    person = person_of(actor)
    if person is not None:
        permission_require(person=person, organization=organization, role="registrar")
    return person


def learner_require(award: Award, actor: Actor) -> None:
    """Let only the learner pass; to anybody else the award does not exist.

    Raises:
        AwardNotFound: it is not the actor's own.
    """
    if not _is_holder(award, actor) or award.state == award.State.RESERVED:
        raise AwardNotFound("There is no such badge among yours.")


def holder_of(award: Award) -> Actor:
    """Name who holds the award: the learner's account, or whoever the claim link was mailed to."""
    return Actor.person(award.learner) if award.learner else Actor.recipient(award.recipient)


def _is_holder(award: Award, actor: Actor) -> bool:
    return actor == holder_of(award)


def issuer_or_learner_require(award: Award, actor: Actor) -> None:
    """Let the learner pass, and the issuer's registrars."""
    if _is_holder(award, actor):
        return
    registrar_require(actor, award.organization)


def reason_checked(reason: str) -> str:
    """Give the reason without surrounding space.

    Raises:
        ReasonMissing: it is empty or longer than 500 characters.
    """
    text = reason.strip()
    if not text or len(text) > 500:
        sentence = "Write a reason of 1 to 500 characters. Whoever checks the badge reads it."
        raise ReasonMissing(sentence, fields={"reason": sentence})
    return text


def award_audit(
    award: Award,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    personal: dict[str, Any] | None = None,
) -> None:
    """Leave one row about the award, in the caller's transaction."""
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=("award", award.public_id),
        organization_id=award.organization.public_id,
        old=old,
        new=new,
        personal=(award.recipient.data_key, personal) if personal else None,
    )
